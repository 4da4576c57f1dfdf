"""Things that tools have shown: a list of products, rooms or films, and which of them a user means by "the second one".

A thing is a JSON object with a name in it. Nothing here knows what kind of thing it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..numbers import digits_to_words
from ..words import singular, word_set
from .heard import Heard, hear
from .phrases import asked_for, object_phrase, pair_of_objects, takes
from .schema import Slot, Tool
from .units_said import measure

_LABELS = ("name", "title", "label", "product", "item", "article")
_COUNTED = ("first", "second", "third", "fourth", "fifth")
_POINTS = re.compile(r"\b(it|that|this|them|those|these|one|both)\b(?! (?:is|was) (?:all|it)\b)")
_LITTLE = word_set("the a an one in my to of and or for with put it that this is are me please")

# Words that compare, what they compare (in the names of an object's fields), and whether the least of it is meant.
_COMPARING = (
    (r"cheap(?:er|est)|least expensive|lowest price", r"price|cost|fee|fare|rate|total", True),
    (r"more expensive|most expensive|dear(?:er|est)|priciest", r"price|cost|fee|fare|rate|total", False),
    (r"light(?:er|est)", r"weight|mass", True),
    (r"heav(?:ier|iest)", r"weight|mass", False),
    (r"fast(?:er|est)|quick(?:er|est)|short(?:er|est)", r"minutes|hours|duration|time|length|distance", True),
    (r"near(?:er|est)|clos(?:er|est)", r"distance|km|miles|minutes", True),
    (r"long(?:er|est)", r"minutes|hours|duration|length", False),
    (r"small(?:er|est)", r"size|area|capacity|litres", True),
    (r"bigg(?:er|est)|larg(?:er|est)", r"size|area|capacity|litres", False),
    (r"best(?: rated)?|highest rated", r"rating|score|stars", False),
)
# What is asked about a thing, and the fields that tell it; "much" last, as it also asks for a weight.
_ASPECTS = (
    (r"weigh|weight|heavy|light", r"weight|mass"),
    (r"season|winter|summer", r"season"),
    (r"how long|duration", r"duration|minutes|hours|length"),
    (r"how far|distance", r"distance|km|miles"),
    (r"rating|rated|stars", r"rating|score|stars"),
    (r"price|cost|how much|expensive", r"price|cost|fee|fare|rate"),
)


@dataclass(frozen=True, slots=True)
class Thing:
    """`about`: the whole object."""

    label: str
    about: dict

    def value(self, fields: str) -> tuple[str, object] | None:
        """The first field of such a name, and what it holds."""
        return next(((key, part) for key, part in self.about.items() if re.search(fields, key.lower())), None)

    def number(self, fields: str) -> float | None:
        found = self.value(fields)
        return float(found[1]) if found and isinstance(found[1], int | float) else None


def things_in(output: str) -> list[Thing]:
    """The things of a tool's output: a list of objects with names, alone or in an object, or one such object."""
    try:
        value = json.loads(output)
    except (ValueError, TypeError):
        return []
    parts = value
    if isinstance(value, dict):
        lists = [part for part in value.values() if isinstance(part, list) and part and isinstance(part[0], dict)]
        parts = lists[0] if len(lists) == 1 else [value]
    found = [_thing(part) for part in parts] if isinstance(parts, list) else []
    return [thing for thing in found if thing] if all(found) else []


def is_listing(value: object) -> bool:
    """Whether a tool's result is a list of objects, be it empty: then the list is the answer."""
    if isinstance(value, dict):
        if any(isinstance(part, bool | int | float) for part in value.values()):
            return False
        lists = [part for part in value.values() if isinstance(part, list)]
        value = lists[0] if len(lists) == 1 else None
    return isinstance(value, list) and all(isinstance(part, dict) for part in value)


def choices_in(output: str) -> list[str]:
    """The names that a tool's refusal offers to choose from."""
    try:
        value = json.loads(output)
    except (ValueError, TypeError):
        return []
    if not isinstance(value, dict) or not value.get("error"):
        return []
    lists = [part for part in value.values() if isinstance(part, list) and len(part) > 1]
    named = len(lists) == 1 and all(isinstance(part, str) and part for part in lists[0])
    return lists[0] if named else []


def _thing(part: object) -> Thing | None:
    if not isinstance(part, dict):
        return None
    label = next((part[key] for key in _LABELS if isinstance(part.get(key), str) and part[key]), None)
    return Thing(label, part) if label else None


def extreme(things: Sequence[Thing], said: str) -> tuple[Thing, str] | None:
    """The thing that "the cheapest" means, and the fields that were compared."""
    for words, fields, least in _COMPARING:
        if re.search(rf"\b(?:{words})\b", said):
            numbers = [(number, at) for at, thing in enumerate(things) if (number := thing.number(fields)) is not None]
            if numbers:
                pick: Callable = min if least else max
                best = pick(numbers, key=lambda pair: pair[0])
                return things[best[1]], fields
    return None


