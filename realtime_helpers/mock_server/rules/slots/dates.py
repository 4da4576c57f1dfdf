"""Dates as people say them, against a day that counts as today."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from ..numbers import read_number
from ..words import is_near

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4}
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_SHORT_MONTHS = {m[:3]: at for at, m in enumerate(MONTHS, 1) if m != "may"} | {"sept": 9}
ORDINALS = tuple(
    [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
        "twenty-first",
        "twenty-second",
        "twenty-third",
        "twenty-fourth",
        "twenty-fifth",
        "twenty-sixth",
        "twenty-seventh",
        "twenty-eighth",
        "twenty-ninth",
        "thirtieth",
        "thirty-first",
    ]
)
_ORDINALS = ORDINALS[:20]
Found = tuple[date, int, int]


def stated_today(instructions: str) -> date:
    """The date that the instructions say it is; without one, the computer's."""
    from .heard import hear

    named: list[date] = []
    others: list[date] = []
    for line in re.split(r"(?<=[.!?;\n])\s+", instructions):
        found = _full_dates(hear(line).words)
        (named if re.search(r"\b(today|current|now|date)\b", line, re.IGNORECASE) else others).extend(found)
    if named:
        return named[0]
    return others[0] if len(set(others)) == 1 else date.today()


def _full_dates(words: Sequence[str]) -> list[date]:
    """Dates given with their year."""
    never = date(1, 1, 1)
    return [day for at in range(len(words)) if (found := _calendar(words, at, never)) and (day := found[0]).year > 1900]


def find_dates(words: Sequence[str], today: date) -> list[Found]:
    """Every date in `words` as (date, start, end), in the order said."""
    found, at = [], 0
    while at < len(words):
        one = _relative(words, at, today) or _weekday(words, at, today) or _calendar(words, at, today)
        if one and one[1] > at:
            found.append((one[0], at, one[1]))
            at = one[1]
        else:
            at += 1
    return found


def day_number(word: str) -> int | None:
    """0 for Monday; forgives a small mishearing."""
    word = word.removesuffix("'s")
    if word in DAYS:
        return DAYS.index(word)
    if word in _SHORT_DAYS:
        return _SHORT_DAYS[word]
    if word.endswith("day") and len(word) > 5:
        return next((at for at, day in enumerate(DAYS) if is_near(word, day)), None)
    if word.endswith("days") and word[:-1] in DAYS:
        return DAYS.index(word[:-1])
    return None


def _relative(words: Sequence[str], at: int, today: date) -> tuple[date, int] | None:
    rest = " ".join(words[at : at + 6])
    for pattern, days in (
        (r"(the )?day after tomorrow", 2), (r"tomorrow( morning| evening| night| afternoon)?", 1), (r"tomorow", 1),
        (r"(today|tonight|this (morning|afternoon|evening))", 0), (r"a fortnight from (now|today)", 14),
        (r"in a fortnight", 14), (r"(a )?week from (now|today)", 7), (r"(a )?week from tomorrow", 8),
        (r"yesterday", -1),
    ):  # fmt: skip
        if match := re.match(pattern + r"\b", rest):
            plain = re.sub(r" (morning|evening|night|afternoon)$", "", match[0]) if days == 1 else match[0]
            return today + timedelta(days), at + len(plain.split())
    if re.match(r"(at )?(the |this )?(coming )?weekend\b", rest) or re.match(r"next weekend\b", rest):
        ahead = (5 - today.weekday()) % 7 + (7 if rest.startswith("next") else 0)
        return today + timedelta(ahead), at + rest.split().index("weekend") + 1
    if rest.startswith("next week") and not rest.startswith("next weekend"):
        if len(words) > at + 2:
            day = day_number(words[at + 2 + (words[at + 2] == "on" and len(words) > at + 3)])
            if day is not None:
                monday = today - timedelta(today.weekday())
                return monday + timedelta(7 + day), at + 3 + (words[at + 2] == "on")
        return today + timedelta(7), at + 2
    if rest.startswith("next month"):
        return _month_on(today, 1), at + 2
    counted = re.match(r"(in |within )?(\w+( of)?( \w+)?) (day|week|month)s?( from (now|today)| later| hence)?\b", rest)
    if counted and (counted[1] or counted[6]):
        start = at + len((counted[1] or "").split())
        number = {"a": 1, "an": 1, "one": 1}.get(words[start])
        if words[start : start + 2] == ["a", "couple"] or words[start] == "couple":
            number = 2
        if number is None and (read := read_number(list(words), start)):
            number = int(read[0])
        if number is not None and number < 1000:
            end = at + len(counted[0].split())
            if counted[5] == "month":
                return _month_on(today, number), end
            return today + timedelta(number * (7 if counted[5] == "week" else 1)), end
    return None


