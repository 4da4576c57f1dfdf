"""Chapter 0's check. There is no connection yet, and no wire: it goes by what the learner's function found."""

import numpy as np

from ..audio import SAMPLE_RATE_HZ
from ..checks import CheckFailed
from ..wire import Wire

_PIECE_MS = 20
_PIECE = SAMPLE_RATE_HZ * _PIECE_MS // 1000


def quiet(wire: Wire | None, sounds: dict[str, np.ndarray], found: dict[str, float], limit: float) -> str:
    """`sounds`: a beep; beep, pause, beep; a voice; the same from afar. `found`: ms of quiet in each, by its name."""
    beep, pause, voice, far = sounds
    if any(ms is None for ms in found.values()):
        raise CheckFailed(
            "`quiet_ms` returned nothing.",
            "Nothing is written in it yet, or it counts and then keeps the count to itself.",
            "Go through the sound in steps of PIECE, add up the quiet ones, and `return` the sum.",
        )
    if found[beep] > 0.9 * _ms(sounds[beep]):
        raise CheckFailed(
            f"`quiet_ms` found {found[beep]:.0f} ms of quiet in {beep}, which is all of it and never quiet.",
            "A wave swings as far below zero as above, so its mean is nothing, and its smallest number is, too.",
            "Of each piece, look at the number that is furthest from zero: `abs(piece).max()`.",
        )
    if found[beep] > 0:
        raise CheckFailed(
            f"`quiet_ms` found {found[beep]:.0f} ms of quiet in {beep}, which is never quiet.",
            "Every wave passes through zero hundreds of times a second, and single numbers near zero were counted.",
            "Look at one piece at a time, and call it quiet only if all of its numbers are small.",
        )
    rest = _quiet_ms(sounds[pause], limit)
    if abs(found[pause] * _PIECE_MS - rest) <= _PIECE_MS < abs(found[pause] - rest):
        raise CheckFailed(
            f"`quiet_ms` found {found[pause]:.0f} in {pause!r}, where {rest} ms are quiet.",
            "It has counted pieces, and each of them lasts longer than a millisecond.",
            f"A piece is {_PIECE_MS} ms: add so many for each.",
        )
    for name in (pause, voice, far):
        right = _quiet_ms(sounds[name], limit)
        if abs(found[name] - right) > _PIECE_MS:
            raise CheckFailed(
                f"`quiet_ms` found {found[name]:.0f} ms of quiet in {name!r}, where there are {right}.",
                "Pieces were left out, counted twice, or measured against something else than LIMIT.",
                "Begin at 0, go on in steps of PIECE to the very end, and look at every piece once.",
            )
    return (
        f"It finds every pause. It also calls {found[far]:.0f} of the far voice's {_ms(sounds[far]):.0f} ms silence, "
        "and they are all there: loudness alone cannot tell a distant voice from none."
    )


def _ms(sound: np.ndarray) -> float:
    return 1000 * len(sound) / SAMPLE_RATE_HZ


def _quiet_ms(sound: np.ndarray, limit: float) -> int:
    pieces = (sound[start : start + _PIECE] for start in range(0, len(sound), _PIECE))
    return sum(_PIECE_MS for piece in pieces if np.abs(piece).max() < limit)
