"""A mind that reads from a script: exact lines and calls, for tests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from .replies import Call, CallOutput, Message, Prompt, Say

Step = str | Say | Call | Iterable[Say | Call | str]


class ScriptError(Exception):
    """The script cannot be read, or has no line for this response."""


class Script:
    """One step a response, in order.

    A step is a line (str or `Say`), a `Call`, or a list of these; an empty list is a reply that says nothing.

    Which step comes next is read from the conversation, by counting the responses it already holds. So each
    conversation starts at the first step, a reply made early and thrown away costs no step, and a response
    outside the conversation (`conversation: "none"`) does not move it on. An assistant item that the client
    created itself counts as a response too.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps: tuple[tuple[Say | Call, ...], ...] = tuple(_step(step) for step in steps)
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
        return cls(_step_from_json(step, number) for number, step in enumerate(steps, 1))

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


def _step(step: Step) -> tuple[Say | Call, ...]:
    if isinstance(step, str | Say | Call):
        step = (step,)
    return tuple(Say(part) if isinstance(part, str) else part for part in step)


def _step_from_json(step: object, number: int) -> tuple[Say | Call, ...]:
    parts = []
    for part in step if isinstance(step, list) else [step]:
        if isinstance(part, str):
            parts.append(Say(part))
        elif isinstance(part, dict) and isinstance(part.get("call"), str):
            arguments = part.get("arguments", {})
            # a str goes out as it is, so that a script can send broken JSON
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            parts.append(Call(part["call"], text, part.get("call_id", "")))
        else:
            raise ScriptError(f'Step {number} of the script is neither a line nor {{"call": NAME, "arguments": {{}}}}.')
    return tuple(parts)
