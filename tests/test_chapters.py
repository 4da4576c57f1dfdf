"""What every chapter promises to a learner, read from its source.

Its form as a file is tests/test_notebooks.py's business; that the cells run, nbval's; that they run in a browser,
tests/browser's.
"""

import ast
import inspect
import re
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
CHAPTERS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
FIRST_CONVERSATION = 2  # the chapter from which on somebody speaks
FIRST_TOOLS = 6
OUTBOUND = 7
AGENTS_TALKING = 10  # to each other: it has no microphone, and a loop of its own
NOBODY_SPEAKS = (1, 10)  # in chapter 10, computers do
PRODUCTION = 9  # where a script's own loop runs in a cell
SVG = "{http://www.w3.org/2000/svg}"

every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def prose(path: Path) -> str:
    """Markdown without its code: what a person reads."""
    return re.sub(r"```.*?```|`[^`]*`", "", "\n\n".join(cells(path, "markdown")), flags=re.S)


def code(path: Path) -> list[ast.Module]:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST
    return [compile(source, path.stem, "exec", flags) for source in cells(path, "code")]


def walk(path: Path):
    return (node for tree in code(path) for node in ast.walk(tree))


def handler(path: Path) -> list[str]:
    """The event types that a chapter's fullest loop has a case for, in order; "other" for the catch-all."""
    loops = [node for node in walk(path) if isinstance(node, ast.Match) and ast.unparse(node.subject) == "event.type"]
    fullest = max(loops, key=lambda node: len(node.cases), default=None)
    return [ast.unparse(case.pattern).strip("'") for case in fullest.cases] if fullest else []


def test_chapters_are_numbered_without_a_gap():
    numbers = [int(path.stem[:2]) for path in CHAPTERS]
    assert numbers == list(range(len(numbers)))


@every_chapter
def test_cells_have_names(path):
    """Not the random ids of an editor: a diff, a bug report and a browser test name a cell."""
    for cell in nbformat.read(path, as_version=4).cells:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", cell.id), cell.id


@every_chapter
def test_opens_with_what_it_is_and_what_it_needs(path):
    opener = cells(path, "markdown")[0]
    assert opener.startswith("# ")
    assert re.search(r"^\*\*Goal\.\*\* [^.]+\.$", opener, re.M), "one sentence"
    assert re.search(r"^\| Time \| \d+ minutes \|$", opener, re.M)
    for row in ("New in the code", "You need", r"You will (hear and )?see"):
        assert re.search(rf"^\| {row} \| \S.* \|$", opener, re.M), row
    assert " key" in opener, "say whether a key is needed"


@every_chapter
def test_closes_with_what_there_is_now_an_exercise_and_the_way_on(path):
    """The exercise's own code cells stand between its task and the last cell."""
    _, heading, after = "\n\n".join(cells(path, "markdown")).partition("## You now have")
    closer, last = heading + after, cells(path, "markdown")[-1]
    exercise, hint = closer.index("## Exercise"), closer.index("<details><summary>Hint")
    assert 0 < exercise < hint < closer.index("**Next:**")
    assert "<details><summary>Hint" in last and "**Next:**" in last
    assert len(re.findall(r"^- ", closer[:exercise], re.M)) >= 3
    assert re.search(r"## Exercise: .* \(\d+ minutes\)", closer)
    following = next((p.name for p in CHAPTERS if int(p.stem[:2]) == int(path.stem[:2]) + 1), None)
    assert following is None or ("**Next:** [" in last and f"]({following})" in last)


@every_chapter
def test_shows_the_timeline_where_there_was_an_answer(path):
    if int(path.stem[:2]) > FIRST_CONVERSATION:
        assert "show_timeline(service.wire)" in cells(path, "code")


@every_chapter
def test_links_lead_somewhere_and_pictures_are_described(path):
    text = "\n".join(cells(path, "markdown"))
    for mark, words, target in re.findall(r"(!?)\[([^\]]*)\]\(([^)]+)\)", text):
        if not target.startswith("https://"):
            assert (path.parent / target).is_file(), target
        if mark:
            assert len(words) > 40, f"{target}: say what the picture shows, for those who do not see it"


@pytest.mark.parametrize("path", sorted((NOTEBOOKS / "images").glob("*.svg")), ids=lambda path: path.stem)
def test_a_drawing_brings_its_own_paper_and_is_described(path):
    root = ElementTree.parse(path).getroot()
    assert root.find(f"{SVG}title").text and root.find(f"{SVG}desc").text
    paper = root.find(f"{SVG}rect")  # drawn first, over everything: readable on a light and on a dark page
    _, _, width, height = map(float, root.get("viewBox").split())
    assert float(paper.get("width")) > 0.99 * width and float(paper.get("height")) > 0.99 * height


