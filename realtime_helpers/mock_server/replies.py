"""What a mind is given and what it gives back.

The server turns a conversation into a `Prompt`, asks a `Mind` for a reply, and speaks or sends whatever
comes out. Three minds exist: `rules.Rules`, the default; `chat.ChatModel`, over any OpenAI-compatible endpoint; and
`script.Script`, for tests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """Something said. For audio, `text` is the transcript; "" when nothing was recognised.

    `images`: URLs (mostly `data:`) of what was shown with it.
    """

    role: str  # "system", "user" or "assistant"
    text: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; `arguments` is JSON text, as on the wire. The server fills in an empty `call_id`."""

    name: str
    arguments: str
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class CallOutput:
    """What the client answered to the call `call_id`."""

    call_id: str
    output: str


@dataclass(frozen=True, slots=True)
class Say:
    """Words for the reply, in plain spoken English. A reply may yield several; they are one message."""

    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything a mind may use. `instructions` are the response's own if it has any, else the session's."""

    instructions: str
    history: tuple[Message | Call | CallOutput, ...]
    tools: tuple[dict, ...] = ()
    tool_choice: object = "auto"
    parallel_tool_calls: bool = True


class Mind(Protocol):
    """Decides what to say next.

    A reply may be asked for before the speaker's turn is certain to be over, and thrown away, so asking has
    no side effects, and rules and scripts give the same prompt the same reply. A mind whose asking costs something may
    have an attribute `early` that is False: it is then asked only when the turn is over.
    """

    def reply(self, prompt: Prompt) -> AsyncIterator[Say | Call]: ...
