"""Which number is meant for which slot: by the noun that follows it, else by what was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..numbers import read_number
from ..words import word_set
from .heard import Heard
from .schema import Slot, stems

# A number before one of these counts it, and nothing else.
_UNITS = stems(
    "people adult night day week month hour minute dollar euro pound degree percent ticket bag copy year mile "
    "kilometre room kid child seat piece item car shot cup slice"
)
_COUNTED = stems("people adult ticket kid child seat piece item shot")
_LIMITS = word_set("max maximum most limit min minimum least")  # a number alone is none of these
_SOUNDS_LIKE = {"won": 1.0, "to": 2.0, "too": 2.0, "for": 4.0, "fore": 4.0, "ate": 8.0}
_POLITE = word_set("please yes just thanks")
_ALONE = (
    (r"\b(just|only) (me|myself)\b|\bon my own\b|\bby myself\b", 1),
    (r"\bme and my \w+\b|\bmy (wife|husband|partner) and (i|me)\b|\bboth of us\b|\bfor both\b", 2),
)


def find_numbers(slots: Sequence[Slot], heard: Heard, asked: Slot | None) -> dict[str, object]:
    """Numbers for these slots. A number whose noun belongs to no slot is left alone."""
    found: dict[str, object] = {}
    plain: list[float] = []
    for value, start, end in _numbers(heard) or _by_sound(asked if asked in slots else None, heard):
        if heard.words[start:] == ["one"] and start > 1 and asked not in slots and heard.words[start - 1] != "for":
            continue  # "the red one"
        unit = stems(" ".join(heard.words[end : end + 2])) & _UNITS
        before = heard.words[start - 1] if start else ""
        best = next((slot for slot in slots if slot.name not in found and unit & slot.about), None)
        if best is None and len(slots) == 1 and unit & _COUNTED and not slots[0].about & (_UNITS - _COUNTED):
            best = slots[0]
        if best is None and unit and not (asked in slots and len(slots) == 1):
            continue
        if best is None and before == "for":
            best = next((slot for slot in slots if slot.name not in found and "people" in slot.about), None)
        if best is None:
            plain.append(value)
        elif (fit := _fitting(best, value)) is not None:
            found[best.name] = fit
    for slot in slots:
        if "people" in slot.about and slot.name not in found:
            counted = next((count for pattern, count in _ALONE if re.search(pattern, heard.said)), None)
            if counted:
                found[slot.name] = counted
    left = [
        slot for slot in slots if slot.name not in found and (slot == asked or not _LIMITS & set(slot.words.split()))
    ]
    if asked in left:
        left = [asked, *(slot for slot in left if slot != asked)]
    fit = _fitting(left[0], _joined(left[0], plain)) if left and plain and (asked in left or len(left) == 1) else None
    if fit is not None:
        found[left[0].name] = fit
    return found


def _numbers(heard: Heard) -> list[tuple[float, int, int]]:
    words = ["one" if w in ("a", "an") and n in ("hundred", "thousand", "dozen") else w
             for w, n in zip(heard.words, [*heard.words[1:], ""], strict=False)]  # fmt: skip
    found, at = [], 0
    while at < len(words):
        if words[at : at + 3] == ["half", "a", "dozen"]:
            read = (6, at + 3)
        elif words[at] == "couple":
            read = (2, at + 1 + (words[at + 1 : at + 2] == ["of"]))
        elif words[at] in ("a", "an") and stems(" ".join(words[at + 1 : at + 2])) & _UNITS:
            read = (1, at + 1)
        elif words[at : at + 2] == ["one", "dozen"]:
            read = (12, at + 2)
        elif words[at : at + 1] == ["dozen"]:
            read = (12, at + 1)
        else:
            read = read_number(words, at)
        if (
            read
            and heard.free(at, read[1])
            and not (words[at] == "one" and words[at - 1 : at] in (["this"], ["that"], ["which"]))
        ):
            found.append((float(read[0]), at, read[1]))
        at = max(read[1], at + 1) if read else at + 1
    return found


def _by_sound(asked: Slot | None, heard: Heard) -> list[tuple[float, int, int]]:
    """ "For people, please", where a number was asked for: "four" is spelt otherwise. Before its noun, or alone."""
    if asked is None:
        return []
    words = [*heard.words, ""]
    alone = [word for word in heard.words if word not in _POLITE]
    return [
        (number, at, at + 1)
        for at, word in enumerate(heard.words)
        if (number := _SOUNDS_LIKE.get(word)) and (alone == [word] or stems(words[at + 1]) & asked.about)
    ]


def _joined(slot: Slot, values: list[float]) -> float:
    """ "eighty nine fifty" is a price."""
    if "money" in slot.about and not slot.whole and len(values) == 2 and 10 <= values[1] < 100 and values[0] < 1000:
        return values[0] + values[1] / 100
    return values[-1] if len(values) > 1 and "money" not in slot.about else values[0]


def _fitting(slot: Slot, value: float) -> object:
    if (slot.low is not None and value < slot.low) or (slot.high is not None and value > slot.high):
        return None
    if slot.whole and not value.is_integer():
        return None
    return int(value) if value.is_integer() else value
