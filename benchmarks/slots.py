"""Calls made rightly by the rules mind, on tool sets it was not written for.

    python -m benchmarks.slots [--failures] [--spoken] [--only hotel]

A simulated user (`slots_held_out/user.py`) talks to the mind over text; calls are answered by fake tools. A dialogue is
right if every expected call was made exactly once with right arguments and no other but the allowed ones. Dialogues in
which nothing is to be called (`refusals`) stand apart: a mind that never calls gets them all. With
`--spoken` each of the user's lines is spoken by piper's "joe" and the mind gets what the server's ears make of it
(extra `voices`). Nothing here may be used to tune the rules: it is their examination.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, fields

from benchmarks.slots_held_out import SETS
from benchmarks.slots_held_out.cases import Choice, Dialogue, ToolSet
from benchmarks.slots_held_out.judge import differs, judge
from benchmarks.slots_held_out.user import User
from benchmarks.slots_held_out.values import plain
from realtime_helpers.mock_server.replies import Call, CallOutput, Message, Mind, Prompt, Say

LONGEST = 12  # user turns
ASKS = 4  # of the mind in a row, before the user speaks again
TITLES = ("tool set", "dialogues", "calls", "refusals", "tool choice", "user turns")

Hear = Callable[[str], Awaitable[str]]


@dataclass
class Played:
    """What happened. `calls`: name and arguments as they came, in order; `faults`: why it is wrong, if it is."""

    calls: list[Call] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    turns: int = 0
    right: int = 0
    misheard: int = 0


async def as_said(text: str) -> str:
    """Perfect ears."""
    return text


async def play(mind: Mind, tool_set: ToolSet, dialogue: Dialogue, hear: Hear = as_said) -> Played:
    """One dialogue from its opening to the goodbye, judged."""
    played = Played()
    user = User(tool_set, dialogue)
    history: list[Message | Call | CallOutput] = []
    reply = ""
    while played.turns < LONGEST:
        names = [call.name for call in played.calls]
        said = user.says(reply, names)
        if said is None:
            break
        heard = await hear(said)
        played.turns += 1
        played.misheard += plain(heard) != plain(said)
        played.lines.append(f"user:  {said}" + (f"  [heard: {heard}]" if heard != said else ""))
        history.append(Message("user", heard))
        try:
            reply = await _answer(mind, tool_set, dialogue, history, played)
        except Exception as error:
            played.lines.append(f"mind:  {error!r}")
            played.faults.append(f"the mind raised {type(error).__name__}")
            break
    played.right, faults = judge(tool_set, dialogue, played.calls)
    played.faults += faults
    return played


async def _answer(mind: Mind, tool_set: ToolSet, dialogue: Dialogue, history: list, played: Played) -> str:
    """The words of the reply, with its calls answered until it makes no more."""
    words = []
    for _ in range(ASKS):
        said, calls = await ask(mind, tool_set, history)
        if said:
            words.append(said)
            played.lines.append(f"agent: {said}")
            history.append(Message("assistant", said))
        if not calls:
            return " ".join(words)
        for call in calls:
            call = Call(call.name, call.arguments, f"call_{len(played.calls) + 1}")
            output = _run(tool_set, dialogue, call)
            played.calls.append(call)
            played.lines.append(f"call:  {call.name}({call.arguments}) -> {output}")
            history += [call, CallOutput(call.call_id, output)]
    played.faults.append(f"still calling after {ASKS} asks")
    return " ".join(words)


async def ask(
    mind: Mind, tool_set: ToolSet, history: Sequence[Message | Call | CallOutput], tool_choice: object = "auto"
) -> tuple[str, list[Call]]:
    """One reply: its words and its calls."""
    prompt = Prompt(tool_set.instructions, tuple(history), tool_set.tools, tool_choice)
    words, calls = [], []
    async for step in mind.reply(prompt):
        if isinstance(step, Say):
            words.append(step.text)
        else:
            calls.append(step)
    return " ".join(words), calls


def _run(tool_set: ToolSet, dialogue: Dialogue, call: Call) -> str:
    """A tool's answer as a client sends it; what a tool raises is its answer, too."""
    try:
        output = {**tool_set.fakes, **dialogue.fakes}[call.name](**json.loads(call.arguments or "{}"))
    except Exception as error:
        output = {"error": f"{type(error).__name__}: {error}"}
    return output if isinstance(output, str) else json.dumps(output)


async def choose(mind: Mind, tool_set: ToolSet, choice: Choice) -> list[str]:
    """What is wrong with one reply under a tool choice."""
    try:
        said, calls = await ask(mind, tool_set, [Message("user", choice.says)], choice.tool_choice)
    except Exception as error:
        return [f"the mind raised {type(error).__name__}"]
    if not choice.expect:
        return [f"called {call.name}" for call in calls] or ([] if said else ["silence"])
    expected = choice.expect
    if choice.any_of:
        expected = tuple(e for e in expected if any(not differs(tool_set, e, call) for call in calls))[:1] or expected
    return judge(tool_set, Dialogue(choice.name, choice.says, expected), calls)[1]