def _month_on(day: date, months: int) -> date:
    at = day.month - 1 + months
    year, month = day.year + at // 12, at % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _weekday(words: Sequence[str], at: int, today: date) -> tuple[date, int] | None:
    start = at
    lead = words[at] if words[at] in ("next", "this", "coming", "following") else ""
    if lead:
        at += 1
        if at < len(words) and words[at] == "coming":
            at += 1
    day = day_number(words[at]) if at < len(words) else None
    if day is None or (start and words[start - 1] == "every"):
        return None
    ahead = (day - today.weekday()) % 7
    if ahead == 0 and lead != "this":
        ahead = 7
    end = at + 1
    rest = " ".join(words[end : end + 3])
    # "Friday the third of May" is the third of May, and "Friday November 27" the 27th
    skip = 1 if rest.startswith(("the ", "on ")) else 0
    if end + skip < len(words) and (exact := _calendar(words, end + skip, today)):
        return exact
    if re.match(r"(a )?week\b(?! from)", rest) or rest.startswith("next week"):
        return today + timedelta(ahead + 7), end + len(re.match(r"(a |next )?week", rest)[0].split())
    if lead == "next" and ahead <= 0:
        ahead += 7
    return today + timedelta(ahead), end


def _calendar(words: Sequence[str], at: int, today: date) -> tuple[date, int] | None:
    word = words[at]
    if match := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", word):
        return _made(int(match[1]), int(match[2]), int(match[3]), at + 1)
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{2,4}))?", word):
        if not match[3] and "/" not in word:
            return None
        one, two = int(match[1]), int(match[2])
        month, day = (two, one) if one > 12 or ("." in word and two <= 12) else (one, two)
        if not match[3]:
            return _coming(month, day, at + 1, today)
        year = int(match[3])
        return _made(year + 2000 if year < 100 else year, month, day, at + 1)
    at_day = at + 1 if word == "the" else at
    if at_day < len(words) and (read := _day_of_month(words, at_day)):
        day, end, ordinal = read
        after = end + 1 if words[end : end + 1] == ["of"] else end
        month = _month(words[after]) if after < len(words) else None
        if month and (words[after] not in ("march", "may") or ordinal or after > end or words[after + 1 :][:1]):
            return _with_year(words, after + 1, month, day, today)
        if word == "the" and ordinal and after == end and not _continues(words, end):
            month_day = today if day >= today.day else _month_on(today.replace(day=1), 1)
            return _made(month_day.year, month_day.month, day, end)
    if month := _month(word):
        start = at + 1 + (words[at + 1 : at + 2] == ["the"])
        if start < len(words) and (read := _day_of_month(words, start)):
            return _with_year(words, read[1], month, read[0], today)
    return None


def _continues(words: Sequence[str], end: int) -> bool:
    """Whether a noun follows: "the first one", "the second book" are no dates."""
    follow = words[end] if end < len(words) else ""
    ends = ("", "at", "for", "please", "in", "then", "and", "is", "would", "works", "around", "if", "of", "to", "with")
    return follow not in ends


def _month(word: str) -> int | None:
    if word in MONTHS:
        return MONTHS.index(word) + 1
    return _SHORT_MONTHS.get(word.rstrip("."))


def _day_of_month(words: Sequence[str], at: int) -> tuple[int, int, bool] | None:
    """(day, end, whether it was an ordinal)."""
    word = words[at]
    if match := re.fullmatch(r"(\d{1,2})(st|nd|rd|th)?", word):
        return (int(match[1]), at + 1, bool(match[2])) if 1 <= int(match[1]) <= 31 else None
    if word in _ORDINALS:
        return _ORDINALS.index(word) + 1, at + 1, True
    if word in ("thirtieth", "twentieth"):
        return 30 if word[1] == "h" else 20, at + 1, True
    if word in ("twenty", "thirty") and at + 1 < len(words) and words[at + 1] in _ORDINALS[:9]:
        return (20 if word == "twenty" else 30) + _ORDINALS.index(words[at + 1]) + 1, at + 2, True
    if (read := read_number(list(words), at)) and read[0].denominator == 1 and 1 <= read[0] <= 31:
        return int(read[0]), read[1], False
    return None


def _with_year(words: Sequence[str], end: int, month: int, day: int, today: date) -> tuple[date, int] | None:
    if end < len(words) and re.fullmatch(r"(19|20)\d\d", words[end]):
        return _made(int(words[end]), month, day, end + 1)
    if words[end : end + 1] == ["twenty"] and (read := read_number(list(words), end + 1)) and 20 <= read[0] < 60:
        return _made(2000 + int(read[0]), month, day, read[1])
    return _coming(month, day, end, today)


def _coming(month: int, day: int, end: int, today: date) -> tuple[date, int] | None:
    """Without a year a date is the next one to come."""
    this = _made(today.year, month, day, end)
    if this and this[0] < today and today.year < 9999:
        return _made(today.year + 1, month, day, end)
    return this


def _made(year: int, month: int, day: int, end: int) -> tuple[date, int] | None:
    try:
        return date(year, month, day), end
    except ValueError:
        return None
