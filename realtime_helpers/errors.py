"""Errors that are meant for the learner."""


class LearnerError(Exception):
    """One sentence: what happened, likely why, what to do. In a notebook it is shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """IPython's hook for exceptions that draw themselves."""
        return [f"\x1b[31m{type(self).__name__}:\x1b[0m {self}"]
