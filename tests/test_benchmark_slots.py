"""The examination of slot filling is fair: who calls rightly gets everything, who pretends gets nothing."""

import dataclasses
import inspect
import json
import re

import pytest
from jsonschema import Draft202012Validator

from benchmarks import slots
from benchmarks.slots_held_out import SETS
from benchmarks.slots_held_out.cases import After, Dialogue, Expect
from benchmarks.slots_held_out.judge import judge
from benchmarks.slots_held_out.user import GOODBYE, LOST, NO, NO_PREFERENCE, User, name_words
from benchmarks.slots_held_out.values import accepts, clock, day, example, has
from realtime_helpers.mock_server.replies import Call, CallOutput, Message, Prompt, Say

PAIRS = [(tool_set, dialogue) for tool_set in SETS for dialogue in tool_set.dialogues]
IDS = [f"{tool_set.name}: {dialogue.name}" for tool_set, dialogue in PAIRS]


def right_calls(dialogue):
    return [
        Call(expect.name, json.dumps({name: example(wanted) for name, wanted in expect.arguments.items()}))
        for expect in dialogue.expect
    ]


class Oracle:
    """Makes the calls that are right for what was said first, `times` over, then says so."""

    def __init__(self, times: int = 1) -> None:
        self._times = times

    async def reply(self, prompt: Prompt):
        said = prompt.history[0].text
        asked = sum(isinstance(item, Message) and item.role == "user" for item in prompt.history)
        if asked <= self._times and isinstance(prompt.history[-1], Message) and prompt.tool_choice != "none":
            for call in self._calls(prompt, said):
                yield call
        yield Say("That is done.")

    def _calls(self, prompt: Prompt, said: str):
        for tool_set in SETS:
            if tool_set.instructions == prompt.instructions:
                for choice in tool_set.choices:
                    if choice.says == said and choice.tool_choice == prompt.tool_choice:
                        return right_calls(choice)[: 1 if choice.any_of else None]
                for dialogue in tool_set.dialogues:
                    if dialogue.opening == said:
                        return right_calls(dialogue)
        return []


class Form:
    """Asks for one argument after the other, as a form would, and then makes the call."""

    def __init__(self, dialogue) -> None:
        self._steps = []
        for expect, call in zip(dialogue.expect, right_calls(dialogue), strict=True):
            self._steps += [Say(f"What is the {spoken_name(name)}?") for name in expect.arguments]
            self._steps += [call, Say("That is done.")]

    async def reply(self, prompt: Prompt):
        at = sum(not isinstance(item, CallOutput) and getattr(item, "role", "") != "user" for item in prompt.history)
        yield self._steps[at] if at < len(self._steps) else Say("Is there anything else?")


def spoken_name(parameter: str) -> str:
    return " ".join(name_words(parameter))


class Pretender:
    async def reply(self, prompt: Prompt):
        yield Say("That is booked for you. Is there anything else?")


async def test_who_makes_the_right_calls_gets_everything():
    score = await slots.examine(Oracle(), SETS, slots.as_said, failures=True)
    for share in (score.dialogues, score.calls, score.made, score.refusals, score.choices):
        assert share.right == share.of > 10


async def test_who_only_pretends_gets_nothing():
    score = await slots.examine(Pretender(), SETS, slots.as_said, failures=False)
    assert score.dialogues.right == score.calls.right == 0
    assert score.refusals.right == score.refusals.of


async def test_who_does_everything_twice_is_wrong_every_time():
    score = await slots.examine(Oracle(times=2), SETS, slots.as_said, failures=False)
    assert score.dialogues.right == 0


async def test_a_mind_that_falls_over_or_never_stops_calling_is_wrong_and_ends_nothing():
    class Broken:
        async def reply(self, prompt):
            raise KeyError("slot")
            yield

    class Endless:
        async def reply(self, prompt):
            yield Call("estimate_fare", "{}")

    tool_set = next(tool_set for tool_set in SETS if tool_set.name == "taxi")
    broken = await slots.play(Broken(), tool_set, tool_set.dialogues[0])
    assert "KeyError" in broken.faults[0]
    endless = await slots.play(Endless(), tool_set, tool_set.dialogues[0])
    assert len(endless.calls) == slots.ASKS * endless.turns <= slots.ASKS * slots.LONGEST


