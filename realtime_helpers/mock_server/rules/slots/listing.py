"""What tools tell of things, in few words: names and prices, measures with their units."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from .things import Thing, extreme, is_listing, things_in
from .units_said import measure

_PRICE = r"price|cost|fee|fare|rate"
_STOCK = r"stock|available|availability|left"
_SPOKEN_AT_ONCE = 2
_NAMED_AT_ONCE = 3
_OWN_WORDS = ("error", "message", "summary", "reason")
_NOTHING = "I am sorry, I found nothing like that."


def listing_line(output: str, asked: str) -> tuple[str, bool] | None:
    """Things in a sentence, and whether there were any; None: the output tells of none, or tells it itself.

    `asked`: what the user wanted to know, in lower case: "the cheapest" gets one answer.
    """
    try:
        said = json.loads(output)
    except (ValueError, TypeError):
        return None
    if isinstance(said, dict) and any(said.get(key) for key in _OWN_WORDS):
        return None
    things = things_in(output)
    if is_listing(said):
        return (_listed(things, asked), True) if things else None if _has_parts(said) else (_NOTHING, False)
    if not things or not isinstance(said, dict) or any(isinstance(part, bool) for part in said.values()):
        return None
    numbers = {key: part for key, part in said.items() if isinstance(part, int | float)}
    if things[0].about == said:
        return (f"{things[0].label}: {', '.join(_told(*part) for part in numbers.items())}.", True) if numbers else None
    names = ", ".join(thing.label for thing in things[:_NAMED_AT_ONCE])
    return f"{names}: {', '.join(' '.join(measure(*part)) for part in numbers.items())}.", True


def _has_parts(said: dict | list) -> bool:
    lists = [said] if isinstance(said, list) else [part for part in said.values() if isinstance(part, list)]
    return any(lists)


def _listed(things: Sequence[Thing], asked: str) -> str:
    if best := extreme(things, asked):
        thing, fields = best
        return f"{_with(thing, thing.value(fields)[0])}."
    return f"{', or '.join(_with(thing) for thing in things[:_SPOKEN_AT_ONCE])}."


def _told(field: str, value: float) -> str:
    words, said = measure(field, value)
    if re.search(_STOCK, field):
        return f"{said} {words}"
    return said if re.search(_PRICE, field) else f"{words} {said}"


def _with(thing: Thing, field: str | None = None) -> str:
    """A thing's name, with its price or the field that was asked for."""
    price = thing.value(_PRICE)
    field = field or (price[0] if price else None)
    told = f", {measure(field, thing.about[field])[1]}" if field else ""
    gone = (found := thing.value(_STOCK)) is not None and found[1] in (0, False)
    return f"{thing.label}{told}{', but there are none left' if gone else ''}"
