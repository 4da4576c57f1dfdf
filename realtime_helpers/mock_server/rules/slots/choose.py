"""Which tool is meant: by the words of its name and description, and by the values that it could use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from .heard import Heard, hear
from .schema import Tool, stems
from .values import find_values

_ENOUGH = 1.7
_FREE = ("text", "query", "thing")  # anything fits these, so that they tell nothing
_WISH = re.compile(
    r"\b(i|we) (would like|want|need|have to|would love|am looking for)\b|\b(can|could|may|will|would) (i|we|you)\b|"
    r"\bplease\b|\blet us\b|^(book|order|get|make|check|find|show|tell|set|turn|switch|send|call|add|give|reserve)\b|"
    r"\b(is|are) there\b|\bdo you have\b|\bhow (much|many|long|about)\b|\b(what|when|where|which)\b"
)


_ASKS = re.compile(
    r"^(and |so |well |hello |hi )*(what|when|where|which|who|how|is|are|do|does|did|has|have)\b|\bcan you tell\b|"
    r"\bcould you tell\b|\btell me\b|\bi (would like|want) to know\b|\bhow (much|many|long)\b"
)


def choose(tools: Sequence[Tool], heard: Heard, today: date) -> Tool | None:
    """The best tool for what was said, if any is good enough."""
    ranked = sorted(tools, key=lambda tool: -score(tool, tools, heard, today))
    return ranked[0] if ranked and score(ranked[0], tools, heard, today) >= _ENOUGH else None


def score(tool: Tool, tools: Sequence[Tool], heard: Heard, today: date) -> float:
    words = stems(heard.said)
    points = sum(2 * _rarity(word, tools) for word in tool.title & words)
    points += sum(_rarity(word, tools) for word in tool.about & words)
    slots = {word for slot in tool.slots for word in slot.about} - tool.title - tool.about
    points += 0.7 * len(slots & words)
    values = find_values([slot for slot in tool.slots if slot.kind not in _FREE], hear(heard.text), today, None)
    points += sum(1.2 if slot in tool.required else 0.4 for slot in tool.slots if slot.name in values)
    if points and _WISH.search(heard.said):
        points += 0.6
    if points and (tool.reads if _ASKS.search(heard.said) else not tool.reads):
        points += 0.5
    return points


def _rarity(word: str, tools: Sequence[Tool]) -> float:
    """A word that all tools have tells little."""
    having = sum(word in tool.title or word in tool.about for tool in tools)
    return 1.0 if having <= 1 else 0.75 if having < len(tools) else 0.6


def first_step(tool: Tool, tools: Sequence[Tool]) -> Tool | None:
    """The tool that looks up what this one is about to change: availability before a booking."""
    names = {slot.name for slot in tool.slots}
    for other in () if tool.reads else tools:
        needs = {slot.name for slot in other.required}
        related = (other.title | other.about) & (tool.title | tool.about) or len(needs) > 1
        if other is not tool and other.searches and needs and needs <= names and related:
            return other
    return None


def next_step(tool: Tool, tools: Sequence[Tool]) -> Tool | None:
    """The tool that acts on what this one has looked up."""
    return next((other for other in tools if first_step(other, tools) is tool), None) if tool.reads else None
