"""Chapter 4's check."""

from base64 import b64decode

from ..audio import duration_ms
from ..checks import CheckFailed
from ..wire import Wire

_NEAR_MS = 250  # the loudspeaker plays on between being asked and being cleared


def both_halves(wire: Wire, heard_ms: float, still_playing: bool, remembered: str | None) -> str:
    """One answer, interrupted when all of it had arrived and `heard_ms` of it had been heard.

    `still_playing`: whether the loudspeaker went on. `remembered`: what the service says it told the learner.
    """
    sound = [b64decode(got.event["delta"]) for got in wire.received("response.output_audio.delta")]
    sent_ms = sum(map(duration_ms, sound))
    cuts = wire.sent("conversation.item.truncate")
    if not sound or not heard_ms:
        raise CheckFailed(
            f"{sent_ms / 1000:.1f} s of his voice came, and {heard_ms / 1000:.1f} s were heard.",
            "Without a sound there is nothing to interrupt; the loudspeaker may not be enabled.",
            "Press Enable sound if it shows, and run the cell above again.",
        )
    if wire.sent("response.cancel"):
        raise CheckFailed(
            "A response.cancel crossed the wire.",
            "The response was done, so there was nothing left to cancel; what goes on is your loudspeaker.",
            "Clear that, and truncate the item instead.",
        )
    if still_playing:
        raise CheckFailed(
            f"He talks on, with {'a truncate' if cuts else 'nothing'} sent to the service.",
            "His whole answer is in your loudspeaker's queue, which empties at its own pace.",
            "Clear the queue: `await speaker.clear()`.",
        )
    if not cuts:
        raise CheckFailed(
            "He fell silent, and no conversation.item.truncate crossed the wire: half an interruption.",
            f"You heard {heard_ms / 1000:.1f} of {sent_ms / 1000:.1f} s. He believes that he told you {remembered!r}.",
            "Tell the service what was heard: `speaker.clear()` has returned both things that truncate wants to know.",
        )
    if errors := wire.received("error"):
        raise CheckFailed(
            f"The service refused: {errors[0].event['error']['message']!r}.",
            "It wants the id of the item that was playing, and how much of it was heard, in whole milliseconds.",
            "`speaker.clear()` returns just these, as `.item_id` and `.ms`.",
        )
    ms = cuts[0].event["audio_end_ms"]
    if abs(ms - heard_ms) > _NEAR_MS:
        raise CheckFailed(
            f"You heard {heard_ms:.0f} ms of the {sent_ms:.0f} that came, and told the service {ms}.",
            "So it remembers something else than you do." if ms else "So he believes that you have not heard a word.",
            "Give it what `speaker.clear()` says was heard, its `.ms`.",
        )
    return f"Silence, and the truth: he knows that you heard {ms} ms of him and no more."
