"""Task conversations with tools, and values taken out of what was said."""

import json
from datetime import date

import pytest

from realtime_helpers.mock_server.replies import Call, CallOutput, Message, Prompt, Say
from realtime_helpers.mock_server.rules import Rules
from realtime_helpers.mock_server.rules.slots.dates import find_dates, stated_today
from realtime_helpers.mock_server.rules.slots.heard import hear
from realtime_helpers.mock_server.rules.slots.times import find_times

TODAY = date(2026, 11, 21)
DATE = {"type": "string", "format": "date"}
TABLE = {"date": DATE, "num_people": {"type": "integer"}}


def tool(name, description, properties, required=None):
    schema = {"type": "object", "properties": properties, "required": list(required or properties)}
    return {"type": "function", "name": name, "description": description, "parameters": schema}


TOOLS = (
    tool("check_table_availability", "Whether a table is available", TABLE),
    tool("book_table", "Books a table", {**TABLE, "customer_name": {"type": "string"}}),
)


async def converse(turns, outputs, tools=TOOLS):
    history, calls, left = [], [], list(outputs)
    for turn in turns:
        history.append(Message("user", turn))
        while True:
            prompt = Prompt("Today is Saturday, November 21, 2026.", tuple(history), tools)
            (part,) = [part async for part in Rules().reply(prompt)]
            if isinstance(part, Say):
                history.append(Message("assistant", part.text))
                break
            calls.append((part.name, json.loads(part.arguments)))
            history += [Call(part.name, part.arguments, f"c{len(calls)}"), CallOutput(f"c{len(calls)}", left.pop(0))]
    return calls


async def test_check_then_book():
    turns = ["do you have a table for four next Friday", "yes please", "Miller"]
    calls = await converse(turns, ["true", "true"])
    table = {"date": "2026-11-27", "num_people": 4}
    assert calls == [("check_table_availability", table), ("book_table", {**table, "customer_name": "Miller"})]


async def test_missing_values_are_asked_for_and_corrected():
    calls = await converse(["um I want to book a table", "tomorrow", "four"], ["true"])
    assert calls == [("check_table_availability", {"date": "2026-11-22", "num_people": 4})]
    calls = await converse(["I want to book a table tomorrow for two", "no, make it five"], ["true", "true"])
    assert [arguments["num_people"] for _, arguments in calls] == [2, 5]


@pytest.mark.parametrize(
    ("answer", "people"),
    [("For people, please.", 4), ("For.", 4), ("To people.", 2), ("Too, please", 2), ("six, for my mother", 6)],
)
async def test_a_number_that_was_asked_for_may_be_spelt_otherwise(answer, people):
    calls = await converse(["I want to book a table", "tomorrow", answer], ["true"])
    assert calls == [("check_table_availability", {"date": "2026-11-22", "num_people": people})]


@pytest.mark.parametrize("answer", ["people on a table, please", "I said I want to book a table", "hm"])
async def test_an_answer_that_was_none_loses_nothing(answer):
    calls = await converse(["I want to book a table", "tomorrow", answer, "five"], ["true", "true"])
    assert calls[0] == ("check_table_availability", {"date": "2026-11-22", "num_people": 5})


async def test_nothing_is_called_after_never_mind():
    assert await converse(["book a table for two", "never mind"], []) == []


@pytest.mark.parametrize(
    ("said", "day"),
    [("tomorrow", "2026-11-22"), ("next Friday", "2026-11-27"), ("the third of May", "2027-05-03"),
     ("in two weeks", "2026-12-05"), ("November 27th", "2026-11-27"), ("2026-12-01", "2026-12-01")],
)  # fmt: skip
def test_dates(said, day):
    assert [found[0].isoformat() for found in find_dates(hear(said).words, TODAY)] == [day]


@pytest.mark.parametrize("said", ["Today is Friday, November 21, 2026.", "Be kind. Today's date is 2026-11-21."])
def test_stated_today(said):
    assert stated_today(said) == TODAY


@pytest.mark.parametrize(
    ("said", "time"),
    [("half past seven", "19:30"), ("7 pm", "19:00"), ("seven thirty tonight", "19:30"), ("noon", "12:00")],
)
def test_times(said, time):
    assert [found[0] for found in find_times(hear(said).words)] == [time]


async def test_an_outbound_call_asks_the_other_side():
    quote = tool("store_quote", "Stores a quote", {"price": {"type": "number"}, "date": DATE})
    instructions = "You are calling a garage. Today is November 21, 2026."
    history = []
    for said in (None, "a hundred and twenty dollars", "next Tuesday", "yes, that is right"):
        history += [Message("user", said)] if said else []
        (part,) = [p async for p in Rules().reply(Prompt(instructions, tuple(history), (quote,)))]
        history += [Message("assistant", part.text)] if isinstance(part, Say) else []
    assert "price" in history[0].text
    assert isinstance(part, Call) and json.loads(part.arguments) == {"price": 120, "date": "2026-11-24"}


async def test_pictures_are_said_to_be_unseen():
    prompt = Prompt("", (Message("user", "what is this", ("data:image/png;base64,AA==",)),), TOOLS)
    (part,) = [p async for p in Rules().reply(prompt)]
    assert "cannot see" in part.text