def spoken() -> Hear:
    """Said by joe, heard by the server's ears; a line said twice is heard once."""
    import numpy as np

    from benchmarks.joe import say
    from realtime_helpers.audio import float_to_pcm16
    from realtime_helpers.mock_server.speech import best_ears

    ears = best_ears()
    heard: dict[str, str] = {}
    silence = np.zeros(12_000, np.float32)

    async def hear(text: str) -> str:
        if text not in heard:
            said = say(_digit_by_digit(text))
            heard[text] = ears.transcribe(float_to_pcm16(np.concatenate([silence, said, silence])))
        return heard[text]

    return hear


def _digit_by_digit(text: str) -> str:
    """Numbers of parcels, cards and phones as people read them out; "SP204" -> "S P 2 0 4"."""
    return re.sub(r"\b[A-Z]{0,2}\d{3,}\b", lambda number: " ".join(number.group()), text)


@dataclass
class Share:
    """So many of so many."""

    right: int = 0
    of: int = 0

    def add(self, right: int, of: int = 1) -> None:
        self.right += right
        self.of += of

    def __str__(self) -> str:
        return f"{self.right}/{self.of}" if self.of else "-"

    def spelt(self) -> str:
        return f"{self} ({self.right / self.of:.0%})" if self.of else "none"


@dataclass
class Score:
    """Shares that are right. `refusals`: dialogues in which nothing is to be called; `dialogues`: all the others."""

    dialogues: Share = field(default_factory=Share)
    calls: Share = field(default_factory=Share)  # of those expected
    made: Share = field(default_factory=Share)  # of those made, allowed extras left out
    refusals: Share = field(default_factory=Share)
    choices: Share = field(default_factory=Share)
    turns: Share = field(default_factory=Share)  # user turns, of dialogues
    well_heard: Share = field(default_factory=Share)  # utterances heard word for word
    right_if_heard: Share = field(default_factory=Share)  # dialogues with calls, of those heard word for word

    def add(self, other: Score) -> None:
        for share in fields(self):
            one = getattr(other, share.name)
            getattr(self, share.name).add(one.right, one.of)

    def row(self, name: str) -> str:
        cells = (self.dialogues, self.calls, self.refusals, self.choices)
        return f"{name:<14}" + "".join(f"{cell!s:<13}" for cell in cells) + f"{self.turns.right / self.turns.of:.1f}"


async def examine(mind: Mind, sets: Sequence[ToolSet], hear: Hear, failures: bool) -> Score:
    """Plays everything and prints the table."""
    whole = Score()
    wrong: list[str] = []
    print("".join(f"{title:<{13 + (title == 'tool set')}}" for title in TITLES))
    for tool_set in sets:
        score = Score()
        for dialogue in tool_set.dialogues:
            played = await play(mind, tool_set, dialogue, hear)
            _count(score, dialogue, played)
            if played.faults:
                wrong.append(
                    f"{tool_set.name}: {dialogue.name}: {'; '.join(played.faults)}\n" + "\n".join(played.lines)
                )
        for choice in tool_set.choices:
            faults = await choose(mind, tool_set, choice)
            score.choices.add(not faults)
            if faults:
                wrong.append(f"{tool_set.name}: {choice.name}: {'; '.join(faults)}\nuser:  {choice.says}")
        whole.add(score)
        print(score.row(tool_set.name))
    print(whole.row("all"))
    print(f"\ndialogues right: {whole.dialogues.spelt()}")
    print(f"single calls right: {whole.calls.spelt()} of those expected, {whole.made.spelt()} of those made")
    if hear is not as_said:
        print(f"utterances heard word for word: {whole.well_heard.spelt()}")
        print(f"dialogues right among those heard word for word throughout: {whole.right_if_heard.spelt()}")
    if failures:
        print("", *wrong, sep="\n\n")
    return whole


def _count(score: Score, dialogue: Dialogue, played: Played) -> None:
    right = not played.faults
    (score.dialogues if dialogue.expect else score.refusals).add(right)
    score.calls.add(played.right, len(dialogue.expect))
    bad = sum(fault.startswith(("wrong:", "made again:", "uncalled for:")) for fault in played.faults)
    score.made.add(played.right, played.right + bad)
    score.turns.add(played.turns)
    score.well_heard.add(played.turns - played.misheard, played.turns)
    if dialogue.expect and not played.misheard:
        score.right_if_heard.add(right)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--failures", action="store_true", help="print what went wrong, word for word")
    parser.add_argument("--spoken", action="store_true", help="through piper's voice and the server's ears")
    parser.add_argument("--only", nargs="+", metavar="SET", choices=[tool_set.name for tool_set in SETS])
    args = parser.parse_args()
    from realtime_helpers.mock_server.rules import Rules

    sets = [tool_set for tool_set in SETS if not args.only or tool_set.name in args.only]
    asyncio.run(examine(Rules(), sets, spoken() if args.spoken else as_said, args.failures))


if __name__ == "__main__":
    main()
