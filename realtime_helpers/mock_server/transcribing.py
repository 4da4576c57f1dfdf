"""Input transcription: beside the conversation, for the client's eyes only, as with the real service."""

import asyncio
import logging
from typing import Any

from .item import Item
from .listening import UserTurn
from .responding import Office
from .usage import transcription_usage

log = logging.getLogger(__name__)


class Transcriber:
    def __init__(self, office: Office) -> None:
        self._office = office

    @property
    def partials(self) -> bool:
        """Whether words may be sent while they are still being said. A wrong one could not be taken back."""
        faults = self._office.house.faults
        faulty = faults.transcription_fails or faults.transcription is not None
        return self._wanted and not faulty

    def words(self, turn: UserTurn, words: str) -> None:
        self._emit("delta", turn.item_id, delta=words)

    def begin(self, item: Item, turn: UserTurn) -> None:
        """Transcribe a committed item, if the session wants that."""
        if self._wanted:
            self._office.run(self._transcribe(item, turn))

    @property
    def _wanted(self) -> bool:
        return self._office.config["audio"]["input"]["transcription"] is not None

    async def _transcribe(self, item: Item, turn: UserTurn) -> None:
        house = self._office.house
        await house.clock.sleep(house.faults.transcription_delay_ms / 1000)
        try:
            if house.faults.transcription_fails:
                raise RuntimeError("Input transcription failed for this item: a fault that was asked for.")
            transcript = await asyncio.shield(item.heard)
        except Exception as why:
            if not house.faults.transcription_fails:
                log.exception("The ears failed")
            error = {"type": "server_error", "code": "transcription_failed", "message": str(why), "param": None}
            self._emit("failed", item.id, error=error)
            return
        if house.faults.transcription is not None:
            transcript = house.faults.transcription
        if not self._wanted:  # switched off meanwhile
            return
        transcript = self._send_rest(item, turn, transcript)
        item.body["content"][0]["transcript"] = transcript
        self._emit("completed", item.id, transcript=transcript, usage=self._usage(item, transcript))

    def _usage(self, item: Item, transcript: str) -> dict[str, Any]:
        model = self._office.config["audio"]["input"]["transcription"].get("model") or ""
        return transcription_usage(model, item.audio_ms, transcript)

    def _send_rest(self, item: Item, turn: UserTurn, transcript: str) -> str:
        """The words not yet sent, as one delta. Returns all deltas joined, which `completed` must equal."""
        sent = turn.partials.sent
        rest = turn.partials.finish(transcript)
        if rest is None:  # what was sent cannot be taken back: go on from there
            rest = "".join(" " + word for word in transcript.split()[len(sent.split()) :])
        if rest:
            self._emit("delta", item.id, delta=rest)
        return sent + rest

    def _emit(self, kind: str, item_id: str, **fields: Any) -> None:
        event = f"conversation.item.input_audio_transcription.{kind}"
        self._office.emit(event, item_id=item_id, content_index=0, **fields)
