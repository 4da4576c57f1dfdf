"""What a tool set and its dialogues are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Expect:
    """A call that is right: each of `arguments` must be there, each of `may` can be, and nothing else may be made up.

    `values.accepts` says what their values mean.
    """

    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    may: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """What the user says as the n-th utterance (the opening is the first), whatever he was asked."""

    n: int
    says: str


@dataclass(frozen=True)
class After:
    """What the user says next once one of these tools was called, whatever he was asked; facts that change with it."""

    tools: tuple[str, ...]
    says: str
    now: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Dialogue:
    """An opening, what the user knows, what happens on the way, and the calls that are right.

    `facts`: fact -> what he says when asked for it; a tuple is said one after the other, the last again and again.
    `again`: the request in other words, for an agent that did not get it; `rest`: the same by the tool that is still
    to be called, for one that did something and stopped. `allowed`: calls that do no harm, such as a
    look at what is free, but not twice the same. No `expect`: a refusal, reported apart. `fakes` replace the set's.
    """

    name: str
    opening: str
    expect: tuple[Expect, ...] = ()
    facts: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    events: tuple[Turn | After, ...] = ()
    allowed: tuple[str, ...] = ()
    again: str = ""
    rest: Mapping[str, str] = field(default_factory=dict)
    fakes: Mapping[str, Callable[..., object]] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """One utterance under a `tool_choice`, asked once. `expect` empty: no call may be made, and something is said."""

    name: str
    says: str
    tool_choice: object
    expect: tuple[Expect, ...] = ()
    any_of: bool = False  # one of `expect` is enough, instead of all


@dataclass(frozen=True)
class ToolSet:
    """An agent as somebody would write it.

    `asks`: fact -> regular expression of the words by which an agent asks for it. `fakes`: tool -> its implementation,
    called with the arguments, returning JSON-like data or a string. `yes_or_no`: facts that are answered so.
    """

    name: str
    instructions: str
    tools: tuple[dict, ...]
    asks: Mapping[str, str]
    fakes: Mapping[str, Callable[..., object]]
    dialogues: tuple[Dialogue, ...]
    choices: tuple[Choice, ...] = ()
    yes_or_no: tuple[str, ...] = ()


def function(name: str, description: str, properties: dict | None = None, required: tuple[str, ...] = ()) -> dict:
    """A function tool as a session takes it."""
    parameters = {"type": "object", "properties": properties or {}, "required": list(required)}
    return {"type": "function", "name": name, "description": description, "parameters": parameters}
