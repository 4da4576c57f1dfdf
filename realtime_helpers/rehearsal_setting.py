"""Whether a recorded caller speaks, and how fast: chosen by setting, never guessed."""

from __future__ import annotations

import math

from .errors import LearnerError
from .settings import setting


class RehearsalError(LearnerError):
    """A rehearsal setting that cannot be understood."""


def rehearsing() -> bool:
    """Is REALTIME_REHEARSAL set to 1? Raises RehearsalError if it is neither 0 nor 1."""
    value = setting("REALTIME_REHEARSAL", "0")
    if value not in ("0", "1"):
        raise RehearsalError(f"REALTIME_REHEARSAL is {value!r}: set it to 1 for the recorded caller, or to 0.")
    return value == "1"


def rehearsal_speed() -> float:
    """REALTIME_REHEARSAL_SPEED: how many times faster than life. Raises RehearsalError if it is not above 0."""
    value = setting("REALTIME_REHEARSAL_SPEED", "1")
    try:
        speed = float(value or 1)
    except ValueError:
        speed = math.nan
    if not 0 < speed < math.inf:
        raise RehearsalError(f"REALTIME_REHEARSAL_SPEED is {value!r}: set it to a number above 0, for instance 4.")
    return speed


def speed_or_default(speed: float | None) -> float:
    """`speed`; for None the rehearsal's in a rehearsal, else life's: a real loudspeaker cannot hurry."""
    if speed is None:
        return rehearsal_speed() if rehearsing() else 1.0
    return speed
