"""Manners of an agent on the phone: no small talk about what it cannot make out, and an end to it after a while.

Two agents who understand each other badly would otherwise go on for ever, each politely at a loss.
"""

from __future__ import annotations

import re

from ..replies import Call, Message, Prompt, Say
from .intents import understand
from .slots.outbound import is_outbound
from .slots.schema import Tool
from .words import word_set

_ANSWERS = re.compile(
    r"\b(answer|answering|pick up|take calls on) (the |a )?(phone|telephone)\b|\bon the phone\b", re.I
)
_AT_A_LOSS = ("Sorry, I did not catch that.", "Sorry, once more, please.")
_GIVES_UP = "I am sorry, I can not make this out. Goodbye."
_LOST = re.compile(r"\bdid not catch\b|\bonce more, please\b", re.I)
_PATIENCE = 3  # times at a loss in a row
_TALK_OF_ITS_OWN = word_set(
    "unknown unknown_again unknown_deeper unclear lost stock statement mention request fact deeper again"
)


def phone_reply(prompt: Prompt) -> list[Say | Call] | None:
    """Instead of small talk, for an agent that is on the phone and can hang up; None for all others."""
    hang_up = next((tool for tool in map(Tool, prompt.tools) if tool.ends_the_call), None)
    messages = [item for item in prompt.history if isinstance(item, Message)]
    if hang_up is None or not messages or messages[-1].role != "user":
        return None
    if not (is_outbound(prompt.instructions) or _ANSWERS.search(prompt.instructions)):
        return None
    own = [m.text for m in messages if m.role == "assistant"]
    heard = [m.text for m in messages if m.role == "user"]
    if understand(heard[-1], heard[:-1], own).kind not in _TALK_OF_ITS_OWN:
        return None
    if len(own) >= _PATIENCE and all(_LOST.search(line) for line in own[-_PATIENCE:]):
        return [Say(_GIVES_UP), Call(hang_up.name, "{}")]
    return [Say(_AT_A_LOSS[len(own) % 2])]
