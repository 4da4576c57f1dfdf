"""A task conversation, derived again from the whole history at every reply."""

from __future__ import annotations

import json
import re
from datetime import date

from ...replies import Call, CallOutput, Message, Prompt, Say
from ..words import singular
from .dates import stated_today
from .heard import Heard, hear
from .speak import asking, result_line
from .values import Slot, find_value, read_slot

_OUTBOUND = re.compile(
    r"\byou are (calling|phoning)\b|\boutbound\b|\byou (call|phone)\b|^(call|phone) (a|the)\b", re.IGNORECASE
)

_STOP = re.compile(r"^(no )?(never ?mind|forget (it|about it)|cancel that|no thank you|no thanks|goodbye|bye)\b")
_YES = re.compile(r"\b(yes|yeah|yep|sure|please|ok|okay|go ahead|book it|do it)\b")
_COMMON = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "for",
        "to",
        "in",
        "on",
        "at",
        "is",
        "are",
        "given",
        "whether",
        "and",
        "or",
        "by",
        "with",
        "it",
        "this",
        "that",
        "get",
        "set",
    ]
)
_ALIKE = {
    "reserve": "book",
    "booking": "book",
    "reservation": "book",
    "schedule": "book",
    "available": "availability",
    "free": "availability",
    "verify": "check",
    "tables": "table",
}


class _Tool:
    def __init__(self, tool: dict) -> None:
        self.name = str(tool.get("name", ""))
        schema = tool.get("parameters")
        schema = schema if isinstance(schema, dict) else {}
        parts = schema.get("properties")
        self.slots = [read_slot(name, part) for name, part in (parts if isinstance(parts, dict) else {}).items()]
        required = schema.get("required")
        known = {slot.name for slot in self.slots}
        self.required = [
            n for n in (required if isinstance(required, list) else []) if isinstance(n, str) and n in known
        ]
        self.title = _stems(self.name.replace("_", " "))
        self.about = _stems(str(tool.get("description", "")))

    def score(self, words: set[str]) -> float:
        values = {str(o).lower() for slot in self.slots for o in slot.options}
        return 2 * len(self.title & words) + len((self.about - self.title) & words) + len(values & words)


def _stems(text: str) -> set[str]:
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower())
    return {_ALIKE.get(word, _ALIKE.get(singular(word), singular(word))) for word in words} - _COMMON


def task_reply(prompt: Prompt) -> Say | Call | None:
    """The next step of the task the user is on, or None when no tool is concerned."""
    if not prompt.tools or prompt.tool_choice == "none":
        return None
    talk = _Talk(prompt)
    step = None
    if _OUTBOUND.search(prompt.instructions):
        # the other side has the values: ask from the start
        talk.tool = max(talk.tools, key=lambda tool: len(tool.required), default=None)
        if talk.tool and talk.tool.required and isinstance(first := talk.next(), Say):
            step = Say(f"Hello, I have a few questions. {first.text}")
    if not prompt.history:
        return step
    for item in prompt.history:
        if isinstance(item, Message) and item.role == "user":
            step = talk.heard(hear(item.text))
        elif isinstance(item, Call):
            talk.called(item)
        elif isinstance(item, CallOutput):
            step = talk.answered(item)
    return step if not isinstance(prompt.history[-1], Call) else None


class _Talk:
    """What is known so far: the tool in hand, values said, the slot asked for, and calls made."""

    def __init__(self, prompt: Prompt) -> None:
        self.today: date = stated_today(prompt.instructions)
        self.tools = [_Tool(tool) for tool in prompt.tools if tool.get("type", "function") == "function"]
        self.forced = prompt.tool_choice
        self.tool: _Tool | None = None
        self.known: dict[str, object] = {}
        self.asked: Slot | None = None
        self.offer: _Tool | None = None
        self.done: set[tuple[str, str]] = set()
        self.calls: dict[str, Call] = {}

    def heard(self, heard: Heard) -> Say | Call | None:
        said, offer, self.offer = heard.said, self.offer, None
        if _STOP.match(said) and (self.tool or offer):
            self.tool = self.asked = None
            return Say("All right, I will leave it. Goodbye." if "bye" in said else "All right, never mind.")
        chosen = self._choose(heard)
        asked, self.asked = self.asked, None
        changed = bool(self.tool and chosen in (None, self.tool) and self._fill(self.tool, heard, asked))
        if offer and not changed and chosen is None:
            names = [slot for slot in offer.slots if slot.kind == "name"]
            if _YES.search(said) or (len(heard.words) < 4 and self._fill(offer, heard, names[0] if names else None)):
                self.tool, chosen = offer, offer
        elif chosen and (asked is None or not changed):
            self.tool = chosen
        if self.tool is None:
            return None
        changed = self._fill(self.tool, heard, asked if asked in self.tool.slots else None) or changed
        if not (changed or chosen or asked):
            return None
        return self.next()

    def called(self, call: Call) -> None:
        self.calls[call.call_id] = call
        self.done.add((call.name, _key(call.arguments)))
        try:
            self.known |= json.loads(call.arguments)
        except (ValueError, TypeError):
            return

    def answered(self, output: CallOutput) -> Say | Call:
        call = self.calls.get(output.call_id)
        line, good = result_line(output.output)
        current = next((tool for tool in self.tools if call and tool.name == call.name), None)
        if good and current and current.required:
            names = set(current.required)
            self.offer = next((t for t in self.tools if t is not current and names < set(t.required)), None)
        if self.offer:
            line = f"{line} Shall I {self.offer.name.replace('_', ' ').lower()}?"
        return Say(line)

    def _choose(self, heard: Heard) -> _Tool | None:
        if isinstance(self.forced, dict):
            return next((tool for tool in self.tools if tool.name == self.forced.get("name")), None)
        words = _stems(heard.said)
        best = max(self.tools, key=lambda tool: tool.score(words), default=None)
        if best is None or (best.score(words) < 2 and self.forced != "required"):
            return None
        # what is to be booked is checked first, if there is a tool that checks
        for tool in self.tools:
            narrower = set(tool.required) < set(best.required) and tool.required
            if narrower and tool.title & {"check", "availability"} and tool.title & best.title:
                known = {name: self.known.get(name) for name in tool.required}
                if (tool.name, _key(json.dumps(known))) not in self.done:
                    return tool
        return best

    def _fill(self, tool: _Tool, heard: Heard, asked: Slot | None) -> bool:
        changed = False
        order = sorted(
            tool.slots, key=lambda s: (s != asked, ("date", "time").count(s.kind) == 0, s.name in self.known)
        )
        for slot in order:
            value = find_value(slot, heard, self.today, slot == asked)
            if value is not None and self.known.get(slot.name) != value:
                self.known[slot.name] = value
                changed = True
        return changed

    def next(self) -> Say | Call | None:
        tool = self.tool
        assert tool is not None
        for slot in tool.slots:
            if slot.name in tool.required and slot.name not in self.known:
                self.asked = slot
                return Say(asking(slot))
        arguments = json.dumps({s.name: self.known[s.name] for s in tool.slots if s.name in self.known})
        if (tool.name, _key(arguments)) in self.done:
            return Say("That is done already. Is there anything else?")
        return Call(tool.name, arguments)


def _key(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments), sort_keys=True)
    except (ValueError, TypeError):
        return str(arguments)
