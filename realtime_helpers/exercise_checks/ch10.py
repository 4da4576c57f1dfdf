"""Chapter 10's checks."""

import json
from typing import Any

from ..checks import CheckFailed
from ..wire import Wire


def ask_directly(wire: Wire, garage: Any) -> str:
    """One question in writing about `garage` (its `prices` and `day`), answered with the learner's own tool."""
    calls = wire.received("response.function_call_arguments.done")
    if not calls:
        raise CheckFailed(
            "The model called no tool.",
            "Perhaps the session did not offer any, or the question was changed to one that needs none.",
            "Run the two cells above as they came, and write only the function's body.",
        )
    outputs = [
        e.event["item"]["output"]
        for e in wire.sent("conversation.item.create")
        if e.event["item"]["type"] == "function_call_output"
    ]
    if not outputs:
        raise CheckFailed(
            "The model called ask_garage and got no output.",
            "Your function was still at work when the cell's time was over.",
            "Look for an `await` on something that never comes: the garage answers one line to one line, and no more.",
        )
    quote = _read(outputs[0])
    if not isinstance(quote, dict):
        raise CheckFailed(
            f"The model was told {outputs[0][:60]!r}, which is no quote.",
            "Your function returned nothing, or text where a dictionary was promised.",
            "Return what stands under `structuredContent` in the garage's reply, read with `json.loads`.",
        )
    if "error" in quote:
        raise CheckFailed(
            f"The model was told of a failure: {quote['error']!r}.",
            "`exchange` is a coroutine and returns two pieces of text, which have no keys yet.",
            "Await it, read its second text with `json.loads`; `tools.calls[-1].error` has the whole story.",
        )
    if "result" in quote or "jsonrpc" in quote or "structuredContent" in quote:
        raise CheckFailed(
            f"The model was handed the envelope with the letter: {', '.join(quote)}.",
            "It may find the price in there, but it pays for every character, and may read out the wrong number.",
            "Return only what stands under `structuredContent` in the `result`.",
        )
    wanted = {"price": garage.prices["full service"], "date": garage.day.isoformat()}
    if quote != wanted:
        raise CheckFailed(
            f"{garage.name} asks {wanted['price']} dollars on {wanted['date']}; the model was told {quote}.",
            "The garage, the car or the service that the model asked for did not reach the exchange.",
            "Pass on your function's arguments, and return price and date as the garage gave them.",
        )
    if not wire.received("response.output_text.done"):
        raise CheckFailed(
            "The tool's output was right, and the model never put it into words.",
            "The cell's time was over first.",
            "Run the cell above again.",
        )
    return "One question, one line out, one line back, and the right quote: nobody had to say hello."


def _read(output: str) -> Any:
    try:
        return json.loads(output)
    except ValueError:
        return output
