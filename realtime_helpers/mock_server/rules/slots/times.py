"""Times of day as people say them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..numbers import read_number

_PARTS = {"morning": "am", "afternoon": "pm", "evening": "pm", "tonight": "pm", "night": "pm"}
_FIXED = {"noon": (12, 0), "midday": (12, 0), "midnight": (0, 0), "lunchtime": (12, 0)}
_NOT_HOURS = frozenset(
    [
        "people",
        "persons",
        "guests",
        "of",
        "us",
        "days",
        "day",
        "weeks",
        "week",
        "nights",
        "night",
        "months",
        "month",
        "hours",
        "hour",
        "minutes",
        "minute",
        "dollars",
        "euros",
        "pounds",
        "bucks",
        "percent",
        "degrees",
        "adults",
        "kids",
        "children",
        "tickets",
        "pieces",
        "copies",
        "times",
        "years",
        "large",
        "small",
        "medium",
        "rooms",
        "seats",
        "tables",
        "bags",
        "items",
    ]
)


def find_times(words: Sequence[str], bare: bool = False) -> list[tuple[str, int, int]]:
    """Every time of day as ("HH:MM", start, end). `bare`: a number alone ("seven") is one too."""
    found, at = [], 0
    while at < len(words):
        one = _time(words, at, bare)
        if one:
            (hour, minute, half), start, end = one[0], at, one[1]
            hour = _clock_hour(hour, half or _part_of_day(words))
            found.append((f"{hour:02d}:{minute:02d}", start, end))
            at = end
        else:
            at += 1
    return found


def _part_of_day(words: Sequence[str]) -> str:
    return next((_PARTS[word] for word in words if word in _PARTS), "")


def _clock_hour(hour: int, half: str) -> int:
    if half == "pm" and hour < 12:
        return hour + 12
    if half == "am" and hour == 12:
        return 0
    # a bare "seven" is the evening's, a bare "nine" the morning's: what shops and tables mean
    if not half and 1 <= hour <= 7:
        return hour + 12
    return hour % 24


def _time(words: Sequence[str], at: int, bare: bool) -> tuple[tuple[int, int, str], int] | None:
    word = words[at]
    cued = at > 0 and words[at - 1] in ("at", "around", "about", "by", "after", "before", "say", "till", "until")
    if word in _FIXED:
        return (*_FIXED[word], "24"), at + 1
    if match := re.fullmatch(r"(\d{1,2}):(\d\d)(:\d\d)?", word):
        if int(match[1]) > 23 or int(match[2]) > 59:
            return None
        half, end = _half(words, at + 1)
        fixed = half or ("24" if int(match[1]) > 12 or match[1].startswith("0") else "")
        return (int(match[1]), int(match[2]), fixed), end
    if word == "half" and at + 1 < len(words):
        start = at + 2 if words[at + 1] in ("past", "passed") else at + 1
        return _joined(words, start, 30)
    past = re.match(r"(?:a )?(quarter|five|ten|twenty|twenty five|\d\d?)(?: minutes)? (past|after|passed|to|till|of) ",
                    " ".join(words[at : at + 6]) + " ")  # fmt: skip
    if past:
        start = at + len(past[0].split())
        minutes = 15 if past[1] == "quarter" else int(read_number(past[1].split())[0])
        back = past[2] in ("to", "till", "of")
        if (past[1] == "quarter" or past[2] in ("past", "after")) and (one := _joined(words, start, minutes)):
            (hour, _, half), end = one
            return ((hour - 1 or 12) if back else hour, 60 - minutes if back else minutes, half), end
    read = _hour(words, at)
    if read is None:
        return None
    hour, end = read
    minute, clear = 0, False
    following = words[end : end + 2]
    if following[:1] == ["oh"] or following[:1] == ["o"]:
        if (small := _small(words, end + 1)) is not None and small[0] < 10:
            minute, end, clear = small[0], small[1], True
    elif (small := _small(words, end)) is not None and (small[0] >= 10 and small[0] < 60) and _is_word(word):
        follow = words[small[1]] if small[1] < len(words) else ""
        if follow not in _NOT_HOURS:
            minute, end, clear = small[0], small[1], True
    half, after = _half(words, end)
    follow = words[after] if after < len(words) else ""
    if half or words[end : end + 1] == ["o'clock"]:
        return (hour, minute, half), after
    if follow in _NOT_HOURS or hour == 0:
        return None
    part = follow in _PARTS or words[after : after + 2] in (["in", "the"], ["at", "night"], ["this", "evening"])
    if (clear and (cued or bare or part)) or cued or part or bare:
        return (hour, minute, ""), end
    return None


def _is_word(word: str) -> bool:
    return not word.isdigit()


def _joined(words: Sequence[str], start: int, minute: int) -> tuple[tuple[int, int, str], int] | None:
    if start >= len(words) or (hour := _hour(words, start)) is None:
        return None
    half, end = _half(words, hour[1])
    return (hour[0], minute, half), end


def _hour(words: Sequence[str], at: int) -> tuple[int, int] | None:
    word = words[at]
    if word.isdigit() and len(word) <= 2 and int(word) < 24:
        return int(word), at + 1
    if word.isdigit():
        return None
    read = read_number([word]) if word not in ("dozen", "hundred", "thousand", "million") else None
    return (int(read[0]), at + 1) if read and read[0].denominator == 1 and 1 <= read[0] <= 12 else None


def _small(words: Sequence[str], at: int) -> tuple[int, int] | None:
    read = read_number(list(words), at) if at < len(words) else None
    return (int(read[0]), read[1]) if read and read[0].denominator == 1 and not words[at].isdigit() else None


def _half(words: Sequence[str], end: int) -> tuple[str, int]:
    if words[end : end + 1] == ["o'clock"] or words[end : end + 1] == ["oclock"]:
        end += 1
    if words[end : end + 1] in (["am"], ["pm"]):
        return words[end], end + 1
    if words[end : end + 2] in (["a", "m"], ["p", "m"]):
        return words[end] + "m", end + 2
    match = re.match(r"(in the (morning|afternoon|evening)|at night|tonight|this (morning|afternoon|evening))\b",
                     " ".join(words[end : end + 3]))  # fmt: skip
    if match:
        part = match[2] or match[3] or "evening"
        # the words of the day stay free, so that "tonight" is still a date
        return _PARTS[part], end + (len(match[0].split()) if match[2] or match[0] == "at night" else 0)
    return "", end
