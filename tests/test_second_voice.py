"""Each chapter that has a recorded caller, held with a voice that nobody developed it with: tests/second_voice."""

import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
import soundfile
from nbclient import NotebookClient

from conftest import kernel_environment
from realtime_helpers.recordings import read_script

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
SECOND = ROOT / "tests" / "second_voice"
MAKE = "python notebooks/recordings/make_recordings.py --voice slt --into tests/second_voice"

SCRIPTS = sorted((NOTEBOOKS / "recordings").glob("*/script.toml"))
SPOKEN = [(f"{script.parent.name}/{line.wav.name}", line) for script in SCRIPTS for line in read_script(script).lines]
NUMBERS = {script.parent.name[:2] for script in SCRIPTS}
CHAPTERS = [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path.stem[:2] in NUMBERS]


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chapters' folder, in which every recording has the second voice: also one that a cell reads as a file."""
    folder = tmp_path_factory.mktemp("second_voice") / "notebooks"
    shutil.copytree(NOTEBOOKS, folder, ignore=shutil.ignore_patterns("*.wav", "exercises", ".*"))
    for name, _ in SPOKEN:
        if (SECOND / name).exists():
            shutil.copyfile(SECOND / name, folder / "recordings" / name)
    return folder


@pytest.mark.parametrize(("name", "line"), SPOKEN, ids=[name for name, _ in SPOKEN])
def test_every_line_was_spoken_as_it_stands(name, line):
    assert (SECOND / name).is_file(), f"The second voice has not spoken {name}: run `{MAKE}`."
    spoken = soundfile.SoundFile(SECOND / name).title
    assert spoken == line.text, f"The second voice says {spoken!r} in {name}, the script {line.text!r}: run `{MAKE}`."


def test_nothing_is_left_of_lines_that_are_gone():
    assert {path.relative_to(SECOND).as_posix() for path in SECOND.glob("*/*.wav")} <= {name for name, _ in SPOKEN}
    assert sum(path.stat().st_size for path in SECOND.glob("*/*.wav")) < 6_000_000


def hold(chapter: str, folder: Path) -> None:
    """As nbval runs it, its own asserts included. Raises CellExecutionError with the text of a cell that fails."""
    notebook = nbformat.read(folder / f"{chapter}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()


@pytest.fixture(scope="module")
def held(request: pytest.FixtureRequest, notebooks: Path) -> Iterator[dict[str, Future]]:
    """The chapters that were asked for, two at a time: a conversation is waiting, more than anything else."""
    asked = [item for item in request.session.items if item.name.startswith("test_the_chapter_holds[")]
    names = [item.callspec.params["chapter"] for item in asked]
    with kernel_environment(), ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(hold, name, notebooks) for name in names}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_chapter_holds(chapter, held):
    held[chapter].result()
