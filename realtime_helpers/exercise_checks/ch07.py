"""Chapter 7's check."""

import json
from typing import Any

from ..checks import CheckFailed
from ..wire import Wire

_TOOL = "store_quote"
_KEPT = ("price", "day")


def one_more(wire: Wire, row: Any) -> str:
    """A call by text in which `store_quote` asks for one thing more, yes or no. `row`: the garage's, as it was stored:
    garage, outcome, price, day, note."""
    properties, required = _offered(wire)
    new = _the_new_one(properties, required)
    arguments = _called(wire, new)
    kept = row[4] if row else ""
    if not row or row[1] != "quote":
        raise CheckFailed(
            f"{_TOOL} was called with {json.dumps(arguments)}, and the table holds {row!r}.",
            "The method was called and stored no quote.",
            "Call store() in it, as the one in Call does.",
        )
    if kept not in ("courtesy car", "no courtesy car"):
        raise CheckFailed(
            f"The mechanic was asked and {_TOOL} was told, but the row's note is {kept!r}.",
            "What the model says to a tool is gone when the tool returns, unless the tool keeps it.",
            'Hand store() a note: "courtesy car" or "no courtesy car".',
        )
    if (kept == "courtesy car") is not bool(arguments[new]):
        raise CheckFailed(
            f"The model said {new} = {json.dumps(arguments[new])}, and the row's note is {kept!r}.",
            "The two notes are the wrong way round, or one of them is stored whatever was said.",
            f"Let {new} decide between them.",
        )
    return f"The signature asked, the mechanic answered, and the row says {kept!r}. The instructions never knew."


def _offered(wire: Wire) -> tuple[dict[str, Any], list[str]]:
    """The parameters that the model was offered, and which of them are required."""
    updates = wire.sent("session.update")
    tools = updates[-1].event["session"].get("tools", []) if updates else []
    tool = next((tool for tool in tools if tool["name"] == _TOOL), None)
    if tool is None:
        raise CheckFailed(
            f"No tool {_TOOL} crossed the wire, only {', '.join(t['name'] for t in tools) or 'none'}.",
            "The name of the method is the name of the tool, and the instructions speak of that one.",
            f"Call your method {_TOOL}, like the one it replaces.",
        )
    return tool["parameters"].get("properties", {}), tool["parameters"].get("required", [])


def _the_new_one(properties: dict[str, Any], required: list[str]) -> str:
    if lost := [name for name in _KEPT if name not in properties]:
        raise CheckFailed(
            f"{_TOOL} no longer has the parameter {lost[0]!r}, so nobody asked for it.",
            "Your method replaces the one in Call; it is not added to it.",
            "Keep price and day, and put the new parameter behind them.",
        )
    new = [name for name in properties if name not in _KEPT]
    if not new:
        raise CheckFailed(
            f"The model was offered {_TOOL}({', '.join(properties)}), and asked for just that.",
            "It has no parameter for a courtesy car.",
            "Write a store_quote with one parameter more into LongerCall.",
        )
    if new[0] not in required:
        raise CheckFailed(
            f"The model was offered {new[0]!r} as something that it may leave out, and it never asked.",
            "A parameter with a default is optional.",
            "Take the default away: what must be known is required.",
        )
    if properties[new[0]].get("type") != "boolean":
        raise CheckFailed(
            f"The model was offered {new[0]!r} as {properties[new[0]].get('type', 'something')}, not as a yes or no.",
            "The type hint decides, and a parameter without one is text.",
            f"Write {new[0]}: bool.",
        )
    return new[0]


def _called(wire: Wire, new: str) -> dict[str, Any]:
    calls = [
        got.event for got in wire.received("response.function_call_arguments.done") if got.event.get("name") == _TOOL
    ]
    if not calls:
        raise CheckFailed(
            f"{_TOOL} was offered with {new!r}, and never called.",
            "The mechanic may not have understood the question: he answers to the words day, car and right.",
            "Read the conversation above, and give the parameter a name that reads well in a question.",
        )
    return json.loads(calls[-1]["arguments"])
