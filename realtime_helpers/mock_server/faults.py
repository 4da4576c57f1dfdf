"""Faults on demand: what goes wrong in a connection, so that clients can practise on it.

Set in Python, `Faults(drop_after_events=20)`; on the command line, `--fault drop_after_events=20`; by one client for
itself, `?fault=drop_after_events:20` in the websocket's URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, get_args

from openai.types.realtime import RealtimeServerEvent

from .events import CLIENT_EVENTS


class FaultError(ValueError):
    """No such fault, or not with that value: one sentence."""


@dataclass(frozen=True)
class Faults:
    """All off by default. Times in milliseconds of the server's clock, counted from session.created; counts are of
    events that the server sent. `..._after="TYPE:N"` is the moment after the N-th event of that type, the client's or
    the server's; without `:N`, the first.

    Raises:
        FaultError: for a value that cannot be.
    """

    drop_after_events: int | None = None  # the socket dies, without a close frame
    drop_after_ms: int | None = None
    drop_after: str | None = None
    unavailable: bool = False  # HTTP 503 at the handshake: no realtime, though the HTTP routes work
    refuse: int | None = None  # HTTP 429 at the handshake, with this Retry-After in seconds
    transcription_delay_ms: int = 0
    transcription_fails: bool = False
    transcription: str | None = None  # the transcript says this, though the mind heard right
    reply_delay_ms: int = 0
    error_after_events: int | None = None  # one `error` event of type server_error; the session goes on
    error_after: str | None = None
    malformed_after_events: int | None = None  # one frame that is no JSON; the session goes on
    malformed_after: str | None = None
    expires_after_ms: int | None = None  # instead of 60 minutes
    times: int | None = None  # only so many connections suffer, the next ones find all well; None: every one

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                _check(field.name, field.type, value)

    @classmethod
    def parse(cls, texts: Iterable[str], base: Faults | None = None) -> Faults:
        """`["drop_after_ms=1500,times=1", "transcription=Gibst du mir?"]`, laid over `base`. `:` serves as `=`.

        `transcription` takes the rest of its text, commas too. Raises FaultError.
        """
        given: dict[str, Any] = {}
        for text in texts:
            rest: str | None = text
            while rest is not None:
                name, separator, value = _split(rest)
                if name == "transcription":
                    rest = None
                else:
                    value, comma, rest = value.partition(",")
                    rest = rest if comma else None
                given[name] = _value(name, value.strip() if separator else None)
        return replace(base or cls(), **given)


_TYPES = {field.name: field.type for field in fields(Faults)}


def _split(text: str) -> tuple[str, str, str]:
    name, separator, value = re.fullmatch(r"\s*([^=:,]*)([=:]?)(.*)", text, re.DOTALL).groups()
    name = name.strip().replace("-", "_")
    if name not in _TYPES:
        raise FaultError(f"There is no fault {name[:60]!r}: there are {', '.join(_TYPES)}.")
    return name, separator, value


def _value(name: str, text: str | None) -> Any:
    kind = _TYPES[name]
    if kind == "bool":
        if text in (None, "true", "1"):
            return True
        if text in ("false", "0"):
            return False
        raise FaultError(f"The fault {name} is either true or false, not {text[:60]!r}.")
    if text is None:
        raise FaultError(f"The fault {name} needs a value: {_example(name)}.")
    if kind.startswith("str"):
        return text
    if not re.fullmatch(r"\d{1,12}", text, re.ASCII):
        raise FaultError(f"The fault {name} takes a whole number from 0 up, as in {_example(name)}, not {text[:60]!r}.")
    return int(text)


def _check(name: str, kind: str, value: Any) -> None:
    if kind == "bool" and not isinstance(value, bool):
        raise FaultError(f"The fault {name} is either True or False, not {value!r}.")
    if kind.startswith("int") and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise FaultError(f"The fault {name} takes a whole number from 0 up, as in {_example(name)}, not {value!r}.")
    if kind.startswith("str") and not isinstance(value, str):
        raise FaultError(f"The fault {name} takes text, as in {_example(name)}, not {value!r}.")
    if name.endswith("_after"):
        moment(name, value)


def moment(name: str, text: str) -> tuple[str, int]:
    """ "response.done:3" -> ("response.done", 3). Raises FaultError."""
    type, _, count = text.partition(":")
    if type not in event_types():
        raise FaultError(
            f"The fault {name} names the event type {type[:60]!r}, which does not exist: as in {_example(name)}."
        )
    if count and not re.fullmatch(r"[1-9]\d{0,8}", count, re.ASCII):
        raise FaultError(f"The fault {name} counts from 1, as in {_example(name)}, not {count[:60]!r}.")
    return type, int(count or 1)


def _example(name: str) -> str:
    if name.endswith("_after"):
        return f"{name}=response.output_audio.delta:3"
    return f"{name}=Pass me the magnet." if name == "transcription" else f"{name}=20"


@cache
def event_types() -> frozenset[str]:
    """All types of the protocol, the client's and the server's."""
    union = get_args(RealtimeServerEvent)[0]
    return frozenset(CLIENT_EVENTS) | {get_args(event.model_fields["type"].annotation)[0] for event in get_args(union)}
