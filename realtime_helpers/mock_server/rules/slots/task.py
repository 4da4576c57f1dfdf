"""A tool that is to be called, with the values known so far."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date

from .schema import Slot, Tool


@dataclass
class Task:
    """A tool that is to be called. `then`: the one that the user really wanted, if this only looks first."""

    tool: Tool
    values: dict[str, object] = field(default_factory=dict)
    then: Tool | None = None
    confirmed: bool = False

    @property
    def missing(self) -> Slot | None:
        return next((slot for slot in self.tool.required if slot.name not in self.values), None)

    @property
    def arguments(self) -> str:
        return json.dumps({s.name: self.values[s.name] for s in self.tool.slots if s.name in self.values})


def made_up(slot: Slot, today: date) -> object:
    """A value for a slot that nobody gave one."""
    if slot.options:
        value: object = slot.options[0]
    else:
        number = int(slot.low if slot.low is not None else 1)
        plain = {"date": today.isoformat(), "time": "12:00", "datetime": f"{today.isoformat()}T12:00:00"}
        value = plain.get(slot.kind, {"number": number, "bool": True}.get(slot.kind, "unknown"))
    return [value] if slot.many else value
