"""What counts as the right value of an argument.

A wanted value is plain (2, "double", ["oat milk"]), one of these helpers' values, or a tuple of several that are all
right; the first of a tuple is the example.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from dateutil import parser as dates


@dataclass(frozen=True)
class Value:
    """`example` and whatever else `accepts` lets pass."""

    example: object
    accepts: Callable[[object], bool]


def accepts(wanted: object, got: object) -> bool:
    """Text is compared without case, punctuation and leading articles; lists in any order; numbers never as text."""
    if isinstance(wanted, tuple):
        return any(accepts(one, got) for one in wanted)
    if isinstance(wanted, Value):
        return wanted.accepts(got)
    if isinstance(wanted, list):
        return (
            isinstance(got, list)
            and len(got) == len(wanted)
            and all(any(accepts(w, g) for g in got) for w in wanted)
            and all(any(accepts(w, g) for w in wanted) for g in got)
        )
    if isinstance(wanted, str):
        return isinstance(got, str) and plain(wanted) == plain(got)
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    return isinstance(got, int | float) and wanted == got


def example(wanted: object) -> object:
    """The first right value."""
    if isinstance(wanted, tuple):
        return example(wanted[0])
    return wanted.example if isinstance(wanted, Value) else wanted


def plain(text: str) -> str:
    """'The Café, please!' -> 'café please'"""
    words = re.findall(r"[^\W_]+", text.casefold().replace("'", "").replace("’", ""))
    while words and words[0] in ("the", "a", "an", "my"):
        words = words[1:]
    return " ".join(words)


def has(*words: str, extra: int | None = 4) -> Value:
    """Text with these words in this order ("14|fourteen" is either) and at most `extra` others."""
    pattern = re.compile(".*".join(rf"\b(?:{word})\b" for word in words))

    def accept(got: object) -> bool:
        if not isinstance(got, str) or not pattern.search(plain(got)):
            return False
        return extra is None or len(plain(got).split()) <= len(words) + extra

    return Value(" ".join(word.split("|")[0] for word in words), accept)


def reason(*words: str) -> Value:
    """Free text, as long as the speaker likes, with these words in it."""
    return has(*words, extra=None)


def code(text: str) -> Value:
    """Letters and digits; spaces, hyphens and case do not matter."""
    wanted = _code(text)
    return Value(text, lambda got: isinstance(got, str) and _code(got) == wanted)


def _code(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def day(iso: str, *phrases: str) -> Value:
    """A date where the schema states no format: any spelling of it, or the speaker's own words (`phrases`)."""
    wanted = dt.date.fromisoformat(iso)

    def accept(got: object) -> bool:
        return isinstance(got, str) and (plain(got) in map(plain, phrases) or _parses_to(got, wanted))

    return Value(iso, accept)


def _parses_to(got: str, wanted: dt.date) -> bool:
    if not re.search(r"\d", got):
        return False  # dateutil would take "Friday" for one of its own choice
    try:
        return dates.parse(got, default=dt.datetime(wanted.year, 1, 1)).date() == wanted
    except (ValueError, OverflowError):
        return False


def clock(time: str, *phrases: str) -> Value:
    """A time of day where the schema states no format: "19:30", "7:30 pm", or the speaker's own words."""
    wanted = dt.time.fromisoformat(time)

    def accept(got: object) -> bool:
        if not isinstance(got, str):
            return False
        if plain(got) in map(plain, phrases):
            return True
        found = re.fullmatch(r"(\d{1,2})(?:[:.h](\d\d))?(?::00)?\s*([ap])?\.?(?:m\.?)?", got.strip().lower())
        if not found or not (found[2] or found[3]):
            return False
        hour = int(found[1]) % 12 + 12 * (found[3] == "p") if found[3] else int(found[1])
        return (hour, int(found[2] or 0)) == (wanted.hour, wanted.minute)

    return Value(time, accept)
