"""One JupyterLab for all browser tests of a run; a browser for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hibari import Hibari

from realtime_helpers.audio import SAMPLE_RATE_HZ, read_audio, write_audio

from .lab import Lab
from .page import Browser, NotebookPage

OpenNotebook = Callable[..., NotebookPage]


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence and then a second of silence, 24 kHz: what the browser's microphone hears, over and over."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    Hibari().save("The lighthouse keeper counted seventeen ships before the fog came in.", str(path))
    write_audio(path, np.concatenate([read_audio(path), np.zeros(SAMPLE_RATE_HZ, np.float32)]))
    assert soundfile.info(path).samplerate == SAMPLE_RATE_HZ
    return path


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def open_notebook(lab: Lab, speech: Path, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """`open_notebook(*cells, **options of Browser)`: a notebook of these cells, open in a browser of its own."""
    browsers: list[Browser] = []

    def open_it(*cells: str, lab: Lab = lab, **options: object) -> NotebookPage:
        browser = Browser(**{"microphone": speech, **options}).__enter__()
        browsers.append(browser)
        return browser.open(lab, lab.write(f"{request.node.name}.ipynb", *cells))

    yield open_it
    for browser in browsers:
        browser.__exit__(None, None, None)
    lab.stop_kernels()
