"""Calls that the agent makes: the other side has the values, and the instructions say what the call is about."""

from __future__ import annotations

import re
from datetime import date

from .heard import hear
from .schema import Slot, Tool
from .speak import plain
from .values import find_values

_OUTBOUND = re.compile(
    r"\byou(?: are|'re) (?:calling|phoning|ringing)\b|\boutbound\b|\byou (?:call|phone|ring)\b|"
    r"(?:^|[.!?]\s)(?:call|phone|ring) (?:a|an|the)\b|\byour (?:job|task) is to (?:call|phone|ring)\b",
    re.IGNORECASE,
)
_ME = re.compile(r"\b[Yy]ou are ([A-Z]\w+(?: [A-Z]\w+)?)|\b[Yy]our name is ([A-Z]\w+)")
_PRINCIPAL = re.compile(
    r"\b(?:on behalf of|(?:call|calling|phone|phoning|ring|ringing|assistant)\b[^.;:]{0,40}? for) "
    r"((?!(?i:a|an|the|you|your|its|their)\b)(?:[A-Z][\w.'-]*|[Mm][rs]s?\.?)(?: (?:[A-Z][\w'-]*))*)"
)
_WISH = re.compile(
    r"\b(?:who|she|he|they|[A-Z]\w+) (?:wants|needs|would like|is looking for|want|need) ([^.;\n]{4,80})"
)
_ERRAND = re.compile(
    r"\b(?:ask|find out|get|obtain|request|about|for) ((?:a|the|for|about|how|whether|their|an)?\s?[^.,;\n]{4,60})",
    re.IGNORECASE,
)
_ABOUT = "It is about "
_MONEY = re.compile(r"\b(price|cost|quote|fee|charge|amount)\b")


def is_outbound(instructions: str) -> bool:
    return bool(_OUTBOUND.search(instructions))


def introduction(instructions: str) -> str:
    """Who calls, and for whom, as far as the instructions tell. It never passes for a person."""
    instructions = _one_line(instructions)
    me = _ME.search(instructions)
    name = next((part for part in me.groups() if part), "") if me else ""
    principal = _PRINCIPAL.search(instructions)
    kind = "an AI" if re.search(r"\ban? AI\b", instructions) else "an automated assistant"
    who = f"this is {name}, {kind}" if name else f"this is {kind}"
    return f"{who} calling for {principal[1]}" if principal else who


def errand(instructions: str) -> str:
    """What the call is about, as a sentence; "" if the instructions do not tell."""
    instructions = _one_line(instructions)
    if wish := _WISH.search(instructions):
        return f"{_ABOUT}{wish[1].strip()}."
    principal = _PRINCIPAL.search(instructions)
    rest = instructions.replace(principal[0], "") if principal else instructions
    found = _ERRAND.search(rest)
    return f"I am calling about {_about(found[1])}." if found else ""


def greeting(instructions: str) -> str:
    about = errand(instructions)
    if about.startswith(_ABOUT):
        return f"Hello, {introduction(instructions)}, about {about.removeprefix(_ABOUT)}"
    return f"Hello, {introduction(instructions)}. {about}".strip()


def question(slot: Slot) -> str | None:
    """As it is put to somebody who has the values. None: as it is put to anybody."""
    if slot.kind == "number" and _MONEY.search(slot.words):
        return f"What would the {slot.words} be?"
    if slot.kind == "date":
        return "And on what day could you do it?" if slot.words in ("date", "day") else f"And what is the {slot.words}?"
    if slot.kind == "bool":
        return f"And is there {'' if slot.words.endswith('s') else 'a '}{slot.words}?"
    return None


def read_back(slot: Slot, value: object) -> str:
    """A price and a day need no label."""
    if slot.kind == "number" and _MONEY.search(slot.words):
        return plain(value)
    if slot.kind == "date":
        return f"on {plain(value)}"
    return f"{slot.words}: {' '.join(str(value)) if slot.kind in ('code', 'phone') else plain(value)}"


def known_values(tool: Tool, instructions: str, today: date) -> dict[str, object]:
    """What the instructions say already: "car: Volvo V60", "the service is an oil change"."""
    known: dict[str, object] = {}
    for slot in tool.slots:
        pattern = rf"\b{re.escape(slot.words)}\s*(?:is|:|=)\s*(?:an? |the )?([^.;,\n]+)"
        if found := re.search(pattern, instructions, re.IGNORECASE):
            said = found[1].strip()
            value = said if slot.kind == "text" else find_values([slot], hear(said), today, slot).get(slot.name)
            if value is not None:
                known[slot.name] = value
    return known


def _one_line(instructions: str) -> str:
    """As people write them into code: a line's end within a sentence means nothing."""
    return re.sub(r"(?<=[\w,])[ \t]*\n[ \t]*(?=\w)", " ", instructions)


def _about(errand: str) -> str:
    return re.sub(r"^(for|about|whether|how much)\s+", "", errand.strip(), flags=re.IGNORECASE)
