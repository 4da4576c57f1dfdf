"""What tells a learner that a cell did what it should: errors that are meant to happen, and exercises."""

import asyncio
import re
import textwrap
from importlib import import_module
from types import TracebackType
from typing import Any, Self

from .errors import LearnerError
from .rehearsal_setting import speed_or_default
from .wire import Wire

WIDTH = 88  # characters that fit a notebook on a laptop
LIMIT_AT_LEAST_S = 4.0  # in a fast rehearsal too: the computer thinks no faster because the caller speaks faster


class NothingRaised(AssertionError):
    """An error was promised and none came."""

    def _render_traceback_(self) -> list[str]:
        # IPython calls this in place of printing a traceback: the sentence is all a learner needs.
        return [f"NothingRaised: {self}"]


class expected_error:  # lower case like contextlib.suppress, which it resembles
    """Show, in one sentence, an error that is meant to happen; fail if it does not.

    `with expected_error(ServiceError): ...` prints "As expected, ServiceError: <its sentence>" and goes on. Any other
    error passes through untouched. Without types, any `Exception` will do; an interrupt or a cancelled cell never does.
    The caught error is kept in `.error`.

    Raises `NothingRaised` when the block ends without an error. (nbval passes a `raises-exception` cell that raises
    nothing, so a chapter cannot rely on that tag.)
    """

    def __init__(self, *types: type[Exception]) -> None:
        self.types = types or (Exception,)
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if error is None:
            wanted = " or ".join(t.__name__ for t in self.types)
            raise NothingRaised(
                f"This cell was meant to fail with {wanted}, and it succeeded; "
                "if you changed it, put back what makes it fail, then run it again."
            )
        if not isinstance(error, self.types):
            return False
        self.error = error
        # Whatever the message looks like, it is shown as one sentence; JupyterLab itself would wrap it mid-word.
        sentence = " ".join(str(error).split()) or "(it gives no reason)"
        print(textwrap.fill(f"As expected, {type(error).__name__}: {sentence}", WIDTH))
        return True


class CheckFailed(AssertionError):
    """An exercise is not there yet. In a notebook it is shown without a traceback, a sentence a line.

    Give whole sentences: what was seen on the wire; the likely why; what to try.
    """

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences

    def _render_traceback_(self) -> list[str]:
        # Each sentence begins a line of its own, and is wrapped between words, which JupyterLab does not do.
        lines = [textwrap.fill(sentence, WIDTH) for sentence in self.sentences]
        return ["\x1b[31mNot yet.\x1b[0m", *lines]


class NoSuchCheck(LearnerError):
    """`check` was given a name that no check has."""


def check(name: str, wire: Wire | None = None, **more: Any) -> None:
    """Say whether an exercise works, from the recorded wire; from the code that was written, never.

    `name` is a chapter's number and the check's own name: "05_in_order" is `in_order(wire)` in
    realtime_helpers/exercise_checks/ch05.py. `more` is what that check wants besides, such as a value that the
    learner's code produced. Prints one sentence if all is well.

    Raises:
        CheckFailed: it does not work yet: what was seen, the likely why, what to try.
        NoSuchCheck: there is no check of that name.
    """
    print(textwrap.fill(_find(name)(wire, **more), WIDTH))


def _find(name: str) -> Any:
    if match := re.fullmatch(r"(\d\d)_([a-z][a-z0-9_]*)", name):
        module = f"{__package__}.exercise_checks.ch{match[1]}"
        try:
            return getattr(import_module(module), match[2])
        except AttributeError:
            pass
        except ModuleNotFoundError as missing:
            if missing.name != module:
                raise
    raise NoSuchCheck(f"There is no check {name!r}: put back the name that this cell came with, and run it again.")


class time_limit:  # lower case like asyncio.timeout, which it resembles
    """`async with time_limit(10):` gives the block ten seconds, then leaves it, says so, and goes on below.

    For code that is still to be written: what waits for an event that never comes ends in a sentence, and the check
    after it can say which event that was. Every other error passes through untouched, the stop button included.
    `seconds` are life's, generous enough for a slow line; a faster rehearsal waits less, down to LIMIT_AT_LEAST_S.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = max(seconds / speed_or_default(None), min(seconds, LIMIT_AT_LEAST_S))

    async def __aenter__(self) -> Self:
        self._timeout = asyncio.timeout(self.seconds)
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        try:
            await self._timeout.__aexit__(kind, error, traceback)
        except TimeoutError:
            print(f"(Nothing more happened within {self.seconds:g} seconds, so this cell stopped waiting.)")
            return True
        return False