@pytest.mark.parametrize("tool_set, dialogue", PAIRS, ids=IDS)
def test_the_right_calls_fit_the_schemas_and_a_wrong_or_made_up_argument_does_not_count(tool_set, dialogue):
    calls = right_calls(dialogue)
    assert judge(tool_set, dialogue, calls) == (len(calls), [])
    for at, call in enumerate(calls):
        given = json.loads(call.arguments)
        for name, value in given.items():
            changed = {bool: not value, str: "zzz", list: ["zzz"]}.get(type(value), 9999)
            spoilt = dataclasses.replace(call, arguments=json.dumps(given | {name: changed}))
            assert judge(tool_set, dialogue, [*calls[:at], spoilt, *calls[at + 1 :]])[1], name
        spoilt = dataclasses.replace(call, arguments=json.dumps(given | {"invented": 1}))
        assert judge(tool_set, dialogue, [*calls[:at], spoilt, *calls[at + 1 :]])[1]


@pytest.mark.parametrize("tool_set", SETS, ids=lambda tool_set: tool_set.name)
def test_tools_are_json_schemas_and_their_fakes_answer(tool_set):
    assert 1 <= len(tool_set.tools) <= 4
    assert len(tool_set.dialogues) >= 4
    assert {tool["name"] for tool in tool_set.tools} == set(tool_set.fakes)
    json.dumps(tool_set.tools)
    for tool in tool_set.tools:
        Draft202012Validator.check_schema(tool["parameters"])
        takes = inspect.signature(tool_set.fakes[tool["name"]]).parameters
        if not any(one.kind is one.VAR_KEYWORD for one in takes.values()):
            assert set(takes) == set(tool["parameters"]["properties"])
    for dialogue in tool_set.dialogues:
        for expect in dialogue.expect:
            given = {name: example(wanted) for name, wanted in expect.arguments.items()}
            json.dumps({**tool_set.fakes, **dialogue.fakes}[expect.name](**given))


@pytest.mark.parametrize("tool_set, dialogue", [pair for pair in PAIRS if pair[1].expect])
async def test_who_asks_for_each_argument_by_its_name_is_answered_and_gets_everything(tool_set, dialogue):
    played = await slots.play(Form(dialogue), tool_set, dialogue)
    assert played.faults == [], played.lines
    assert not [line for line in played.lines if line == f"user:  {LOST}" or NO_PREFERENCE in line]


@pytest.mark.parametrize(
    "wanted, right, wrong",
    [
        (day("2026-03-06", "Friday"), ["2026-03-06", "6 March 2026", "March 6", "friday"], ["2026-03-07", "Monday", 6]),
        (clock("19:30"), ["19:30", "7:30 pm", "7.30pm", "19:30:00", "7:30 p.m."], ["7:30", "19", "7 pm", ""]),
        (has("12|twelve", "mill"), ["Twelve Mill Road"], ["21 Mill Road", "I'd like a taxi from 12 Mill Road"]),
        ((2, 3), [2, 3, 3.0], ["2", True, 4]),
        (["oat", "decaf"], [["decaf", "Oat"]], [["oat"], "oat", ["oat", "oat"]]),
    ],
)
def test_values(wanted, right, wrong):
    assert [value for value in right if not accepts(wanted, value)] == []
    assert [value for value in wrong if accepts(wanted, value)] == []


@pytest.mark.parametrize(
    "asked, answer",
    [
        ("Of course! How many nights would you like to stay?", "Two nights."),
        ("Single, double or suite?", "A double."),
        ("Please tell me your name.", "Carter."),
        ("May I have your name?", "Carter."),
        ("That's Friday for 2 nights. And what name should I put it under?", "Carter."),
        ("Which date, and for how many guests?", "On Friday. Three people."),
        ("A double for 2 nights from Friday. Shall I book it?", "Yes, please."),
        ("So that's a double room for two nights and three guests, is that correct?", "Yes, please."),
        ("Would you like breakfast?", "No, thanks."),
        ("Shall I add breakfast?", "No, thanks."),
        ("Shall I cancel booking?", NO),
        ("Shall I check availability?", NO),
        ("Any preference for the floor, or for the room's reference number?", "A room, please."),
        ("How can I help you?", "A room, please."),
        ("Your room is booked for two nights.", "A room, please."),
    ],
)
def test_what_the_user_answers(asked, answer):
    facts = {
        "guest_name": "Carter.",
        "check_in": "On Friday.",
        "nights": "Two nights.",
        "room_type": "A double.",
        "guests": "Three people.",
        "breakfast": "No, thanks.",
    }
    hotel = next(tool_set for tool_set in SETS if tool_set.name == "hotel")
    user = User(hotel, Dialogue("", "A room, please.", (Expect("book_room"),), facts))
    user.says("", [])
    assert user.says(asked, []) == answer


