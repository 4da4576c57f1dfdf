"""Chapter 9's check: a log of events, held against the wire that it is a log of."""

from collections.abc import Iterator
from typing import Any

from ..checks import CheckFailed
from ..wire import Wire

_KEPT = ("event_id", "item_id", "response_id")
_SAID = frozenset({"delta", "transcript", "text", "audio", "arguments", "output", "instructions", "message"})


def discreet_log(wire: Wire, logged: list[Any]) -> str:
    """`logged`: what the learner's function made of each event received, in order."""
    received = [noted.event for noted in wire.received()][: len(logged)]
    if not logged:
        raise CheckFailed(
            "Nothing was logged.",
            "The conversation was not held, or its cell was changed.",
            "Run the cell that holds the conversation, then this one.",
        )
    for event, line in zip(received, logged, strict=False):
        _is_a_line(event, line)
        _keeps_its_secrets(event, line)
        _is_of_use(event, line)
    return f"{len(logged)} events logged, each with its type, the error with its code, and not a word of what was said."


def _is_a_line(event: dict[str, Any], line: Any) -> None:
    if not isinstance(line, dict):
        raise CheckFailed(
            f"For {event['type']} the log holds {line!r:.60}, which is no dictionary.",
            "The function returned nothing, or something else than what may be logged.",
            "Build a dictionary of what may be logged, and return it.",
        )


def _keeps_its_secrets(event: dict[str, Any], line: dict[str, Any]) -> None:
    """A word of what was said, or of the instructions, anywhere in the line."""
    said = set(_values(event, _SAID))
    for name, value in _leaves(line):
        if name in _SAID or any(words in value for words in said if len(words) > 3):
            raise CheckFailed(
                f"The line for {event['type']} gives away what was said: {name} is {value!r:.60}.",
                "A field was logged that holds it; some events carry it deep inside, in an item of a response.",
                "List the fields to keep, and copy only those: what the service adds next year stays out by itself.",
            )
    if extra := sorted(line.keys() - {"type", *_KEPT, "code"}):
        raise CheckFailed(
            f"The line for {event['type']} has the field {extra[0]} as well, and that was not asked for.",
            "This one may be harmless, and was let in because nothing keeps fields out.",
            "Keep the four fields that were named, and an error's code.",
        )


def _is_of_use(event: dict[str, Any], line: dict[str, Any]) -> None:
    for name in ("type", *_KEPT):
        if name in event and line.get(name) != event[name]:
            raise CheckFailed(
                f"A line for {event['type']} has {name} {line.get(name)!r}, and the event's is {event[name]!r}.",
                "It was left out or changed, and without it nobody can tell what happened to what.",
                f"Copy {name} where the event has it.",
            )
    if event["type"] == "error" and line.get("code") != event["error"].get("code"):
        raise CheckFailed(
            f"There was an error, its code is {event['error'].get('code')!r}, and the log has {line.get('code')!r}.",
            "The code stands one level deeper, in the event's `error`.",
            'For an event of the type "error", add event["error"]["code"] as `code`.',
        )


def _values(value: Any, names: frozenset[str], wanted: bool = False) -> Iterator[str]:
    """Every text under one of these names, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _values(inner, names, name in names)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, names, wanted)
    elif isinstance(value, str) and wanted:
        yield value


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every value as text, with the innermost name that it stands under."""
    if isinstance(value, dict):
        for inner_name, inner in value.items():
            yield from _leaves(inner, str(inner_name))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner, name)
    elif value is not None:
        yield name, str(value)
