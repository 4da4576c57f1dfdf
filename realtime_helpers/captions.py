"""Live captions: the last lines of a conversation, changing in place while somebody speaks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import anywidget
import traitlets

from ._bridge import page_module, route_messages
from .utterances import Utterance, Utterances

KEPT = 6  # lines
_LOOK_AGAIN_S = 0.1  # at the loudspeaker: words turn from grey to black as they are heard
_TOLD = {"failed": "(the transcription failed)", "cut": "–"}


class Captions(anywidget.AnyWidget):
    """`display(captions)`, and `captions.show(event)` for every event: the lines appear and grow under that cell.

    What may still change is grey: words of the user that are not final yet, and words of an answer that `listen_to`
    (the loudspeaker) has not yet played. Without `listen_to`, an answer's words are never grey. Lines stand in the
    conversation's order, whatever order their events come in. Where no browser shows them, they are kept all the same.
    """

    _esm = page_module("page.js", "captions.js")
    _css = page_module("widgets.css", "captions.css")

    lines = traitlets.List(help="what the page draws").tag(sync=True)

    def __init__(self, listen_to: Any = None, **kwargs: Any) -> None:
        self._listen_to = listen_to
        self._said = Utterances()
        self._waiting: asyncio.TimerHandle | None = None
        route_messages()
        super().__init__(**kwargs)

    def show(self, event: Any) -> None:
        """Take in one of the service's events. Returns at once."""
        kind = event.type
        if kind == "session.created":  # another conversation
            self._said = Utterances()
        elif kind == "response.output_audio.delta" and self._listen_to is None:
            return
        if self._said.see(event.to_dict()) or kind == "session.created":
            self._paint()

    def clear(self) -> None:
        """No lines."""
        self._said = Utterances()
        self._paint()

    def __str__(self) -> str:
        """In a terminal: what is grey stands in brackets."""
        grey = {line["id"]: line["grey"] and f"[{line['grey']}]" for line in self.lines}
        return "\n".join(f"{each['who']}: {each['words']}{grey[each['id']]}{each['mark']}" for each in self.lines)

    def _paint(self) -> None:
        shown = [line for said in self._said if (line := self._line(said))]
        self.lines = shown[-KEPT:]
        grey = any(line["grey"] for line in self.lines if line["who"] == "Assistant")
        if grey and self._waiting is None:
            with suppress(RuntimeError):  # no loop, as in a script that reads a recorded wire: nobody listens either
                self._waiting = asyncio.get_running_loop().call_later(_LOOK_AGAIN_S, self._look_again)

    def _look_again(self) -> None:
        self._waiting = None
        self._paint()

    def _line(self, said: Utterance) -> dict[str, str | bool] | None:
        words, grey, mark = said.words, "", ""
        if said.who == "User":
            if said.failed:
                words, mark = said.partial, _TOLD["failed"]
            elif not said.final:
                # A voice is heard, but no word yet. Without transcription there will be none: no line.
                words, grey = "", said.partial.strip() or ("…" if self._said.transcribing else "")
        elif said.interrupted:
            words, mark = said.heard, _TOLD["cut"]
        elif said.spoken and self._listen_to is not None:
            words = self._played(said)
            grey = "".join(piece for _, piece in said.pieces)[len(words) :]
        else:
            words = said.words or said.partial
        if not (words or grey or mark):
            return None
        final = said.final and not grey
        return {"id": said.item_id, "who": said.who, "words": words, "grey": grey, "mark": mark, "final": final}

    def _played(self, said: Utterance) -> str:
        """The words that have been heard by now."""
        speaker, whole = self._listen_to, "".join(piece for _, piece in said.pieces)
        if speaker.item_id == said.item_id:
            over = said.final and not speaker.is_playing
            return whole if over else said.said_by(speaker.played_ms)
        later = [each.item_id for each in self._said]
        later = later[later.index(said.item_id) + 1 :]
        return whole if speaker.item_id in later else ""
