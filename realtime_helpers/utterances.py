"""What was said in a conversation, item by item and in its order: what captions show and a transcript keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .story import audio_ms

USER, ASSISTANT = "User", "Assistant"
_ROLES = {"user": USER, "assistant": ASSISTANT}
_TEXT_PARTS = ("input_text", "output_text", "text")


@dataclass(slots=True)
class Utterance:
    """One item that somebody said or wrote.

    `words` are final; `partial` are those that came while the item was still being made. `start_ms` and `end_ms` count
    the sound that the session was sent, as `audio_start_ms` does; `sound_ms` is the length of an answer's own.
    """

    item_id: str
    who: str
    words: str = ""
    partial: str = ""
    pieces: list[tuple[float, str]] = field(default_factory=list)  # of an answer: (ms of its sound before it, words)
    sound_ms: float = 0.0
    start_ms: float | None = None
    end_ms: float | None = None
    spoken: bool = False
    final: bool = False
    failed: bool = False  # it was not to be transcribed
    heard_ms: float | None = None  # how much of an answer had been heard when it was cut
    interrupted: bool = False

    @property
    def heard(self) -> str:
        """The words, but of an interrupted answer only those whose sound had begun when it was cut."""
        if self.heard_ms is None or not self.pieces:
            return self.words or self.partial
        return self.said_by(self.heard_ms)

    def said_by(self, ms: float) -> str:
        """The words of an answer whose sound begins within its first `ms`: an estimate.

        A service sends words ahead of their sound, some by a sentence. So a word is taken to sound where it stands in
        the text, letter by letter, and never before its turn to arrive.
        """
        letters, before, said = sum(len(words) for _, words in self.pieces), 0, ""
        for arrived, words in self.pieces:
            if max(arrived, before / letters * self.sound_ms) >= ms:
                break
            before += len(words)
            said += words
        return said


class Utterances:
    """Fed with every event of a conversation, it knows who has said what, in the order of the conversation's items.

    Events come in another order: a transcript when it is ready, an answer's words before its sound is over. Where an
    item stands, `previous_item_id` says.
    """

    def __init__(self) -> None:
        self.transcribing = False
        self._order: list[str] = []
        self._all: dict[str, Utterance] = {}
        self._appended_ms = self._committed_ms = self._loudspeaker_free_ms = 0.0

    def __iter__(self):
        """In the conversation's order. A turn that is still being spoken comes last."""
        return iter([self._all[item_id] for item_id in self._order if item_id in self._all])

    def get(self, item_id: str | None) -> Utterance | None:
        return self._all.get(item_id or "")

    def see(self, event: dict[str, Any]) -> Utterance | None:
        """Take in an event, sent, received or local. The utterance that it changed, if any."""
        item_id, kind = event.get("item_id") or "", event.get("type", "")
        match kind:
            case "input_audio_buffer.append":
                self._appended_ms += audio_ms({"type": kind, "audio": event.get("audio", "")})
            case "session.created" | "session.updated":
                audio_in = (event["session"].get("audio") or {}).get("input") or {}
                self.transcribing = audio_in.get("transcription") is not None
            case "input_audio_buffer.speech_started":
                said = self._user(item_id)
                said.start_ms = event["audio_start_ms"]
                self._place(item_id, self._order[-1] if self._order else None)
                return said
            case "input_audio_buffer.speech_stopped":
                said = self._user(item_id)
                said.end_ms = event["audio_end_ms"]
                return said
            case "input_audio_buffer.committed":
                return self._committed(item_id, event.get("previous_item_id"))
            case "conversation.item.added":
                return self._added(event["item"], event.get("previous_item_id"))
            case "conversation.item.deleted":
                if item_id in self._order:
                    self._order.remove(item_id)
            case "conversation.item.input_audio_transcription.delta":
                said = self._user(item_id)
                said.partial += event.get("delta") or ""
                return said
            case "conversation.item.input_audio_transcription.completed":
                said = self._user(item_id)
                said.words, said.final, said.failed = (event.get("transcript") or "").strip(), True, False
                return said
            case "conversation.item.input_audio_transcription.failed":
                said = self._user(item_id)
                said.final = said.failed = True
                return said
            case "response.output_audio.delta" if said := self.get(item_id):
                self._sound(said, audio_ms(event))
                return said
            case "response.output_audio_transcript.delta" | "response.output_text.delta" if said := self.get(item_id):
                said.spoken = "audio" in kind
                said.pieces.append((said.sound_ms, event["delta"]))
                said.partial += event["delta"]
                said.start_ms = self._appended_ms if said.start_ms is None else said.start_ms
                return said
            case "response.output_audio_transcript.done" | "response.output_text.done" if said := self.get(item_id):
                said.words, said.final = (event.get("transcript") or event.get("text") or said.partial).strip(), True
                return said
            case "response.output_item.done" if said := self.get(event["item"].get("id")):
                said.interrupted = said.interrupted or event["item"].get("status") == "incomplete"
                return said
            case "speaker.started" if said := self.get(item_id):
                return self._sounds(said)
            case "speaker.cleared" if said := self.get(item_id):
                return self._truncated(said, event["heard_ms"])
            case "conversation.item.truncated" if said := self.get(item_id):
                return self._truncated(said, event["audio_end_ms"])
        return None

    def _user(self, item_id: str) -> Utterance:
        return self._all.setdefault(item_id, Utterance(item_id, USER, spoken=True))

    def _place(self, item_id: str, previous: str | None) -> None:
        """Behind the item that it says it follows; behind all, if that is not known; at the front, if it follows none.

        (`committed` and `conversation.item.added` both say it; an item that is there already moves.)
        """
        if item_id in self._order:
            self._order.remove(item_id)
        if previous is None or previous == "root":
            at = 0
        else:
            at = self._order.index(previous) + 1 if previous in self._order else len(self._order)
        self._order.insert(at, item_id)

    def _committed(self, item_id: str, previous: str | None) -> Utterance:
        said = self._user(item_id)
        if said.start_ms is None:  # push to talk: nobody detected a turn, all since the last commit is one
            said.start_ms, said.end_ms = self._committed_ms, self._appended_ms
        self._committed_ms = self._appended_ms
        self._place(item_id, previous)
        return said

    def _added(self, item: dict[str, Any], previous: str | None) -> Utterance | None:
        item_id = item.get("id") or ""
        self._place(item_id, previous)
        who = _ROLES.get(item.get("role") or "")
        if item.get("type") != "message" or who is None:
            return None  # a function call holds a place in the order, and says nothing
        said = self._all.setdefault(item_id, Utterance(item_id, who))
        parts = item.get("content") or []
        written = " ".join(part.get("text") or "" for part in parts if part.get("type") in _TEXT_PARTS).strip()
        if written:
            said.words, said.final = written, True
        said.spoken = said.spoken or any(part.get("type") == "input_audio" for part in parts)
        if said.start_ms is None and who == USER:
            said.start_ms = self._appended_ms
        return said

    def _sound(self, said: Utterance, ms: float) -> None:
        if not said.sound_ms:  # it sounds when it comes, or when the loudspeaker is done with the one before it
            said.start_ms = max(self._appended_ms, self._loudspeaker_free_ms)
        said.sound_ms += ms
        said.end_ms = self._loudspeaker_free_ms = (said.start_ms or 0.0) + said.sound_ms

    def _sounds(self, said: Utterance) -> Utterance:
        """The loudspeaker says so, which is better than reckoning."""
        said.start_ms = self._appended_ms
        said.end_ms = self._loudspeaker_free_ms = said.start_ms + said.sound_ms
        return said

    def _truncated(self, said: Utterance, heard_ms: float) -> Utterance:
        said.heard_ms, said.interrupted = heard_ms, True
        if said.start_ms is not None:
            said.end_ms = self._loudspeaker_free_ms = said.start_ms + heard_ms
        return said
