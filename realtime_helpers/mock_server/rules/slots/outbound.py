"""Calls that the agent makes: the other side has the values, and the instructions say what the call is about."""

from __future__ import annotations

import re
from datetime import date

from .heard import hear
from .schema import Tool
from .values import find_values

_OUTBOUND = re.compile(
    r"\byou(?: are|'re) (?:calling|phoning|ringing)\b|\boutbound\b|\byou (?:call|phone|ring)\b|"
    r"(?:^|[.!?]\s)(?:call|phone|ring) (?:a|an|the)\b|\byour (?:job|task) is to (?:call|phone|ring)\b",
    re.IGNORECASE,
)
_ME = re.compile(
    r"\b[Yy]ou are ([A-Z]\w+(?: [A-Z]\w+)?)|\b[Yy]our name is ([A-Z]\w+)|\bon behalf of ([A-Z][\w ]+?)(?=[,.]| and )"
)
_ERRAND = re.compile(
    r"\b(?:ask|find out|get|obtain|request|about|for) ((?:a|the|for|about|how|whether|their|an)?\s?[^.,;\n]{4,60})",
    re.IGNORECASE,
)


def is_outbound(instructions: str) -> bool:
    return bool(_OUTBOUND.search(instructions))


def greeting(instructions: str) -> str:
    """Who calls, and why, as far as the instructions tell."""
    me = _ME.search(instructions)
    name = next((part for part in me.groups() if part), "") if me else ""
    errand = _ERRAND.search(instructions)
    who = f"this is {name}, an automated assistant" if name else "this is an automated assistant"
    about = f" I am calling about {_about(errand[1])}." if errand else ""
    return f"Hello, {who}.{about}"


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


def _about(errand: str) -> str:
    return re.sub(r"^(for|about|whether|how much)\s+", "", errand.strip(), flags=re.IGNORECASE)
