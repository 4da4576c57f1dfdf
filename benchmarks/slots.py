"""Calls made rightly by the rules mind, on tool sets it was not written for.

    python -m benchmarks.slots [--failures] [--spoken] [--only hotel]

A simulated user (`slots_held_out/user.py`) talks to the mind over text; calls are answered by fake tools. A dialogue is
right if every expected call was made exactly once with right arguments and no other but the allowed ones. With
`--spoken` each of the user's lines is spoken by piper's "joe" and the mind gets what the server's ears make of it
(extra `voices`). Nothing here may be used to tune the rules: it is their examination.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from jsonschema import Draft202012Validator

from benchmarks.slots_held_out import SETS
from benchmarks.slots_held_out.cases import Choice, Dialogue, Expect, ToolSet
from benchmarks.slots_held_out.user import User
from benchmarks.slots_held_out.values import accepts, plain
from realtime_helpers.mock_server.replies import Call, CallOutput, Message, Mind, Prompt, Say

LONGEST = 12  # user turns
ASKS = 4  # of the mind in a row, before the user speaks again

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
        said = user.says(reply, names, not judge(tool_set, dialogue, played.calls)[1])
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


def judge(tool_set: ToolSet, dialogue: Dialogue, calls: Sequence[Call]) -> tuple[int, list[str]]:
    """How many expected calls were made, and what is wrong; nothing if the dialogue is right."""
    missing = list(dialogue.expect)
    rest = []
    seen: set[tuple[str, str]] = set()
    for call in calls:
        found = next((expect for expect in missing if not differs(tool_set, expect, call)), None)
        if found:
            missing.remove(found)
            seen.add((call.name, call.arguments))
        else:
            rest.append(call)
    faults = []
    for call in rest:
        if call.name in dialogue.allowed and (call.name, call.arguments) not in seen:
            seen.add((call.name, call.arguments))
            continue
        faults.append(_why(tool_set, dialogue, missing, call))
    faults += [f"missing: {expect.name}" for expect in missing]
    return len(dialogue.expect) - len(missing), faults


def _why(tool_set: ToolSet, dialogue: Dialogue, missing: list[Expect], call: Call) -> str:
    meant = next((expect for expect in missing if expect.name == call.name), None)
    if meant:
        return f"wrong: {call.name}: {differs(tool_set, meant, call)}"
    again = any(expect.name == call.name for expect in dialogue.expect) or call.name in dialogue.allowed
    return f"{'made again' if again else 'uncalled for'}: {call.name}({call.arguments})"


def differs(tool_set: ToolSet, expect: Expect, call: Call) -> str:
    """What is wrong with a call; "" if it is the expected one."""
    if call.name != expect.name:
        return "another tool"
    schema = next(tool for tool in tool_set.tools if tool["name"] == expect.name)["parameters"]
    try:
        given = json.loads(call.arguments or "{}")
    except ValueError:
        return "arguments are not JSON"
    error = next(Draft202012Validator(schema).iter_errors(given), None)
    if error:
        return f"against the schema: {error.message}"
    for name, wanted in expect.arguments.items():
        if not accepts(wanted, given.get(name)):
            return f"{name} is {given.get(name)!r}"
    for name, value in given.items():
        wanted = expect.may.get(name)
        empty = value in ("", False, None) or value == [] or value == schema["properties"].get(name, {}).get("default")
        if name not in expect.arguments and not empty and (wanted is None or not accepts(wanted, value)):
            return f"{name} is made up: {value!r}"
    return ""


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


async def examine(mind: Mind, sets: Sequence[ToolSet], hear: Hear, failures: bool) -> dict[str, float]:
    """Plays everything and prints the table; returns the headline's figures."""
    right = total = calls = calls_right = turns = misheard = refusals = refusals_right = 0
    choices = choices_right = 0
    shown: list[str] = []
    print(f"{'tool set':<14}dialogues  calls     refusals  tool choice  user turns")
    for tool_set in sets:
        tallies = [0] * 6
        set_turns = []
        for dialogue in tool_set.dialogues:
            played = await play(mind, tool_set, dialogue, hear)
            good = not played.faults
            misheard += played.misheard
            turns += played.turns
            set_turns.append(played.turns)
            if dialogue.expect:
                tallies[0] += good
                tallies[1] += 1
                tallies[2] += played.right
                tallies[3] += len(dialogue.expect)
            else:
                tallies[4] += good
                tallies[5] += 1
            if not good:
                shown.append(
                    "\n".join([f"\n{tool_set.name}: {dialogue.name}: {'; '.join(played.faults)}", *played.lines])
                )
        chosen = []
        for choice in tool_set.choices:
            faults = await choose(mind, tool_set, choice)
            chosen.append(not faults)
            if faults:
                shown.append(f"\n{tool_set.name}: {choice.name}: {'; '.join(faults)}\nuser:  {choice.says}")
        choices += len(chosen)
        choices_right += sum(chosen)
        right, total = right + tallies[0], total + tallies[1]
        calls_right, calls = calls_right + tallies[2], calls + tallies[3]
        refusals_right, refusals = refusals_right + tallies[4], refusals + tallies[5]
        cells = [f"{a}/{b}" if b else "-" for a, b in zip(tallies[::2], tallies[1::2], strict=True)]
        cells.append(f"{sum(chosen)}/{len(chosen)}" if chosen else "-")
        cells.append(f"{sum(set_turns) / len(set_turns):.1f}")
        print(f"{tool_set.name:<14}{cells[0]:<11}{cells[1]:<10}{cells[2]:<10}{cells[3]:<13}{cells[4]}")
    played_in_all = total + refusals
    print(f"\ndialogues right: {right} of {total} ({right / max(total, 1):.0%}), each with at least one call to make")
    print(f"single calls right: {calls_right} of {calls} ({calls_right / max(calls, 1):.0%})")
    print(f"refusals right (nothing called): {refusals_right} of {refusals}")
    print(f"tool choice right: {choices_right} of {choices}")
    print(f"user turns a dialogue: {turns / max(played_in_all, 1):.1f}")
    if hear is not as_said:
        print(f"utterances misheard in some word: {misheard} of {turns}")
    if failures:
        print("\n".join(shown))
    return {
        "dialogues": right / max(total, 1),
        "calls": calls_right / max(calls, 1),
        "refusals": refusals_right / max(refusals, 1),
        "choices": choices_right / max(choices, 1),
    }


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
