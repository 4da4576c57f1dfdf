"""Tasks by tools: any tool's JSON schema is read, its values are taken out of what was said, and it is called.

heard, dates, times, units, values   what was said, and the values in it
schema, choose, things               a tool and its slots, which tool is meant, and what tools list
task, dialogue                       where a conversation stands, and what comes next
outbound, calling                    the same where the agent makes the call
speak                                questions, and results in words
"""

from __future__ import annotations

from collections.abc import Sequence

from ...replies import Call, CallOutput, Message, Prompt
from .calling import Calling
from .dialogue import Steps, Talk
from .outbound import is_outbound
from .schema import Tool

Item = Message | Call | CallOutput

__all__ = ["silence_reply", "task_reply"]


def task_reply(prompt: Prompt) -> Steps | None:
    """The next steps of the task the user is on, or None when no tool is concerned."""
    talk = _talk(prompt)
    if talk is None:
        return None
    steps = talk.begin()
    for item in _whole_turns(prompt.history):
        steps = talk.see(item)
    return talk.forced(prompt, steps)


def silence_reply(prompt: Prompt) -> Steps | None:
    """What is done about somebody who is silent, where more is to be done than to ask whether they are there."""
    talk = _talk(prompt)
    if not isinstance(talk, Calling):
        return None
    talk.begin()
    steps = [talk.see(item) for item in _whole_turns(prompt.history)]
    return steps[-1] if steps and talk.gave_up else None


def _whole_turns(history: Sequence[Item]) -> list[Item]:
    """What the user said and what the tools did. Who speaks on before anything was answered says one thing:
    "We do not work on Volvos. (a pause taken for the end) Only German cars."
    """
    seen: list[Item] = []
    answered = True
    for item in history:
        if not isinstance(item, Message):
            answered = True
            seen.append(item)
        elif item.role != "user":
            answered |= bool(item.text.strip())
        elif not answered and item.text.strip():
            seen[-1] = Message("user", f"{seen[-1].text} {item.text}")
        else:
            answered = not item.text.strip()  # silence is nothing that could be gone on with
            seen.append(item)
    return seen


def _talk(prompt: Prompt) -> Talk | None:
    tools = [Tool(tool) for tool in prompt.tools if tool.get("type", "function") == "function"]
    if not tools or prompt.tool_choice == "none":
        return None
    return (Calling if is_outbound(prompt.instructions) else Talk)(prompt, tools)
