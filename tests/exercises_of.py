"""The exercises in the chapters, and running one as a learner does: its setup cells, then its own, again and again."""

import ast
import asyncio
import importlib.util
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
WRONG = ROOT / "tests" / "exercises"
ROLES = ("solution", "exercise", "check")
EXPECTS = "# expects: "
LIMIT_S = 30  # one attempt; far more than one takes, as its cells have short limits of their own


def _make_exercises() -> Any:
    spec = importlib.util.spec_from_file_location("make_exercises", NOTEBOOKS / "make_exercises.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


maker = _make_exercises()


@dataclass(frozen=True)
class Exercise:
    """One exercise of a chapter. `cells`: (role, source) in order, the last one being its check."""

    chapter: str
    setup: list[str]
    cells: list[tuple[str, str]]

    @property
    def name(self) -> str:
        """The name its check is called by."""
        (name,) = re.findall(r"\bcheck\(\s*\"(\w+)\"", self.cells[-1][1])
        return name

    @property
    def solution(self) -> str:
        (source,) = (source for role, source in self.cells if role == "solution")
        return source

    @property
    def wrong(self) -> dict[str, tuple[str, str]]:
        """File name: (words that the failure promises, source of the solution cell)."""
        found = {}
        for path in sorted((WRONG / self.name).glob("wrong_*.py")):
            first, _, source = path.read_text("utf-8").partition("\n")
            assert first.startswith(EXPECTS), f"{path} says in its first line what it expects"
            found[path.name] = first.removeprefix(EXPECTS).strip(), source.strip("\n")
        return found


def exercises_in(path: Path) -> list[Exercise]:
    """A chapter's exercises. Every cell with a role belongs to the check that follows it."""
    setup: list[str] = []
    cells: list[tuple[str, str]] = []
    found: list[Exercise] = []
    for cell in nbformat.read(path, as_version=4).cells:
        tags = maker.tags(cell)
        if "setup" in tags:
            setup.append(cell.source)
        for role in ROLES:
            if role in tags:
                cells.append((role, cell.source))
        if "check" in tags:
            found.append(Exercise(path.stem, list(setup), cells))
            cells = []
    assert not cells, f"{path.name}: cells tagged for an exercise, and no check after them"
    return found


class Kernel:
    """What a kernel does with cells: it runs them one after the other in one namespace, with `await` at the top."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}

    async def run(self, source: str) -> None:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        result = eval(compile(source, "<cell>", "exec", flags), self.names)
        if asyncio.iscoroutine(result):
            await result

    async def attempt(self, exercise: Exercise, solution: str) -> Exception | None:
        """The exercise's cells with this solution; what its check raised. An error in any other cell passes through."""
        async with asyncio.timeout(LIMIT_S):
            for role, source in exercise.cells[:-1]:
                await self.run(solution if role == "solution" else source)
            try:
                await self.run(exercise.cells[-1][1])
            except Exception as problem:
                return problem
            finally:
                await self._end_tasks()
        return None

    async def _end_tasks(self) -> None:
        """What an attempt left running must not run into the next one."""
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
