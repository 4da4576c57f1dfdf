"""Chapter 1's checks."""

from typing import Any

from ..checks import CheckFailed
from ..wire import Wire


def each_answer(wire: Wire, answers: list[Any]) -> str:
    """Two updates, the first with a spelling mistake; `answers` is what the learner's function returned for each."""
    updates, refusals = wire.sent("session.update"), wire.received("error")
    if len(updates) < 2 and refusals:
        raise CheckFailed(
            f"The service refused the first update ({refusals[0].event['error']['message']!r}), and the second one "
            "was never sent.",
            "Your function goes on waiting for a session.updated that will not come: a refusal is an event, too.",
            "Give it a case for `error` that ends the loop.",
        )
    if len(updates) < 2:
        raise CheckFailed(
            f"{len(updates)} of two updates crossed the wire, and no refusal.",
            "The cell above ended too soon, or the misspelled word was put right.",
            "Run it again as it came.",
        )
    if not refusals or refusals[0].at > updates[1].at:
        raise CheckFailed(
            "Both updates were sent before the service had said a word about the first.",
            "`session.update` only posts the letter, so your function returned without an answer.",
            "Let it loop over the connection's events until one of them is the answer.",
        )
    refused, accepted = answers
    if refused is not None:
        raise CheckFailed(
            "The service refused the first update, and your function returned something for it all the same.",
            "Whoever calls it now believes that there is a session of that kind.",
            "Return None where the event is `error`.",
        )
    instructions = updates[1].event["session"].get("instructions")
    if getattr(accepted, "instructions", None) != instructions:
        raise CheckFailed(
            "The service confirmed the second update, and your function did not return what it confirmed.",
            "Perhaps it returned the dictionary that was sent, or nothing, or an earlier event's session.",
            "Return `event.session` where the event is `session.updated`.",
        )
    return "Both letters were answered, the bad one with a refusal, and your code has read each answer before going on."
