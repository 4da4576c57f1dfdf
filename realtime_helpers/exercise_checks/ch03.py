"""Chapter 3's check."""

from collections import Counter
from typing import Any

from ..checks import CheckFailed
from ..wire import Wire


def mail(wire: Wire, mail: list[Any]) -> str:
    """`mail`: for each answer, what was said and how many slices of sound it took."""
    slices = Counter(got.event["response_id"] for got in wire.received("response.output_audio.delta"))
    done = wire.received("response.output_audio_transcript.done")
    right = [(said.event["transcript"], slices[said.event["response_id"]]) for said in done]
    if len(right) < 2:
        raise CheckFailed(
            f"Answers on the wire: {len(right)}, and with fewer than two nobody can tell right from lucky.",
            "The conversation above was a short one.",
            "Hold it again, ask two questions, wait for both answers, hang up, and come back.",
        )
    found = [tuple(pair) for pair in mail or []]
    if not found:
        raise CheckFailed(
            f"The wire has {len(right)} answers, and your function found none of them.",
            "Nothing is written in it yet, or it looks for an event of another name.",
            "Begin with `wire.received(...)` and the event that carries a whole answer's words.",
        )
    if len(found) > len(right):
        raise CheckFailed(
            f"The wire has {len(right)} answers, and your function found {len(found)}.",
            "A `.delta` is a slice, of words as much as of sound, and each of them was taken for an answer.",
            "The words of a whole answer come once, when the transcript is `.done`.",
        )
    if [words for words, _ in found] != [words for words, _ in right]:
        raise CheckFailed(
            f"Your function found {[words for words, _ in found]}; he said {[words for words, _ in right]}.",
            "Some answers are missing, or not whole.",
            'Take `.event["transcript"]` of every `response.output_audio_transcript.done`, in order.',
        )
    counts = [count for _, count in found]
    if set(counts) == {slices.total()}:
        raise CheckFailed(
            f"Your function counted {counts[0]} slices for every answer, and that is how many there were in all.",
            "The slices of the other answers were counted along.",
            "Every event of an answer carries its `response_id`: count the slices that have the same one.",
        )
    if found != right:
        raise CheckFailed(
            f"Your function counted {counts} slices, and the answers took {[count for _, count in right]}.",
            "Other events were counted, or events of other answers; the words come in slices, too.",
            "A slice of sound is a `response.output_audio.delta` with the answer's own `response_id`.",
        )
    return f"{len(right)} letters read, and none of them heard."
