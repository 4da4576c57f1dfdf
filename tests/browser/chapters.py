"""The workbook's chapters, served to a real browser: what the chapter tests and benchmarks share."""

import json
import re
import shutil
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from realtime_helpers.audio import SAMPLE_RATE_HZ, read_audio

from .lab import REPOSITORY, Lab
from .page import NotebookPage

RECORDINGS = REPOSITORY / "notebooks" / "recordings"


def serve(classic: bool = False) -> Lab:
    """A JupyterLab on a copy of notebooks/, which it may write to; with the mock server, and nobody rehearsing."""
    lab = Lab(classic=classic, env={"REALTIME_SERVICE": "mock", "REALTIME_REHEARSAL": "0"})
    shutil.copytree(REPOSITORY / "notebooks", lab.folder, dirs_exist_ok=True)
    return lab


def cells(chapter: str) -> dict[str, int]:
    """The position of each cell, by its id."""
    notebook = json.loads((REPOSITORY / "notebooks" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    return {cell["id"]: index for index, cell in enumerate(notebook["cells"])}


class Chapter:
    """A chapter in the page, its cells named by their ids."""

    def __init__(self, page: NotebookPage, name: str) -> None:
        self.page, self._cells = page, cells(name)

    def run(self, *ids: str, timeout_s: float = 60) -> None:
        """Run these cells, one after the other, as Shift+Enter does."""
        for one in ids:
            self.start(one)
            self.page.wait_until_done(timeout_s)
        assert self.page.errors() == [], self.page.errors()

    def start(self, cell_id: str) -> None:
        self.page.run_cell(self._cells[cell_id])

    def output(self, cell_id: str) -> str:
        area = self.page.cell(self._cells[cell_id]).locator(".jp-Cell-outputArea")
        return area.inner_text() if area.count() else ""

    def received(self, event_type: str) -> list[dict[str, Any]]:
        return self.page.kernel(f"[e.event for e in service.wire.received({event_type!r})]")

    def trace_speakers(self) -> None:
        """Have loudspeakers made from now on keep what leaves them. Run the imports first."""
        self.page.kernel("exec('import functools; Speaker = functools.partial(Speaker, trace=True)')")

    def rendered(self) -> np.ndarray:
        """What left the loudspeaker's worklet (after `trace_speakers`): float32, 24 kHz."""
        pieces = self.page.kernel("[__import__('base64').b64encode(piece).decode() for piece in speaker.rendered]")
        return np.frombuffer(b"".join(map(b64decode, pieces)), "<i2").astype(np.float32) / 32768


def recording(chapter: str, line: int) -> np.ndarray:
    """One recorded line of a rehearsed caller."""
    return read_audio(RECORDINGS / chapter / f"line_{line}.wav")


def microphone_file(path: Path, *parts: np.ndarray | float) -> Path:
    """A WAV for the browser's microphone: speech, and seconds of silence between."""
    samples = [np.zeros(round(p * SAMPLE_RATE_HZ), np.float32) if isinstance(p, int | float) else p for p in parts]
    soundfile.write(path, np.concatenate(samples), SAMPLE_RATE_HZ, subtype="PCM_16")
    return path


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())
