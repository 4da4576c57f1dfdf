"""Chapter 2's check."""

from ..checks import CheckFailed
from ..wire import Wire


def two_turns(wire: Wire, answers: list[str | None]) -> str:
    """Push to talk, twice on one connection; `answers` is what the learner's function returned for each question."""
    commits, requests = wire.sent("input_audio_buffer.commit"), wire.sent("response.create")
    texts = [got.event["text"] for got in wire.received("response.output_text.done")]
    if not wire.sent("input_audio_buffer.append"):
        raise CheckFailed(
            "No sound crossed the wire.",
            "Your function has a question in its hands, and keeps it.",
            "Append it, dressed as text: `b64encode(question).decode()`.",
        )
    if not commits:
        raise CheckFailed(
            "The sound was sent, and no commit after it.",
            "With turn detection off the service only collects: to it, nobody has said anything yet.",
            "Say that this was a turn: `input_audio_buffer.commit()`.",
        )
    if not requests:
        raise CheckFailed(
            "The turn was committed, and no response.create followed.",
            "With turn detection off the service answers only when told to, so the wait for an answer was a long one.",
            "Ask for it: `response.create(...)`, right after the commit.",
        )
    if errors := wire.received("error"):
        raise CheckFailed(
            f"The service refused something: {errors[0].event['error']['message']!r}.",
            "Events are handled in the order in which they were sent.",
            "First append, then commit, then ask for the response.",
        )
    if wire.received("response.output_audio.delta"):
        raise CheckFailed(
            "The answer came as sound.",
            "That is what a session gives unless it is told otherwise, and here is no loudspeaker to hear it.",
            'Ask for text: `response={"output_modalities": ["text"]}`.',
        )
    done = wire.received("response.done")
    if not done or (len(requests) > 1 and requests[1].at < done[0].at):
        raise CheckFailed(
            "The second question was sent before the first answer was done.",
            "`response.create` only posts the wish, so your function came back without what it was sent for.",
            "Loop over the connection's events, and return at `response.done`.",
        )
    if answers != texts or len(texts) != 2:
        raise CheckFailed(
            f"The wire has the answers {texts}, and your function returned {answers}.",
            "The words arrive before the response is done, and are gone unless somebody keeps them.",
            "Keep `event.text` at `response.output_text.done`, and return it at `response.done`.",
        )
    return "Two questions, two turns, two answers, and no silence had to be measured."
