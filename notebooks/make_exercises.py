"""Make notebooks/exercises/: the chapters, with stubs in place of the solutions.

    python3 workbook.py exercises

In a chapter's cell tagged `solution`, what stands between `# solution begins` and
`# solution ends` is replaced by `...  # your code here`, or by what the lines
`# stub: CODE` in it say. The rest of the cell stays. Same chapters, same bytes.
"""

from __future__ import annotations

import re
import sys
from itertools import count
from pathlib import Path

import nbformat
from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).resolve().parent
EXERCISES = NOTEBOOKS / "exercises"
STUB = "...  # your code here"
OPENER = (
    "> **Exercise edition.** Where it says `{stub}` the code is yours to write, and "
    "the check below it says how far you are. The solutions are in the "
    "[complete edition](../{chapter}), which is otherwise the same."
)

_BEGINS, _ENDS, _STUB = "# solution begins", "# solution ends", "# stub: "
_CODE_IN_PROSE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_LINK = re.compile(r"""(\]\(|\b(?:src|href)=["'])([^)\s"']+)""")
_NOT_A_FILE = re.compile(r"[a-z][a-z0-9+.-]*:|#|/")
_PATH_IN_CODE = re.compile(r"""(["'])([\w.-]+(?:/[\w.-]+)+)(?=\1)""")


def chapters(folder: Path = NOTEBOOKS) -> list[Path]:
    """The complete editions, in order."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def stubbed(source: str) -> str:
    """A solution cell's source without its solution.

    Raises:
        ValueError: the marks around the solution are not in order.
    """
    lines: list[str] = []
    solution: list[str] | None = None
    parts = 0
    for line in source.split("\n"):
        mark = line.strip()
        if mark == _BEGINS and solution is None:
            solution, indent = [], line[: line.index("#")]
        elif mark == _ENDS and solution is not None:
            said = [each.strip() for each in solution]
            stub = [each.removeprefix(_STUB) for each in said if each.startswith(_STUB)]
            lines += [indent + code for code in stub or [STUB]]
            solution, parts = None, parts + 1
        elif mark in (_BEGINS, _ENDS):
            raise ValueError(f"each {_BEGINS!r} needs one {_ENDS!r} after it")
        elif solution is not None:
            solution.append(line)
        else:
            lines.append(line)
    if solution is not None or not parts:
        raise ValueError(f"a solution stands between lines {_BEGINS!r} and {_ENDS!r}")
    return "\n".join(lines)


def prose_moved(text: str, stay: set[str]) -> str:
    """Markdown for one folder deeper: its links lead where they did.

    Those to the files named in `stay`, which come along, are left as they are.
    """

    def moved(match: re.Match[str]) -> str:
        before, target = match.groups()
        if _NOT_A_FILE.match(target) or target.partition("#")[0] in stay:
            return match[0]
        return f"{before}../{target}"

    parts = _CODE_IN_PROSE.split(text)
    return "".join(
        part if number % 2 else _LINK.sub(moved, part)
        for number, part in enumerate(parts)
    )


def code_moved(source: str, folder: Path = NOTEBOOKS) -> str:
    """Code for one folder deeper: a string that names a file in `folder` finds it."""

    def moved(match: re.Match[str]) -> str:
        quote, path = match.groups()
        return f"{quote}../{path}" if (folder / path).exists() else match[0]

    return _PATH_IN_CODE.sub(moved, source)


def edition(chapter: Path, stay: set[str]) -> str:
    """The exercise edition of a chapter, as its file's text.

    Raises:
        ValueError: a solution cell is wrong; the sentence names it.
    """
    notebook = nbformat.read(chapter, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = prose_moved(cell.source, stay)
            continue
        cell.source = code_moved(cell.source, chapter.parent)
        cell.outputs, cell.execution_count = [], None
        if "solution" in tags(cell):
            try:
                cell.source = stubbed(cell.source)
            except ValueError as why:
                raise ValueError(f"{chapter.name}, cell {cell.id!r}: {why}.") from None
            names = {"solution": "stub"}
            cell.metadata.tags = [names.get(tag, tag) for tag in tags(cell)]
    title, _, rest = notebook.cells[0].source.partition("\n")
    opener = OPENER.format(stub=STUB, chapter=chapter.name)
    notebook.cells[0].source = f"{title}\n\n{opener}\n{rest}"
    return nbformat.writes(notebook) + "\n"


def make(folder: Path = EXERCISES, source: Path = NOTEBOOKS) -> list[Path]:
    """Write every chapter's exercise edition into `folder`, and return their paths.

    Editions whose chapter is gone are removed. One that somebody has worked in is
    first moved aside.
    """
    names = {path.name for path in chapters(source)}
    # All of them before the first is written: a wrong cell leaves the old set whole.
    texts = {path.name: edition(path, names) for path in chapters(source)}
    folder.mkdir(parents=True, exist_ok=True)
    for old in chapters(folder):
        _move_aside(old)
        if old.name not in texts:
            old.unlink(missing_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return [folder / name for name in texts]


def _move_aside(path: Path) -> None:
    """Rename an edition in which a cell was run: somebody's answers are in it."""
    cells = nbformat.read(path, as_version=4).cells
    if any(cell.get("execution_count") for cell in cells):
        names = (path.with_name(f"yours_{n}_{path.name}") for n in count(1))
        yours = next(name for name in names if not name.exists())
        path.rename(yours)
        print(f"{path.name} has been worked in: it is now {yours.name}.")


if __name__ == "__main__":
    try:
        made = make()
    except ValueError as why:
        sys.exit(str(why))
    print(f"Made {len(made)} notebooks in {EXERCISES.relative_to(NOTEBOOKS.parent)}.")
