"""What tells a learner that a cell did what it should. First floor: errors that are meant to happen."""

import textwrap
from types import TracebackType
from typing import Self

WIDTH = 88  # characters that fit a notebook on a laptop


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