def aspect_of(things: Things, heard: Heard) -> str | None:
    """What is known already: "how much does it weigh?", or "which one is lighter?" of those shown last."""
    if (best := extreme(things.listed, heard.said)) and not asked_for(heard.said, asked=False):
        things.focus, fields = best
        return f"{things.focus.label}, {measure(*things.focus.value(fields))[1]}."
    meant = things.meant(heard)
    thing = things.known[meant[0]] if meant else None
    for words, fields in _ASPECTS if thing else ():
        if re.search(rf"\b(?:{words})", heard.said) and (found := thing.value(fields)):
            return f"{measure(*found)[1]}."
    return None


@dataclass
class Things:
    """`listed`: what was shown last; `known`: all that was ever shown, by label; `focus`: what is spoken of."""

    listed: list[Thing] = field(default_factory=list)
    known: dict[str, Thing] = field(default_factory=dict)
    focus: Thing | None = None

    def learn(self, output: str, asked: str) -> None:
        """A tool has answered; `asked`: what the user wanted, in lower case."""
        found = things_in(output)
        if not found:
            return
        self.known |= {thing.label: _richer(self.known.get(thing.label), thing) for thing in found}
        self.listed = [self.known[thing.label] for thing in found]
        best = extreme(self.listed, asked)
        self.focus = best[0] if best else self.listed[0]

    def learn_labels(self, labels: Sequence[str]) -> None:
        """Names that were offered to choose from."""
        self.listed = [self.known.setdefault(label, Thing(label, {"name": label})) for label in labels]

    def meant(self, heard: Heard) -> list[str]:
        """The labels of the things that the user points at or names."""
        if named := self._named(heard):
            return named
        words = heard.words
        for at, word in enumerate(_COUNTED[: len(self.listed)]):
            if word in words:
                return [self.listed[at].label]
        if "last" in words and self.listed:
            return [self.listed[-1].label]
        if best := extreme(self.listed, heard.said):
            return [best[0].label]
        if re.search(r"\b(both|them|the two)\b", heard.said) and len(self.listed) == 2:
            return [thing.label for thing in self.listed]
        return [self.focus.label] if self.focus and _POINTS.search(heard.said) else []

    def fill(self, slots: Sequence[Slot], heard: Heard, values: dict[str, object]) -> dict[str, object]:
        """`values`, with the things that are meant by slots for things."""
        places = [slot for slot in slots if slot.kind == "thing"]
        if not places:
            return values
        pair = pair_of_objects(heard.said) if len(places) > 1 else None
        names = [next(iter(self._named(hear(name))), name) for name in pair] if pair else self.meant(heard)
        figures = {float(figure) for name in names for figure in re.findall(r"\d+", name)}
        rest = {
            name: value for name, value in values.items() if value not in figures
        }  # "the four hundred": no quantity
        return rest | {slot.name: name for slot, name in zip(places, names, strict=False)}

    def tool_for(self, tools: Sequence[Tool], heard: Heard) -> Tool | None:
        """The tool for somebody who names none: one for two things, one that acts on the thing meant, or a search."""
        if pair_of_objects(heard.said):
            return next((t for t in tools if [s.kind for s in t.required] == ["thing", "thing"]), None)
        if takes(heard.said) and (self.meant(heard) or object_phrase(heard.said)):
            return next((t for t in tools if not t.reads and [s.kind for s in t.required] == ["thing"]), None)
        if asked_for(heard.said, asked=False):
            return next((t for t in tools if t.reads and [s.kind for s in t.required] == ["query"]), None)
        return None

    def _named(self, heard: Heard) -> list[str]:
        said = _plain(heard.said)
        whole = {label: words for label in self.known if (words := _plain(label)) and set(words) <= set(said)}
        whole = {a: w for a, w in whole.items() if not any(set(w) < set(other) for other in whole.values())}
        if whole:
            return sorted(whole, key=lambda label: said.index(whole[label][0]))
        labels = {thing.label: set(_plain(thing.label)) for thing in self.listed}
        own = {
            label: [w for w in words if sum(w in other for other in labels.values()) == 1 and w in said]
            for label, words in labels.items()
        }
        hits = [label for label, words in own.items() if words]
        return hits if len(hits) == 1 and ({"one", "the"} & set(heard.words) or len(heard.words) <= 3) else []


def _richer(before: Thing | None, now: Thing) -> Thing:
    return Thing(now.label, {**before.about, **now.about}) if before else now


def _plain(text: str) -> list[str]:
    words = re.findall(r"[a-z]+", digits_to_words(text).lower().replace("'s", "s"))
    return [singular(word) for word in words if word not in _LITTLE]