def test_a_user_who_gets_nowhere_or_is_asked_again_and_again_hangs_up_and_one_who_has_everything_says_goodbye():
    hotel = next(tool_set for tool_set in SETS if tool_set.name == "hotel")
    wish = (Expect("book_room"),)
    user = User(hotel, Dialogue("", "A room, please.", wish, again="I want to book a room."))
    said = [user.says("I see.", []) for _ in range(5)]
    assert said == ["A room, please.", "I want to book a room.", LOST, GOODBYE, None]
    user = User(hotel, Dialogue("", "A room, please.", wish, events=(After(("book_room",), "And one more."),)))
    said = [user.says("Booked.", ["book_room"]) for _ in range(4)]
    assert said == ["A room, please.", "And one more.", GOODBYE, None]
    user = User(hotel, Dialogue("", "A room, please.", wish, {"nights": "Two."}))
    said = [user.says("How many nights?", []) for _ in range(5)]
    assert said == ["A room, please.", "Two.", "Two.", GOODBYE, None]
    user = User(hotel, Dialogue("", "A room, please.", wish))
    assert [user.says("Breakfast?", []) for _ in range(2)] == ["A room, please.", NO_PREFERENCE]


def questions(name: str, schema: dict) -> list[str]:
    """Ways to ask for an argument that somebody who has read only its schema may choose."""
    asked = [f"What is the {spoken_name(name)}?", f"Could you tell me the {spoken_name(name)}, please?"]
    asked += [f"I still need the {spoken_name(name)}."]
    if not schema.get("description", "YYYY").startswith("YYYY"):
        words = re.split(r"[,(.:]", schema["description"])[0].lower()
        asked += [f"What is the {words}?", f"{words.capitalize()}?"]
    if "enum" in schema:
        *others, last = map(spoken_name, schema["enum"])
        asked.append(f"Which {spoken_name(name)}: {', '.join(others)} or {last}?")
    return asked


@pytest.mark.parametrize("tool_set, dialogue", [pair for pair in PAIRS if pair[1].expect])
def test_the_user_understands_who_has_read_only_the_schema(tool_set, dialogue):
    misunderstood = []
    for expect in dialogue.expect:
        schemas = next(tool for tool in tool_set.tools if tool["name"] == expect.name)["parameters"]["properties"]
        for name in expect.arguments.keys() & dialogue.facts.keys():
            for question in questions(name, schemas[name]):
                user = User(tool_set, dataclasses.replace(dialogue, events=()))
                user.says("", [])
                said = dialogue.facts[name]
                first = said if isinstance(said, str) else said[0]
                if first not in (answer := user.says(question, [])):
                    misunderstood.append((name, question, answer))
    assert misunderstood == []


@pytest.mark.parametrize("tool_set, dialogue", [pair for pair in PAIRS if len(pair[1].expect) > 1])
def test_who_wants_two_things_can_ask_for_the_second_alone(tool_set, dialogue):
    assert dialogue.expect[-1].name in dialogue.rest
    assert set(dialogue.rest) <= {expect.name for expect in dialogue.expect}


def test_who_got_one_of_two_things_asks_for_the_other():
    hotel = next(tool_set for tool_set in SETS if tool_set.name == "hotel")
    dialogue = next(dialogue for dialogue in hotel.dialogues if "cancel_booking" in dialogue.rest)
    user = User(hotel, dialogue)
    said = [user.says("That is done.", called) for called in ([], ["check_availability"])]
    assert said == [dialogue.opening, dialogue.rest["cancel_booking"]]
