"""The chapters' form. That they run is nbval's business: every code cell is a test of its own (see pyproject.toml)."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
CHAPTERS = [
    "00_start_here",
    "01_connect",
    "02_audio_input",
    "03_event_peek",
    "04_audio_output",
    "05_transcription",
    "06_tools",
    "07_outbound",
    "08_voice_shop",
    "09_production",
    "10_agents_talking",
]

SECRETS = {
    "an OpenAI key": r"\bsk-[A-Za-z0-9_-]{16,}",
    "an ephemeral key": r"\bek_[A-Za-z0-9]{16,}",
    "a 32-digit key": r"\b[0-9a-fA-F]{32,}\b",
    "an Azure key": r"\b[A-Za-z0-9]{84}\b",
    "a bearer token": r"Bearer [A-Za-z0-9._-]{20,}",
    "a token of JupyterLab's": r"[?&]token=\w{16,}",
    "somebody's home directory": r"(/home/|/Users/|/root/|C:\\\\?Users)",
}


def source(chapter: str) -> str:
    return (NOTEBOOKS / f"{chapter}.ipynb").read_bytes().decode("utf-8")


def test_every_chapter_exists_and_is_listed():
    assert sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")) == CHAPTERS


def test_nbval_runs_every_chapter():
    """A test run that finds no notebooks passes, so ask pytest, with this project's own settings, what it would run."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "notebooks"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    cells = re.findall(r"^notebooks/([\w/]+)\.ipynb::", listing.stdout.replace("\\", "/"), re.MULTILINE)
    assert sorted(set(cells)) == CHAPTERS, listing.stdout[-2000:] + listing.stderr[-2000:]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_is_a_valid_notebook_for_the_python3_kernel(chapter):
    notebook = nbformat.reads(source(chapter), as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5), "older notebooks have no cell ids"
    assert notebook.metadata.kernelspec.name == "python3"
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_is_committed_without_outputs(chapter):
    for cell in nbformat.reads(source(chapter), as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None, cell.source


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_line_ends_are_lf_with_one_at_the_end(chapter):
    text = source(chapter)
    assert "\r" not in text
    assert text.endswith("}\n")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_holds_no_secret(chapter):
    found = [name for name, pattern in SECRETS.items() if re.search(pattern, source(chapter))]
    assert not found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_opens_with_its_title_and_has_code_to_run(chapter):
    first, *others = nbformat.reads(source(chapter), as_version=4).cells
    assert first.cell_type == "markdown" and first.source.startswith("# ")
    assert any(cell.cell_type == "code" for cell in others)
    assert not any(cell.source.strip() == "" for cell in others), "an empty cell was left behind"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_cell_is_excused_from_running(chapter):
    """nbval passes a `raises-exception` cell that raises nothing; `checks.expected_error` does not."""
    for cell in nbformat.reads(source(chapter), as_version=4).cells:
        excused = {"raises-exception", "nbval-skip", "nbval-raises-exception"} & set(cell.metadata.get("tags", []))
        assert not excused and "NBVAL_SKIP" not in cell.source and "NBVAL_RAISES_EXCEPTION" not in cell.source


@pytest.mark.parametrize("leak", ["sk-" + "a1" * 12, "0123456789abcdef" * 2, "Bearer " + "abc." * 8, "/home/ada/x"])
def test_the_secret_patterns_find_what_they_are_for(leak):
    assert any(re.search(pattern, f'"key = {leak}"') for pattern in SECRETS.values())
