"""What a recorded caller says, and when: notebooks/recordings/NAME/script.toml and its WAV files.

    [[line]]
    text = "Good morning, professor. [350] Why is the sky blue?"   # [350]: so many ms of silence
    wav = "line_1.wav"        # this is the default for the first line
    after = "start"

A line's cue is one of
    after = "start"           at once (the first line only; the default there)
    after = "reply"           the loudspeaker has said something and fallen quiet; without one, a response is over
    after_ms = 1200           so long after the line before; beside `after`, so much later than that
    interrupt_ms = 900        into the reply, once so much of it was heard
and `[hang_up]` takes `after = "reply"`, `after_ms`, or both. Milliseconds are life's.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .audio import float_to_pcm16, read_audio
from .errors import LearnerError

SCRIPT = "script.toml"
_PAUSE = re.compile(r"\s*\[(\d+)\]\s*")
_LINE_FIELDS = {"text", "wav", "after", "after_ms", "interrupt_ms"}


class RecordingError(LearnerError, ValueError):
    """No such recording, or one that cannot be read: one sentence."""


@dataclass(frozen=True, slots=True)
class Cue:
    """When to speak. `reply`: when the loudspeaker has answered; `delay_ms` after that, or after the line before."""

    reply: bool = False
    delay_ms: int = 0
    interrupt_ms: int | None = None


@dataclass(frozen=True)
class Line:
    """One line of a caller: its cue, its words, its sound."""

    text: str
    wav: Path
    cue: Cue

    @property
    def pieces(self) -> list[tuple[str, int]]:
        """The words between two pauses, each with the ms of silence that follow it."""
        parts = [*_PAUSE.split(self.text.strip()), "0"]
        return [(words, int(ms)) for words, ms in zip(parts[::2], parts[1::2], strict=True)]

    @property
    def words(self) -> str:
        """What is said, without the marks for pauses."""
        return _PAUSE.sub(" ", self.text).strip()

    @cached_property
    def pcm(self) -> bytes:
        """PCM16, 24 kHz, mono."""
        return float_to_pcm16(read_audio(self.wav))


@dataclass(frozen=True)
class Recording:
    """A caller's whole script."""

    name: str
    folder: Path
    lines: tuple[Line, ...]
    hang_up: Cue


def load_recording(name: str) -> Recording:
    """The recording of that name. Raises RecordingError naming what there is, or what is wrong with its script."""
    for folder in recordings_folders():
        if Path(name).name == name and (folder / name / SCRIPT).is_file():
            return read_script(folder / name / SCRIPT)
    there = ", ".join(recording_names()) or "none"
    raise RecordingError(f"There is no recording {name!r}: correct the name to one of those in recordings/ ({there}).")


def recording_names() -> list[str]:
    """The recordings that there are, in order."""
    return sorted({script.parent.name for folder in recordings_folders() for script in folder.glob(f"*/{SCRIPT}")})


def recordings_folders() -> list[Path]:
    """Where recordings are looked for: `recordings` and `notebooks/recordings`, from the current folder upwards.

    A notebook's kernel runs in the notebook's folder. Last comes the workbook's own, for a kernel that runs elsewhere.
    """
    here = Path.cwd()
    places = [p / sub for p in (here, *here.parents) for sub in ("recordings", "notebooks/recordings")]
    places.append(Path(__file__).resolve().parents[1] / "notebooks" / "recordings")
    return [place for place in dict.fromkeys(places) if place.is_dir()]


def read_script(path: Path) -> Recording:
    """Parse and check a script and that its WAV files are there. Raises RecordingError naming file and field."""
    where = f"{path.parent.name}/{path.name}"
    try:
        script = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecordingError(f"{where} is not TOML: {error}.") from error
    if unknown := script.keys() - {"line", "hang_up"}:
        raise RecordingError(f"{where} has a field {min(unknown)!r}: only [[line]] and [hang_up] are known.")
    tables = script.get("line")
    if not isinstance(tables, list) or not tables:
        raise RecordingError(f"{where} has no [[line]]: a caller must say something.")
    lines = tuple(_line(path, f"{where}, line {n}", n, table) for n, table in enumerate(tables, 1))
    hang_up = _cue(f"{where}, hang_up", script.get("hang_up", {"after_ms": 2000}), first=False, may_interrupt=False)
    return Recording(path.parent.name, path.parent, lines, hang_up)


def _line(path: Path, where: str, n: int, table: Any) -> Line:
    if not isinstance(table, dict):
        raise RecordingError(f"{where} is not a table: write [[line]].")
    for field in ("text", "wav"):
        if not isinstance(table.get(field, ""), str):
            raise RecordingError(f"{where}: {field} must be text in quotes, not {table[field]!r}.")
    if not table.get("text", "").strip():
        raise RecordingError(f"{where} has no text: say what is spoken.")
    cue = _cue(where, {k: v for k, v in table.items() if k not in ("text", "wav")}, first=n == 1)
    return Line(table["text"], path.parent / table.get("wav", f"line_{n}.wav"), cue)


def _cue(where: str, table: Any, *, first: bool, may_interrupt: bool = True) -> Cue:
    if not isinstance(table, dict):
        raise RecordingError(f"{where} is not a table of fields.")
    known = _LINE_FIELDS - {"text", "wav"} - (set() if may_interrupt else {"interrupt_ms"})
    if unknown := table.keys() - known:
        raise RecordingError(f"{where}: unknown field {min(unknown)!r}; there are {', '.join(sorted(known))}.")
    for field in ("after_ms", "interrupt_ms"):
        ms = table.get(field, 0)
        if not isinstance(ms, int) or isinstance(ms, bool) or ms < 0:
            raise RecordingError(f"{where}: {field} must be a whole number of milliseconds, not {ms!r}.")
    after = table.get("after", "start" if first else None)
    if after not in ("start", "reply", None):
        raise RecordingError(f'{where}: after must be "start" or "reply", not {after!r}.')
    if after == "start" and not first:
        raise RecordingError(f'{where}: only the first line can come after = "start".')
    if "interrupt_ms" in table:
        if {"after", "after_ms"} & table.keys():
            raise RecordingError(f"{where}: interrupt_ms goes alone, without after or after_ms.")
        return Cue(interrupt_ms=table["interrupt_ms"])
    if after is None and "after_ms" not in table:
        raise RecordingError(f"{where} has no cue: write after, after_ms or interrupt_ms.")
    return Cue(reply=after == "reply", delay_ms=table.get("after_ms", 0))
