"""The log of a conversation, read from the recorded wire: as text, and as WebVTT with times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .errors import LearnerError
from .utterances import Utterance, Utterances
from .wire import WireEvent

NOT_TRANSCRIBED = "(spoken, not transcribed)"
FAILED = "(spoken, the transcription failed)"
INTERRUPTED = " – (interrupted)"
_SHORTEST_CUE_MS = 200
_SHORTEST_TO_READ_MS = 1000
_TO_READ_A_LETTER_MS = 60


class TranscriptError(LearnerError, ValueError):
    """It cannot be saved so: one sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one item said. Milliseconds of the sound that the session was sent; `end_ms` > `start_ms`."""

    item_id: str
    who: str
    words: str
    start_ms: float
    end_ms: float
    interrupted: bool = False

    def __str__(self) -> str:
        return f"{self.who}: {self.words}"


class Transcript(list[Line]):
    """The lines of a conversation, in its order. `print` it, `save` it, or read `.webvtt`."""

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "Nothing was said."

    __repr__ = __str__

    @property
    def webvtt(self) -> str:
        """As subtitles. Time zero is the first sample that was sent; no two cues overlap."""
        cues = [
            f"{number}\n{_clock(line.start_ms)} --> {_clock(line.end_ms)}\n<v {line.who}>{_escaped(line.words)}</v>\n"
            for number, line in enumerate(self, 1)
        ]
        return "\n".join(["WEBVTT\n", *cues])

    def save(self, path: str | Path) -> Path:
        """Write a file ending in .txt (the log) or .vtt (subtitles), UTF-8. Returns its path.

        Raises:
            TranscriptError: for another ending.
        """
        path = Path(path)
        kinds = {".txt": lambda: f"{self}\n", ".vtt": lambda: self.webvtt}
        if path.suffix.lower() not in kinds:
            raise TranscriptError(
                f"A transcript is saved as text or as WebVTT, and {path.name!r} says neither: end its name in .txt "
                "or .vtt."
            )
        path.write_text(kinds[path.suffix.lower()](), encoding="utf-8", newline="\n")
        return path


def read_transcript(wire: Iterable[WireEvent]) -> Transcript:
    """Who said what in a recorded conversation, ordered by `previous_item_id`.

    An answer that was interrupted ends with the words that were heard, as `conversation.item.truncate` told. What was
    spoken but has no transcript keeps its place.
    """
    said = Utterances()
    for e in wire:
        said.see(e.event)
    lines = [(each, words) for each in said if (words := _words(each))]
    return Transcript(
        Line(each.item_id, each.who, words, start, end, each.interrupted)
        for (each, words), (start, end) in zip(lines, _times(lines), strict=True)
    )


def _words(said: Utterance) -> str:
    words = " ".join(said.heard.split())
    if said.interrupted:
        return words + INTERRUPTED if words else ""
    if said.failed:
        return FAILED
    if not words and said.who == "User" and said.spoken:
        return NOT_TRANSCRIBED
    return words if said.final or not words else words + " …"


def _times(lines: list[tuple[Utterance, str]]) -> list[tuple[float, float]]:
    """Start and end of every line, one after the other.

    Where two overlap, somebody was interrupted, and the earlier line ends. Where the later one would have to begin
    first (push to talk stops the clock while it listens), it is moved behind.
    """
    times: list[tuple[float, float]] = []
    for said, words in lines:
        start = said.start_ms or 0.0
        end = said.end_ms if said.spoken and said.end_ms is not None else start + _to_read_ms(words)
        length = max(end - start, _SHORTEST_CUE_MS)
        if times and start < times[-1][1]:
            before = times[-1][0]
            if start - before >= _SHORTEST_CUE_MS:
                times[-1] = (before, start)
            else:
                start = times[-1][1]
        times.append((start, start + length))
    return times


def _to_read_ms(words: str) -> float:
    return max(_SHORTEST_TO_READ_MS, _TO_READ_A_LETTER_MS * len(words))


def _clock(ms: float) -> str:
    seconds, ms = divmod(round(ms), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


def _escaped(words: str) -> str:
    """`-->` would end a cue's text, too."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
