"""Exercises check themselves: each check fails on the stub and on plausible wrong answers, and passes on the solution.

tests/exercises/NAME/wrong_*.py holds the wrong answers: a whole solution cell each, under a first line
`# expects: words of the failure`.
"""

import gc
import re
import shutil

import pytest
from nbclient import NotebookClient

from conftest import kernel_environment
from realtime_helpers.checks import CheckFailed

from .exercises_of import EXPECTS, NOTEBOOKS, ROLES, ROOT, WRONG, Kernel, exercises_in, maker

CHAPTERS = maker.chapters()
EXERCISES = [exercise for path in CHAPTERS for exercise in exercises_in(path)]

every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)


# -- what an exercise is made of --------------------------------------------------------------------------------------


@every_chapter
def test_every_chapter_has_an_exercise(path):
    assert [exercise.name[:2] for exercise in exercises_in(path)], "tag its cells solution, exercise and check"


@every_exercise
def test_an_exercise_has_all_its_parts(exercise):
    assert exercise.name.startswith(exercise.chapter[:3])
    roles = [role for role, _ in exercise.cells]
    assert roles == sorted(roles, key=ROLES.index), "what is to be written, then what runs it, then the check"
    assert roles.count("solution") == roles.count("check") == 1
    assert exercise.setup and "choose_service()" in exercise.setup[0]
    assert exercise.solution not in exercise.setup
    assert maker.stubbed(exercise.solution) != exercise.solution


@every_exercise
def test_an_exercise_has_a_wrong_answer_that_is_told_what_is_wrong(exercise):
    assert exercise.wrong, f"write tests/exercises/{exercise.name}/wrong_1.py"
    for name, (words, source) in exercise.wrong.items():
        assert len(words) > 10, f"{name}: {EXPECTS}some words of the failure"
        assert source not in (exercise.solution, maker.stubbed(exercise.solution)), name


def test_no_wrong_answer_lies_about_without_its_exercise():
    assert {folder.name for folder in WRONG.iterdir()} == {exercise.name for exercise in EXERCISES}


# -- the checks, tried ------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # a wrong answer may forget to
@every_exercise
async def test_the_check_refuses_stub_and_wrong_answers_and_takes_the_solution(exercise, monkeypatch, capsys):
    """As a learner meets it: one kernel, the setup once, then one attempt after the other, the last one right."""
    monkeypatch.chdir(NOTEBOOKS)
    kernel = Kernel()
    with kernel_environment():
        for source in exercise.setup:
            await kernel.run(source)
        stub = maker.stubbed(exercise.solution)
        attempts = {"the stub": ("", stub), **exercise.wrong}
        for name, (words, source) in attempts.items():
            teaches(await kernel.attempt(exercise, source), name, words)
        capsys.readouterr()
        assert await kernel.attempt(exercise, exercise.solution) is None
    kernel.names.clear()
    gc.collect()  # a coroutine that nobody awaited complains here, and not in some later test
    assert re.search(r"\w[.!]\n$", capsys.readouterr().out), "a right answer gets a sentence"


def teaches(problem: Exception | None, name: str, words: str) -> None:
    """The failure is CheckFailed, has the words promised, and says more than that something is wrong."""
    assert problem is not None, f"the check takes {name}"
    if not isinstance(problem, CheckFailed):
        raise AssertionError(f"{name} ends in another error than CheckFailed") from problem
    assert words in str(problem), f"{name}: {problem}"
    assert len(problem.sentences) >= 2, f"{name}: what was seen, the likely why, what to try; not only: {problem}"
    assert all(re.search(r"[.?!)]$", sentence) for sentence in problem.sentences), problem.sentences
    assert len(str(problem)) < 600, f"nobody reads so much: {problem}"


def test_in_a_real_kernel_a_stub_ends_in_sentences_without_a_traceback():
    """The generated notebook where a learner opens it, its folder included: chapter 0 reads a recording."""
    notebook = maker.nbformat.read(maker.EXERCISES / "00_start_here.ipynb", as_version=4)
    parts = {"setup", "stub", "exercise", "check"}
    notebook.cells = [cell for cell in notebook.cells if parts & set(maker.tags(cell))]
    with kernel_environment():
        resources = {"metadata": {"path": str(maker.EXERCISES)}}
        NotebookClient(notebook, timeout=60, allow_errors=True, resources=resources).execute()
    *above, check = notebook.cells
    assert [output for cell in above for output in cell.outputs if output.output_type == "error"] == []
    (shown,) = check.outputs
    assert shown.ename == "CheckFailed"
    assert "Not yet." in shown.traceback[0] and "returned nothing" in shown.traceback[1]
    assert "Traceback" not in "\n".join(shown.traceback)


# -- the generated set ------------------------------------------------------------------------------------------------


