"""Values for slots, taken out of what was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from ..numbers import read_number
from ..words import is_near, singular
from .dates import find_dates
from .heard import Heard
from .phrases import asked_for, object_phrase
from .schema import LANGUAGES, Slot
from .times import find_times
from .units import find_numbers

_YES = re.compile(
    r"^(?:(?:oh|well|um) )?(yes|yeah|yep|yup|sure|ok|okay|of course|correct|right|absolutely|definitely|please|go "
    r"ahead|that is (right|correct|fine)|sounds good|perfect|great|fine|exactly)\b"
)
_NO = re.compile(r"^(?:(?:oh|well) )?(no|nope|nah|not|do not|without)\b")
_LEAD = re.compile(
    r"^(?:(?:well|so|yes|yeah|ok|okay|please|it is|it would be|that is|that would be|under|my name is|i am|the name is|"
    r"name is|to|in|for|at|from|of|on|a|an|the|i would like|i want|i need|we want|make it|maybe|let us say|say|just|"
    r"put it under|this is|it was|there is|because|about|you can|call it|the number is|the code is|my|is|id like) )+"
)
_CHATTER = re.compile(r"\b(do not|i have|i am|what|why|how|hello|wait|where|when|which|sorry|moment|second)\b")
_TAIL = re.compile(
    r"(?: (?:please|thanks|thank you|speaking|here|i think|i guess|hello|hi|good (?:morning|afternoon|evening|day)))+$"
)
_NAME = re.compile(
    r"\b(?:my name is|the name is|name is|in the name of|under the name(?: of)?|it is under|under|i am called|this is|"
    r"call me|name of|put it down for) ((?!the\b|my\b|a\b|about\b)[^\W\d]+(?: (?!and\b|for\b|on\b|at\b|please\b|i\b|"
    r"from\b|the\b|speaking\b|here\b|we\b|with\b|calling\b)[^\W\d]+)?)"
)
_STOPS = "on|at|for|to|from|tomorrow|today|tonight|next|this|please|with|and|by|around|in|near|until|of|is"
_CUES = (
    ({"origin", "pickup", "pick", "from", "start", "departure", "collect"}, "from|at"),
    ({"destination", "dropoff", "to", "arrival", "target"}, "to"),
    ({"city", "location", "place", "town", "where", "address", "branch", "shop", "country"}, "in|at|near|for"),
    ({"room", "device", "zone"}, "in the|in|the"),
    (
        {"movie", "title", "book", "song", "product", "item", "dish", "topic", "subject", "query"},
        "for|about|see|called",
    ),
)
_DIGITS = {"zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
           "six": "6", "seven": "7", "eight": "8", "nine": "9"}  # fmt: skip
_SYNONYMS = (
    {"large", "big", "biggest", "huge"}, {"small", "little", "tiny"}, {"medium", "regular", "normal", "middle"},
    {"takeaway", "takeout", "togo", "collect", "pickup", "collection"}, {"delivery", "deliver", "delivered"},
    {"lost", "lose", "losing", "misplaced"}, {"stolen", "steal", "stole", "robbed", "theft"},
    {"morning", "am"}, {"evening", "night", "tonight"}, {"cheap", "economy", "basic", "budget", "cheapest"},
    {"premium", "luxury", "deluxe", "first"}, {"warm", "heat", "heating", "hot"}, {"cool", "cooling", "cold", "ac"},
    {"female", "woman", "lady"}, {"male", "man"}, {"single", "one"}, {"double", "two"}, {"urgent", "emergency"},
    {"damaged", "broken", "cracked"}, {"credit", "visa"}, {"kid", "child", "children", "kids"},
    {"student", "students"}, {"senior", "pensioner", "elderly"}, {"trim", "cut", "haircut"}, {"colour", "color", "dye"},
    {"checkup", "check", "examination"}, {"vaccination", "shot", "jab", "vaccine"},
)  # fmt: skip
_PARTICLES = ("on", "off", "in", "out", "up", "down", "no", "yes")


def find_values(slots: Sequence[Slot], heard: Heard, today: date, asked: Slot | None) -> dict[str, object]:
    """Every value that the words hold, by slot name. `asked`: the slot that a question was just put for."""
    found: dict[str, object] = {}
    order = sorted(slots, key=lambda slot: (slot != asked, _TURN.get(slot.kind, 9)))
    if asked and asked.kind == "bool" and (answer := says_yes(heard.said)) is not None:
        found[asked.name] = answer
    for slot in order:
        if slot.name in found or slot.kind == "number":
            continue
        value = _find(slot, heard, today, slot == asked)
        if value is not None:
            found[slot.name] = [value] if slot.many and not isinstance(value, list) else value
    numbers = [slot for slot in slots if slot.kind == "number"]
    found |= find_numbers(numbers, heard, asked)
    return _with_lengths(slots, heard, found)


_TURN = {"email": 0, "phone": 1, "code": 2, "datetime": 3, "date": 3, "time": 4, "enum": 5, "bool": 6, "name": 7}


def says_yes(said: str) -> bool | None:
    """Yes, no, or neither."""
    return False if _NO.match(said) else True if _YES.match(said) else None


def _find(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    finder = _FINDERS.get(slot.kind, _text)
    return finder(slot, heard, today, asked)


def _date(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    for day, start, end in find_dates(heard.words, today):
        if heard.free(start, end):
            heard.use(start, end)
            return day.isoformat()
    return None


def _time(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    for time, start, end in find_times(heard.words, bare=asked):
        if heard.free(start, end):
            heard.use(start, end)
            return time
    return None


def _datetime(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    day, time = _date(slot, heard, today, asked), _time(slot, heard, today, asked)
    if time and not day and asked:
        day = today.isoformat()
    return f"{day}T{time}:00" if day and time else None


def _bool(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    for word in slot.words.split():
        if len(word) > 3 and (found := re.search(rf"(\w+ )?(\w+ )?\b{re.escape(singular(word))}", heard.said)):
            return not re.search(r"\b(no|without|not)\b", found[0])
    return None


def _enum(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    hits = []
    times = {time: span for time, *span in find_times(heard.words, bare=asked)}
    days = {day.isoformat(): span for day, *span in find_dates(heard.words, today)}
    numbers = {str(int(read[0])) for at in range(len(heard.words)) if (read := read_number(heard.words, at))}
    for option in slot.options:
        plain = LANGUAGES.get(str(option), re.sub(r"[_\-]+", " ", str(option)).lower())
        span = (times | days).get(str(option)) or times.get(_twelve_hours_later(str(option)))
        if span:
            heard.use(*span)
        exact = span or (str(option) in numbers and asked)
        if score := 10.0 if exact else _likeness(plain, heard, asked):
            hits.append((score, option))
    if not hits:
        return None
    if slot.many:
        return [option for _, option in hits]
    best = max(score for score, _ in hits)
    return next(option for score, option in hits if score == best)


def _twelve_hours_later(time: str) -> str:
    """18:30 is also meant by "half past six" where only that is offered."""
    found = re.fullmatch(r"(\d\d?):(\d\d)", time)
    return f"{(int(found[1]) + 12) % 24:02}:{found[2]}" if found else ""


def _likeness(option: str, heard: Heard, asked: bool) -> float:
    if option in _PARTICLES:
        cue = r"\b(turn|switch|put|set|leave|keep|go|make|lights?|lamps?|it|heating)\b.*?"
        ends = rf"\b{option}( again)?( please| now)?$"
        return float(bool(re.search(rf"{cue}\b{option}\b(?! (?:mon|tues|wednes|thurs|fri|satur|sun)day)|{ends}",
                                    heard.said)) or (asked and option in heard.words))  # fmt: skip
    if re.search(rf"\b{re.escape(option)}(s|es)?\b", heard.said):
        return 10 + len(option)
    words, score = {singular(word) for word in heard.words}, 0.0
    for part in option.split():
        if len(part) < 3:
            continue
        group = next((group for group in _SYNONYMS if part in group), {part})
        if group & words or singular(part) in words:
            score += 2
        elif any(len(word) > 3 and is_near(word, part) for word in heard.words):
            score += 1
    return score


def _name(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    if (found := _NAME.search(heard.said)) and not found[1].startswith(("calling", "not ", "it ")):
        return found[1].title()
    if (asked and says_yes(heard.said) is None) or (asked and len(heard.words) > 3):
        rest = _rest(heard)
        return rest.title() if rest and len(rest.split()) <= 4 and not re.search(r"\d", rest) else None
    return None


def _code(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    """Digits and letters, said one by one or in groups."""
    best, run, at = "", "", 0
    words = [*heard.words, "."]
    for at, word in enumerate(words):
        spelled = _DIGITS.get(word) or (word if re.fullmatch(r"\d+|[a-z]\d+[a-z\d]*|\d+[a-z\d]*", word) else "")
        if not spelled and len(word) == 1 and word.isalpha():
            spelled = word if word not in "ai" or run or len(words[at + 1]) == 1 or words[at + 1] in _DIGITS else ""
        if not spelled and run and re.fullmatch(r"dash|hyphen", word):
            continue
        if not spelled and re.fullmatch(r"[a-z]{2,4}", word) and asked and word.upper() in heard.raw:
            spelled = word
        if spelled:
            run += spelled
        else:
            best, run = max(best, run, key=len), ""
    if len(best) >= (2 if asked else 3) and re.search(r"\d", best) and slot.fits(best.upper()):
        return best.upper()
    plain = _rest(heard).upper().replace(" ", "") if asked and len(heard.words) <= 3 else ""
    return plain if plain and says_yes(heard.said) is None and not _CHATTER.search(heard.said) and (
        (slot.fits(plain) and re.search(r"\d", plain)) or (not slot.pattern and len(plain) > 3)
    ) else None  # fmt: skip


def _phone(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    digits = "".join(_DIGITS.get(word) or (word if word.isdigit() else "") for word in heard.words)
    return digits if len(digits) >= (4 if asked else 6) else None


def _email(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    said = re.sub(r" (dot|point|period) ", ".", heard.said)
    said = re.sub(r" at (?=[\w-]+\.\w)", "@", said)
    found = re.search(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", said)
    return found[0] if found else None


def _text(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    cue = next((cue for words, cue in _CUES if words & (set(slot.words.split()) | slot.about)), None)
    named = set(slot.words.split())
    cue = next((cue for words, cue in _CUES if words & named), cue)
    if cue:
        pattern = rf"\b(?:{cue}) ((?:(?!(?:{_STOPS})\b)[^\s\d][\w'-]* ?){{1,5}})"
        for found in re.finditer(pattern, heard.said):
            words = _LEAD.sub("", found[1].strip() + " ").strip()
            start = len(heard.said[: found.start(1)].split())
            if words and heard.free(start, start + len(found[1].split())) and not find_dates(words.split(), today):
                heard.use(start, start + len(found[1].split()))
                return words.title() if cue != "in the|in|the" else words
    if proper := (_proper(heard) if named & _TITLED else None):
        return proper
    chatter = (says_yes(heard.said) is not None and len(heard.words) < 3) or re.search(r"\bdo not\b|\?$", heard.text)
    if asked and not chatter:
        rest = _rest(heard)
        return rest if rest and slot.fits(rest) else None
    return None


_TITLED = {"title", "movie", "film", "book", "song", "show", "product", "item", "dish", "artist", "team", "play"}


def _query(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    return asked_for(heard.said, asked)


def _thing(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    if (found := object_phrase(heard.said)) and slot.fits(found):
        return found
    return _text(slot, heard, today, asked) if asked else None


def _proper(heard: Heard) -> str | None:
    """Words in capitals inside a sentence: a title."""
    runs: list[list[str]] = [[]]
    for at, raw in enumerate(heard.raw):
        proper = at and raw[:1].isupper() and raw not in ("I", "A") and not find_dates([raw.lower()], date.today())
        if proper and heard.free(at, at + 1):
            runs[-1].append(raw)
        elif runs[-1]:
            runs.append([])
    best = max(runs, key=len)
    return " ".join(best) or None


def _rest(heard: Heard) -> str:
    """An answer without what leads up to it, spelled as it was heard."""
    plain = _TAIL.sub("", _LEAD.sub("", heard.said + " ").strip())
    count = len(plain.split())
    for start in range(len(heard.words) - count, -1, -1):
        if heard.words[start : start + count] == plain.split():
            return " ".join(heard.raw[start : start + count])
    return plain


def _with_lengths(slots: Sequence[Slot], heard: Heard, found: dict[str, object]) -> dict[str, object]:
    """ "for three nights" tells the second date where there is a first."""
    dates = [slot for slot in slots if slot.kind == "date"]
    if len(dates) == 2 and dates[0].name in found and dates[1].name not in found:
        for at, word in enumerate(heard.words):
            if singular(word) in ("night", "day", "week") and at and (read := read_number(heard.words[at - 1 : at])):
                days = int(read[0]) * (7 if singular(word) == "week" else 1)
                first = date.fromisoformat(str(found[dates[0].name]))
                found[dates[1].name] = (first + timedelta(days)).isoformat()
    return found


_FINDERS = {
    "date": _date, "time": _time, "datetime": _datetime, "bool": _bool, "enum": _enum, "name": _name, "code": _code,
    "phone": _phone, "email": _email, "text": _text, "query": _query, "thing": _thing,
}  # fmt: skip
