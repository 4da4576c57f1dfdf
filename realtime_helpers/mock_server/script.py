"""A mind that reads from a script: exact lines and calls, for tests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .replies import Call, CallOutput, Message, Prompt, Say

Part = str | Say | Call | dict[str, Any]
Step = Part | Sequence[Part]


class ScriptError(Exception):
    """The script cannot be read, or has no line for this response."""


class Script:
    """One step a response, in order.

    A step is a line (str or `Say`), a `Call` (its arguments JSON text, or what becomes it) or a dict as in a file, or a
    list of these; an empty list is a reply that says nothing. Raises ScriptError, naming the step, for anything else.

    Which step comes next is read from the conversation, by counting the responses it already holds. So each
    conversation starts at the first step, a reply made early and thrown away costs no step, and a response
    outside the conversation (`conversation: "none"`) does not move it on. An assistant item that the client
    created itself counts as a response too.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps: tuple[tuple[Say | Call, ...], ...] = tuple(_step(step, n) for n, step in enumerate(steps, 1))
        self._item_counts = [_item_count(step) for step in self.steps]

    @classmethod
    def from_file(cls, path: str | Path) -> Script:
        """Read a JSON array of steps: "a line", {"call": NAME, "arguments": {...}}, or an array of these.

        Raises ScriptError, naming the step, for anything else.
        """
        try:
            steps = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ScriptError(f"The script {path} cannot be read as JSON: {error}.") from error
        if not isinstance(steps, list):
            raise ScriptError(f"The script {path} must be a JSON array with one step for each response.")
        if not steps:
            raise ScriptError(f"The script {path} is empty: it needs one step for each response.")
        return cls(steps)

    async def reply(self, prompt: Prompt) -> AsyncIterator[Say | Call]:
        """Yield the next step's lines and calls. Raises ScriptError when the script is over."""
        position = self._position(prompt.history)
        if position >= len(self.steps):
            raise ScriptError(
                f"The script has {len(self.steps)} steps and this is response {position + 1}: "
                "add a step, or ask for fewer responses."
            )
        for part in self.steps[position]:
            yield part

    def _position(self, history: Iterable[Message | Call | CallOutput]) -> int:
        responses = 0
        room = 0  # how many items more the response being read may hold
        for item in history:
            if isinstance(item, CallOutput) or (isinstance(item, Message) and item.role != "assistant"):
                room = 0
                continue
            if room:
                room -= 1
                continue
            room = self._item_counts[responses] - 1 if responses < len(self.steps) else 0
            responses += 1
        return responses


def _item_count(step: tuple[Say | Call, ...]) -> int:
    """Conversation items a step becomes: its lines are one message, every call is an item."""
    calls = sum(isinstance(part, Call) for part in step)
    return max(1, calls + (calls < len(step)))


def _step(step: object, number: int) -> tuple[Say | Call, ...]:
    parts = list(step) if isinstance(step, list | tuple) else [step]
    return tuple(_part(part, number) for part in parts)


def _part(part: object, number: int) -> Say | Call:
    match part:
        case str():
            return Say(part)
        case Say():
            return part
        case Call():
            return replace(part, arguments=_text(part.arguments))
        case {"call": str(name)}:
            return Call(name, _text(part.get("arguments", {})), part.get("call_id", ""))
    raise ScriptError(
        f"Step {number} of the script is {str(part)[:60]!r}: a step is a line, a Call or "
        '{"call": NAME, "arguments": {}}, or a list of these.'
    )


def _text(arguments: object) -> str:
    """JSON text goes out as it is, so that a script can send broken JSON."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments)
