"""A tool's JSON schema, read as slots: what kind of value each takes, and which words stand for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..words import singular, word_set

_COMMON = word_set("""
a an the of for to in on at is are given whether and or by with it its this that be as from if any all one your my
get set user customer caller value string number integer e g eg like such format iso yyyy mm dd hh optional default
how much many what which
""")
# Words that mean the same to a tool: each stands for the last of its line.
_ALIKE = {
    word: line.split()[-1]
    for line in """
reserve reservation booking booked schedule appointment make arrange book
available free vacancy vacant left slot slots availability
open opening opened openings close closed closing open
verify look lookup find search see check
buy purchase get order
person persons guest diner party pax traveller passenger folk attendee player visitor us people
kid child children child
altogether together sum total
dollar euro pound buck cost amount price fee quote money
temperature celsius fahrenheit warm heat warmer degree
night nights stay night
film movie movie
parcel package delivery shipment parcel
track tracking where status track
cab taxi ride taxi
cancel remove delete drop cancel
lost stolen freeze lock block
remind reminder reminder
light lamp lights light
""".strip().splitlines()
    for word in line.split()
}
LANGUAGES = {
    "en": "english", "fr": "french", "de": "german", "es": "spanish", "it": "italian", "nl": "dutch",
    "pt": "portuguese", "ja": "japanese", "zh": "chinese", "ru": "russian", "pl": "polish", "tr": "turkish",
}  # fmt: skip
_READS = word_set("check track get list availability info information hours show tell weather balance")
_LOOKS = word_set("compare get check find list search lookup look show track query fetch read tell")
_SEARCHES = word_set("check find list search lookup look track verify")
_LOOKS_UP = re.compile(r"(how (many|much)|whether|tells|returns|checks?|finds?|lists?|looks? up|shows?|search)", re.I)
_QUERY = re.compile(r"\b(query|question|keywords?|search|wish|need)\b")
_CODES = word_set("number code id reference ref size type")
_THING = re.compile(r"\b(product|item|article|thing)\b")
_NAME_OF_THING = re.compile(
    r"\bname of (?:the |a |an |one |another |each )?(?:other )?(?:product|item|article|thing)\b"
)
_ENDS = word_set("hang goodbye end_call hangup")


@dataclass(frozen=True)
class Slot:
    """`kind`: date, time, datetime, number, bool, enum, name, code, phone, email, query, thing or text. `about`: stems
    of its name and description. `many`: it takes an array of such values."""

    name: str
    kind: str
    words: str
    about: frozenset[str]
    options: tuple = ()
    whole: bool = False
    many: bool = False
    low: float | None = None
    high: float | None = None
    pattern: str = ""

    def fits(self, value: str) -> bool:
        """Whether the schema's pattern, if it has one, takes this text."""
        try:
            return not self.pattern or re.search(self.pattern, value) is not None
        except re.error:
            return True


class Tool:
    def __init__(self, tool: dict) -> None:
        self.name = str(tool.get("name", ""))
        schema = tool.get("parameters")
        schema = schema if isinstance(schema, dict) else {}
        parts = schema.get("properties")
        parts = parts if isinstance(parts, dict) else {}
        self.slots = [_slot(name, part) for name, part in parts.items()]
        required = schema.get("required")
        wanted = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
        self.required = [slot for slot in self.slots if slot.name in wanted]
        self.description = str(tool.get("description") or "")
        self.title = stems(_apart(self.name))
        self.about = stems(self.description) - self.title
        self.spoken = _apart(self.name)

    @property
    def reads(self) -> bool:
        """It only looks something up."""
        return bool(self.title & _READS or _LOOKS_UP.match(self.description)) or self.spoken.partition(" ")[0] in _LOOKS

    @property
    def searches(self) -> bool:
        """It looks for what may then be booked."""
        return bool(
            self.spoken.partition(" ")[0] in _SEARCHES or ("availability" in self.title | self.about and self.reads)
        )

    @property
    def ends_the_call(self) -> bool:
        return not self.required and bool(set(self.spoken.split()) & _ENDS or self.title & {"hang", "goodbye"})

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.name == name), None)


def stems(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z]+", text.lower())
    found = (_ALIKE.get(word, _ALIKE.get(singular(word), singular(word))) for word in words)
    return frozenset(word for word in found if word not in _COMMON)


def _apart(name: str) -> str:
    """num_people, numPeople, num-people -> num people"""
    return re.sub(r"[_\-\s]+", " ", re.sub(r"([a-z])([A-Z])", r"\1 \2", name)).lower().strip()


def _slot(name: str, schema: object) -> Slot:
    schema = schema if isinstance(schema, dict) else {}
    either = schema.get("anyOf")  # pydantic's "or None"
    parts = [part for part in either if isinstance(part, dict)] if isinstance(either, list) else []
    schema = next((part for part in parts if part.get("type") != "null"), {}) | schema
    kinds = schema.get("type", "string")
    kind = next((k for k in kinds if k != "null"), "string") if isinstance(kinds, list) else kinds
    if kind == "array":
        inner = _slot(name, {"description": schema.get("description", ""), **(schema.get("items") or {})})
        return Slot(**{**{f: getattr(inner, f) for f in inner.__dataclass_fields__}, "many": True})
    words, about = _apart(name), f"{_apart(name)} {schema.get('description') or ''}".lower()
    options = schema.get("enum") or ()
    options = tuple(options) if isinstance(options, list | tuple) else ()
    limits = {
        side: schema.get(key) if isinstance(schema.get(key), int | float) else None
        for side, key in (("low", "minimum"), ("high", "maximum"))
    }
    pattern = schema.get("pattern") if isinstance(schema.get("pattern"), str) else ""
    meant = _kind(kind, words, about, schema, options)
    return Slot(name, meant, words, stems(about), options, kind == "integer", pattern=pattern, **limits)


def _kind(kind: str, words: str, about: str, schema: dict, options: tuple) -> str:
    if options:
        return "enum"
    if kind in ("integer", "number"):
        return "number"
    if kind == "boolean":
        return "bool"
    form = schema.get("format") or ""
    if form in ("date", "time", "email"):
        return form
    if form == "date-time" or re.search(r"\bdate ?time\b|date and time|yyyy-mm-ddthh", about):
        return "datetime"
    if re.search(r"\b(date|day)\b|yyyy-mm-dd", words) or "yyyy-mm-dd" in about:
        return "date"
    if re.search(r"\btime\b", words) or "hh:mm" in about:
        return "time"
    if re.search(r"\bdate\b", about) and not re.search(r"name|number|code", words):
        return "date"
    if re.search(r"\be-?mail\b", words):
        return "email"
    if re.search(r"\b(phone|telephone|mobile|callback)\b", words):
        return "phone"
    if _QUERY.search(words):
        return "query"
    if (_THING.search(words) and words.split()[-1] not in _CODES) or _NAME_OF_THING.search(about):
        return "thing"
    if re.search(r"\b(number|code|id|reference|ref|digits|plate|postcode|zip|pin)\b", words) or (
        re.search(r"\bdigits\b", about) or re.search(r"\\d|0-9", schema.get("pattern") or "")
    ):
        return "code"
    if re.search(r"\bname\b", words) and not re.search(r"\b(file|city|movie|film|product|item|dish|street|place)\b",
                                                       words):  # fmt: skip
        return "name"
    if re.search(r"\b(customer|guest|patient|owner|caller|recipient|client|who|person|stylist|doctor)\b", words):
        return "name"
    return "text"
