"""A slot of a tool, and its value in what was said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ..numbers import read_number
from .dates import find_dates
from .heard import Heard
from .times import find_times

_YES = re.compile(
    r"^(yes|yeah|yep|yup|sure|ok|okay|of course|correct|right|absolutely|definitely|please do|go ahead)\b"
)
_NO = re.compile(r"^(no|nope|nah|not really|do not)\b")
_LEAD = re.compile(
    r"^((well|so|please|it is|it would be|that is|under|my name is|i am|the name is|name is|to|in|for|at|from|a|an|"
    r"the|i would like|i want|make it|maybe|let us say|just|put it under|this is) )+"
)
_NAME = re.compile(
    r"\b(?:my name is|the name is|under the name(?: of)?|it is under|under|i am called|this is) "
    r"((?!the\b|my\b|a\b)[^\W\d]+(?: (?!and\b|for\b|on\b|at\b|please\b)[^\W\d]+)?)"
)
_AFTER = r"\b(?:{}) ((?:(?!(?:on|at|for|to|from|tomorrow|today|next|this|please|with|and)\b)[\w'-]+ ?){{1,4}})"


@dataclass(frozen=True, slots=True)
class Slot:
    """`kind`: date, time, number, bool, enum, name or text; `whole`: an integer."""

    name: str
    kind: str
    words: str
    options: tuple = ()
    whole: bool = False


def read_slot(name: str, schema: object) -> Slot:
    schema = schema if isinstance(schema, dict) else {}
    plain = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ").replace("-", " ").lower().strip()
    about = f"{plain} {schema.get('description', '')}".lower()
    kinds = schema.get("type", "string")
    kind = next((k for k in kinds if k != "null"), "string") if isinstance(kinds, list) else kinds
    if options := schema.get("enum"):
        return Slot(name, "enum", plain, tuple(options))
    if kind in ("integer", "number"):
        return Slot(name, "number", plain, whole=kind == "integer")
    if kind == "boolean":
        return Slot(name, "bool", plain)
    form = schema.get("format")
    if form == "date" or (not form and re.search(r"\b(date|day)\b|yyyy-mm-dd", about)):
        return Slot(name, "date", plain)
    if form == "time" or (not form and re.search(r"\btime\b|hh:mm", about)):
        return Slot(name, "time", plain)
    if re.search(r"\bname\b", plain) and re.search(r"customer|guest|person|patient|caller|full|first|last|who|^name$",
                                                   about):  # fmt: skip
        return Slot(name, "name", plain)
    return Slot(name, "text", plain)


def find_value(slot: Slot, heard: Heard, today: date, asked: bool) -> object:
    """The slot's value, or None. `asked`: the words answer a question for this slot."""
    said, words = heard.said, heard.words
    if slot.kind == "date":
        for day, start, end in find_dates(words, today):
            if heard.free(start, end):
                heard.use(start, end)
                return day.isoformat()
    elif slot.kind == "time":
        for time, start, end in find_times(words, bare=asked):
            if heard.free(start, end):
                heard.use(start, end)
                return time
    elif slot.kind == "number":
        return _number(slot, heard)
    elif slot.kind == "bool" and asked:
        return True if _YES.match(said) else False if _NO.match(said) else None
    elif slot.kind == "enum":
        for option in slot.options:
            plain = str(option).replace("_", " ").replace("-", " ").lower()
            if re.search(rf"\b{re.escape(plain)}s?\b", said):
                return option
    elif slot.kind == "name":
        if found := _NAME.search(said):
            return found[1].title()
        if asked and not (_YES.match(said) and len(words) < 3):
            return _rest(heard).title() or None
    elif slot.kind == "text":
        if asked:
            return _rest(heard) or None
        cues = {"origin": "from", "destination": "to", "city": "in|for", "location": "in|at|for", "place": "in|at"}
        cue = next((cue for word, cue in cues.items() if word in slot.words), None)
        if cue and (found := re.search(_AFTER.format(cue), said)):
            return found[1].strip().title()
    return None


def _number(slot: Slot, heard: Heard) -> object:
    words = ["one" if w in ("a", "an") and n in ("hundred", "thousand", "dozen") else w
             for w, n in zip(heard.words, [*heard.words[1:], ""], strict=True)]  # fmt: skip
    at = 0
    while at < len(words):
        read = (2, at + 1) if words[at] == "couple" else read_number(words, at)
        # "one dozen" is read as one and twelve by the sums
        if read and words[at : at + 2] == ["one", "dozen"]:
            read = (12, at + 2)
        if read and heard.free(at, read[1]):
            heard.use(at, read[1])
            value = float(read[0])
            return int(value) if slot.whole or value.is_integer() else value
        at = read[1] if read else at + 1
    return None


def _rest(heard: Heard) -> str:
    plain = _LEAD.sub("", heard.said + " ").strip()
    plain = re.sub(r"( please| thanks| thank you)+$", "", plain)
    count = len(plain.split())
    return " ".join(heard.raw[len(heard.words) - len(heard.said.split()) :]) if plain == heard.said else (
        plain if count else "")  # fmt: skip