def test_the_generated_set_is_current(tmp_path):
    maker.make(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in maker.chapters(maker.EXERCISES)}
    assert len(made) >= 5
    assert sorted(committed) == sorted(made), "run `python3 workbook.py exercises` and commit what it makes"
    assert [name for name in made if made[name] != committed[name]] == [], "run `python3 workbook.py exercises`"


@pytest.mark.parametrize("path", maker.chapters(), ids=lambda path: path.stem)
def test_a_generated_notebook_holds_no_solution_and_leads_where_the_chapter_does(path):
    text = maker.edition(path, {other.name for other in maker.chapters()})
    notebook = maker.nbformat.reads(text, as_version=4)
    maker.nbformat.validate(notebook)
    assert "\r" not in text and text.endswith("}\n")
    for exercise in exercises_in(path):
        assert exercise.solution not in [cell.source for cell in notebook.cells]
    assert "# solution" not in text and "# stub" not in text
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert f"(../{path.name})" in notebook.cells[0].source and "Exercise edition" in notebook.cells[0].source
    for target in re.findall(r"\]\(([^)]+)\)", re.sub(r"```.*?```|`[^`]*`", "", prose, flags=re.S)):
        if not target.startswith(("https://", "#")):
            place = (maker.EXERCISES / target.partition("#")[0]).resolve()
            assert place.is_file() or (place.parent == maker.EXERCISES and (NOTEBOOKS / place.name).is_file()), target


def test_a_second_making_changes_nothing_and_removes_what_has_no_chapter(tmp_path):
    source = tmp_path / "notebooks"
    source.mkdir()
    for path in maker.chapters()[:2]:
        shutil.copy(path, source)
    folder = tmp_path / "exercises"
    first = {path: path.read_bytes() for path in maker.make(folder, source)}
    (source / maker.chapters()[1].name).unlink()
    (kept,) = maker.make(folder, source)
    assert list(folder.iterdir()) == [kept] and kept.name == maker.chapters()[0].name
    assert set(first) > {kept}


def test_making_the_set_anew_keeps_the_answers_of_whoever_has_worked_in_it(tmp_path):
    for _ in range(2):
        path = maker.make(tmp_path)[1]
        notebook = maker.nbformat.read(path, as_version=4)
        next(cell for cell in notebook.cells if cell.cell_type == "code").execution_count = 1
        maker.nbformat.write(notebook, path)
    text = path.read_bytes()
    maker.make(tmp_path)
    maker.make(tmp_path)
    kept = sorted(tmp_path.glob("yours_*"))
    assert [yours.name for yours in kept] == [f"yours_1_{path.name}", f"yours_2_{path.name}"]
    assert kept[1].read_bytes() == text != path.read_bytes()


@pytest.mark.parametrize(
    ("source", "stub"),
    [
        ("a = 1\n# solution begins\nb = 2\n# solution ends\nc", "a = 1\n...  # your code here\nc"),
        ("def f():\n    # solution begins\n    return 1\n    # solution ends", "def f():\n    ...  # your code here"),
        ("# solution begins\n# stub: x = None\nx = 2\n# solution ends", "x = None"),
        (
            "if a:\n    # solution begins\n    # stub: b = 1\n    # stub: c = 2\n    b = c = 3\n    # solution ends",
            "if a:\n    b = 1\n    c = 2",
        ),
    ],
)
def test_a_stub_is_the_cell_without_its_solution(source, stub):
    assert maker.stubbed(source) == stub


@pytest.mark.parametrize(
    "source", ["a", "# solution begins\na", "# solution ends\n# solution begins", "a # solution begins"]
)
def test_a_solution_without_its_marks_is_an_error(source):
    with pytest.raises(ValueError, match="solution"):
        maker.stubbed(source)


def test_links_and_paths_still_lead_there_from_one_folder_deeper():
    move, stay = maker.prose_moved, {"01_connect.ipynb"}
    assert (
        move("[on](01_connect.ipynb#top) ![x](images/a.svg)", stay)
        == "[on](01_connect.ipynb#top) ![x](../images/a.svg)"
    )
    assert (
        move('<img src="images/a.svg"> [r](../README.md)', stay) == '<img src="../images/a.svg"> [r](../../README.md)'
    )
    same = "[a](https://x.example/y) [b](#here) `[c](images/a.svg)`\n```\n[d](images/a.svg)\n```"
    assert move(same, stay) == same
    assert maker.code_moved('read("recordings/README.md"); "a/b"') == 'read("../recordings/README.md"); "a/b"'


def test_the_wrong_answers_and_the_generated_set_are_kept_out_of_ruff_and_nbval():
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'extend-exclude = ["notebooks/exercises", "tests/exercises"]' in settings
    assert '"notebooks/exercises"' in re.search(r"^norecursedirs = (.*)$", settings, re.M)[1]
