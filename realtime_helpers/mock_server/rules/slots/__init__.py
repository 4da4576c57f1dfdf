"""Tasks by tools: any tool's JSON schema is read, its values are taken out of what was said, and it is called.

heard, dates, times, units, values   what was said, and the values in it
schema, choose, things               a tool and its slots, which tool is meant, and what tools list
task, dialogue                       where a conversation stands, and what comes next
outbound, calling                    the same where the agent makes the call
speak                                questions, and results in words
"""

from __future__ import annotations

from ...replies import Message, Prompt
from .calling import Calling
from .dialogue import Steps, Talk
from .outbound import is_outbound
from .schema import Tool

__all__ = ["silence_reply", "task_reply"]


def task_reply(prompt: Prompt) -> Steps | None:
    """The next steps of the task the user is on, or None when no tool is concerned."""
    talk = _talk(prompt)
    if talk is None:
        return None
    steps = talk.begin()
    for item in prompt.history:
        if not isinstance(item, Message) or item.role == "user":
            steps = talk.see(item)
    return talk.forced(prompt, steps)


def silence_reply(prompt: Prompt) -> Steps | None:
    """What is done about somebody who is silent, where more is to be done than to ask whether they are there."""
    talk = _talk(prompt)
    if not isinstance(talk, Calling):
        return None
    talk.begin()
    steps = [talk.see(item) for item in prompt.history if not isinstance(item, Message) or item.role == "user"]
    return steps[-1] if steps and talk.gave_up else None


def _talk(prompt: Prompt) -> Talk | None:
    tools = [Tool(tool) for tool in prompt.tools if tool.get("type", "function") == "function"]
    if not tools or prompt.tool_choice == "none":
        return None
    return (Calling if is_outbound(prompt.instructions) else Talk)(prompt, tools)