@every_chapter
def test_names_no_model_no_address_and_no_key(path):
    everything = "\n".join(cells(path, "code") + cells(path, "markdown"))
    assert not re.search(r"\bgpt-|\bo\d-|whisper-\d|-transcribe\b|-realtime\b", everything), "they stand in service.py"
    assert not re.search(r"\b(https?|wss?)://", "\n".join(cells(path, "code")))
    assert not re.search(r"\bsk-\w|api_key=(?!\"wrong-on-purpose\"|secret\.value\))", everything)


@every_chapter
def test_prose_states_no_measured_number(path):
    found = re.findall(r"\d[\d.,]*[ -]?(?:ms|milliseconds?|seconds?|s|%|percent|[kMG]B|dB)\b", prose(path))
    assert not found, f"let a cell compute it: {found}"


@every_chapter
def test_waits_only_for_events(path):
    names = {ast.unparse(node.func) for node in walk(path) if isinstance(node, ast.Call)}
    nested = {name for name in names if name.startswith("nest_")}
    assert not {name for name in names if name.endswith("sleep") or name == "asyncio.run"}
    assert nested == ({"nest_asyncio2.apply"} if int(path.stem[:2]) == PRODUCTION else set())


@every_chapter
def test_checks_itself_in_sentences(path):
    asserts = [node for node in walk(path) if isinstance(node, ast.Assert)]
    assert asserts, "nbval passes a chapter that asserts nothing"
    for node in asserts:
        assert node.msg is not None, ast.unparse(node)
        assert re.search(r"[.]['\"]$", ast.unparse(node.msg)), f"a sentence: {ast.unparse(node.msg)}"


@every_chapter
def test_starts_cold_and_imports_only_what_chapters_may(path):
    import realtime_helpers

    imported = [
        node for node in walk(path) if isinstance(node, ast.ImportFrom) and node.module.startswith("realtime_helpers")
    ]
    assert imported and "service = choose_service()" in "\n".join(cells(path, "code")[:1])
    for node in imported:
        assert node.module == "realtime_helpers"
        assert {name.name for name in node.names} <= set(realtime_helpers.__all__)


@every_chapter
def test_every_microphone_has_a_recording_of_its_own(path):
    microphones = [node for node in walk(path) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Microphone"]
    assert microphones or int(path.stem[:2]) in NOBODY_SPEAKS
    for node in microphones:
        name = next(k.value.value for k in node.keywords if k.arg == "rehearsal")
        assert name[:2] == path.stem[:2]
        assert (NOTEBOOKS / "recordings" / name).is_dir(), name


def test_the_handler_only_ever_grows():
    grown: list[str] = []
    for path in CHAPTERS[1:AGENTS_TALKING]:
        cases = handler(path)
        named = [case for case in cases if case != "other"]
        if int(path.stem[:2]) > OUTBOUND:  # the shop is rung up again, as the restaurant was
            grown = handler(CHAPTERS[FIRST_TOOLS])
        assert cases[-1] in ("error", "other"), "errors are handled last, but for the catch-all"
        assert [case for case in named if case in grown] == grown, f"{path.stem} lost or moved a case"
        if path.stem[:2] in ("01", "02", "04", "05"):
            assert len(named) > len(grown), path.stem
        grown = named
    assert handler(CHAPTERS[3])[-1] == "other"
    assert handler(CHAPTERS[4])[-2:] == ["response.output_audio.delta", "error"]


def test_the_sender_is_the_same_in_every_conversation():
    senders = {
        ast.unparse(node)
        for path in CHAPTERS[FIRST_CONVERSATION:]
        for node in walk(path)
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "send_audio"
    }
    assert len(senders) == 1


def test_tools_are_handled_once_for_each_event_and_after_the_match():
    """Chapter 6's one line; whatever a case did, the tools see the event as well."""
    for path in CHAPTERS[FIRST_TOOLS:AGENTS_TALKING]:
        loops = [node for node in walk(path) if isinstance(node, ast.AsyncFor) and len(node.body) > 1]
        fullest = max(loops, key=lambda node: len(ast.unparse(node)))
        after = [ast.unparse(statement) for statement in fullest.body[1:]]
        assert after.count("await tools.handle(event, connection)") == 1, path.stem


def test_interrupting_clears_and_truncates():
    source = "\n".join(cells(CHAPTERS[4], "code"))
    conversation = re.search(r"case \"input_audio_buffer.speech_started\":\n(.*?)\n +case ", source, re.S).group(1)
    assert conversation.index("speaker.clear()") < conversation.index("item.truncate(")
    assert "response.cancel" not in source, "the service cancels by itself"


def test_the_readers_of_this_file_read_real_cells():
    """A glob that finds nothing makes every test above pass."""
    assert len(CHAPTERS) >= 5
    assert all(len(cells(path, "code")) > 4 for path in CHAPTERS)
    assert inspect.isgenerator(walk(CHAPTERS[0]))
