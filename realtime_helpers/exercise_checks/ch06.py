"""Chapter 6's checks."""

from typing import Any

from ..checks import CheckFailed
from ..wild_brunch import Calendar
from ..wire import Wire

_NAME = "cancel_booking"


def change_of_plan(wire: Wire | None, *, wires: list[Wire], book: Calendar) -> str:
    """Two calls: the first cancels a booking, the second asks for the same again."""
    for recorded in wires:
        _offered(recorded)
    first, second = (_result(recorded) for recorded in wires)
    if left := book.bookings():
        raise CheckFailed(
            f"The model was told {first!r}, and the booking for {left[0].customer_name} is still in the book.",
            "The tool answered without cancelling anything.",
            "Call `second_book.cancel(date, customer_name)`, and return what it did.",
        )
    if second == first or "error" in second:
        raise CheckFailed(
            f"The second time there was nothing left to cancel, and the model was told {second!r}.",
            "`NoTable` was not caught, or was caught and not told.",
            "Catch it, and return a sentence with the reason in it, which can be said to a customer.",
        )
    return "One booking cancelled, one caller told that there was none, and each call got its one answer."


def _offered(wire: Wire) -> None:
    sessions = [e.event["session"] for e in wire.sent("session.update")]
    tools = {tool["name"]: tool for session in sessions for tool in session.get("tools", ())}
    if _NAME not in tools:
        raise CheckFailed(
            f"The session offers {', '.join(tools) or 'no tools'}, and no {_NAME}.",
            "The function has another name.",
            f"Call it {_NAME}, and run the cells again.",
        )
    if not tools[_NAME].get("description"):
        raise CheckFailed(
            f"{_NAME} went to the model without a description.",
            "The function has no docstring, so the model has nothing to go by but a name.",
            "Begin the function with one sentence in triple quotes that says what it does.",
        )
    date: dict[str, Any] = tools[_NAME]["parameters"].get("properties", {}).get("date", {})
    if date.get("format") != "date":
        raise CheckFailed(
            f"The parameter `date` went to the model as {date or 'nothing at all'}.",
            "Without the type of a date, the model may write anything there, `next Sunday` included.",
            "Annotate it: `date: datetime.date`.",
        )


def _result(wire: Wire) -> str:
    """What the model was told of its one call."""
    calls = [e.event for e in wire.received("response.function_call_arguments.done")]
    if not calls:
        raise CheckFailed(
            "The model called nothing in one of the two conversations.",
            "It did not see how the tool would help, or the cell above was stopped early.",
            "Say in the docstring that the tool cancels a booking, and run the cells again.",
        )
    items = [e.event["item"] for e in wire.sent("conversation.item.create")]
    outputs = [item["output"] for item in items if item.get("call_id") == calls[0]["call_id"]]
    if len(outputs) != 1:
        raise CheckFailed(
            f"The call got {len(outputs)} outputs.",
            "Every call needs exactly one; something besides the ToolSet answered it, or nothing did.",
            "Leave the cell with the two calls as it came.",
        )
    return outputs[0]
