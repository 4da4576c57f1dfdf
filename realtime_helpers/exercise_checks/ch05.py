"""Chapter 5's checks."""

from ..checks import CheckFailed
from ..utterances import Utterance, Utterances
from ..wire import Wire


def in_order(wire: Wire | None, *, wires: list[Wire], logs: list[list[str]]) -> str:
    """Two conversations, and the log that was kept of each: in the first the user's words are late, in the second
    they never come."""
    for recorded, log in zip(wires, logs, strict=True):
        _one_log(recorded, list(log))
    return "Both logs are in the conversation's order, and neither waited in vain."


def _one_log(wire: Wire, log: list[str]) -> None:
    seen = Utterances()
    for e in wire.received():
        seen.see(e.event)
    said = list(seen)
    if len(said) < 2 or not all(each.final for each in said):
        raise CheckFailed(
            "The wire holds no whole conversation: a question with its transcript, and an answer.",
            "The cell above was stopped early, or its calls were changed.",
            "Run it again as it came.",
        )
    failed = [each for each in said if each.failed]
    if not log and failed:
        raise CheckFailed(
            "The transcription failed in one conversation, and its log is empty although he answered.",
            "The log waits for a line that will never be ready.",
            "Give `failed` a case, too, that makes a line ready for that item.",
        )
    if not log:
        raise CheckFailed(
            f"The wire shows {len(said)} lines to be kept, and the log is empty.",
            "No line was ever appended to `log`.",
            "Gather order and words first, then append while the next item's line is ready.",
        )
    if len(log) != len(said):
        raise CheckFailed(
            f"The wire shows {len(said)} lines to be kept, and the log has {len(log)}.",
            _why_not_as_many(log, said, bool(failed)),
            "Each item has its turn once: append its line then, and only then.",
        )
    if [_who(line) for line in log] != [each.who for each in said]:
        raise CheckFailed(
            f"The log begins with {log[0]!r}, but the first item in the conversation is the {said[0].who.lower()}'s.",
            "The lines stand in the order in which they arrived.",
            "Let `conversation.item.added` decide on the order, by `previous_item_id`, and hold back what is early.",
        )
    for line, each in zip(log, said, strict=True):
        if each.words and each.words not in line:
            raise CheckFailed(
                f"On the wire the {each.who.lower()} says {each.words!r}, and the log has {line!r}.",
                "The words of one item went to another, or are not the whole of them.",
                "Keep the words under the id of their own event, `event.item_id`.",
            )


def _why_not_as_many(log: list[str], said: list[Utterance], failed: bool) -> str:
    if len(log) > len(said):
        return "A line was appended again with every event that came after it."
    if failed and _who(log[0]) == said[1].who:
        return "The question that could not be transcribed has no line at all, as if nobody had asked."
    return (
        "A line stayed behind. Either after one was appended nobody asked whether the next one's turn had come, "
        "or nothing made it ready: these answers come in writing, with `response.output_text.done`."
    )


def _who(line: str) -> str:
    return str(line).partition(":")[0].strip()
