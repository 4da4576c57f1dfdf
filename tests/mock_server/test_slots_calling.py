"""Calls that the agent makes: it asks, reads back, stores, says goodbye and hangs up, whatever comes instead."""

import pytest

from realtime_helpers.mock_server.replies import Message

from .test_slots_dialogues import Phone, text, tool

QUOTE = tool(
    "store_quote",
    "Stores the garage's quote, once they have agreed to what was repeated.",
    {"price": {"type": "number"}, "day": {"type": "string", "format": "date"}},
)
OUTCOME = tool(
    "store_outcome",
    "Stores why there is no quote.",
    {"outcome": text(enum=["refused", "call later", "answering machine", "no answer"]), "note": text()},
    ["outcome"],
)
HANG_UP = tool("hang_up", "Ends the call.", {})
ROBIN = (
    "You are Robin, an AI assistant. You are phoning a garage on behalf of Maria Lopez, who needs a full service for "
    "her Volvo V60. Ask for the price and the day."
)
GREETING_WITH_QUESTION = (
    "Hello, this is Robin, an AI calling for Maria Lopez, about a full service for her Volvo V60. "
    "What would the price be?"
)


ROBIN_IN_LINES = ROBIN.replace("Maria Lopez", "Maria\n    Lopez").replace("for her", "for\n    her")


async def call(*lines, tools=(QUOTE, OUTCOME, HANG_UP), instructions=ROBIN):
    """The agent's greeting, and then these lines of the garage's."""
    phone = Phone(tools, instructions)
    (greeting,) = await phone.ask()
    phone.said.append(greeting.text)
    phone.history.append(Message("assistant", greeting.text))
    return await phone.say(*lines)


@pytest.mark.parametrize("instructions", [ROBIN, ROBIN_IN_LINES])
async def test_it_says_who_calls_for_whom_and_that_it_is_no_person(instructions):
    assert (await call(instructions=instructions)).said == [GREETING_WITH_QUESTION]


@pytest.mark.parametrize(
    "lines",
    [
        ["That would be two hundred and forty dollars.", "Wednesday.", "Yes, that's right."],
        ["Good morning, Miller's garage.", "One moment, please.", "two hundred and forty, and Wednesday", "Correct."],
        ["Two hundred dollars, on Wednesday.", "No, two hundred and forty.", "Yes, goodbye."],
        ["We are fully booked until Wednesday. It costs two hundred and forty dollars.", "That is right."],
    ],
)
async def test_a_quote_is_read_back_stored_once_and_the_line_closed_with_a_goodbye(lines):
    phone = await call(*lines)
    assert [name for name, _ in phone.calls] == ["store_quote", "hang_up"]
    assert phone.calls[0][1] == {"price": 240, "day": "2026-11-25"}
    assert "Is that right?" in phone.said[-2] and phone.said[-1].endswith("Goodbye.")


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (["You have reached Miller's Garage. We are closed until Monday. Leave a message after the tone."],
         "answering machine"),
        (["I'm sorry, we don't work on Volvos. Only German cars."], "refused"),
        (["Hello?", "We don't talk to machines. Goodbye."], "refused"),
        (["Can you call me back tomorrow? I'm under a car right now."], "call later"),
        (["", ""], "no answer"),
        (["Hello?", "", ""], "no answer"),
        (["purple", "banana", "nonsense stuff", "foo bar"], "refused"),
    ],
)  # fmt: skip
async def test_where_there_is_no_quote_the_reason_is_stored(lines, outcome):
    phone = await call(*lines)
    assert [name for name, _ in phone.calls] == ["store_outcome", "hang_up"]
    assert phone.calls[0][1]["outcome"] == outcome
    assert "oodbye" in phone.said[-1]


async def test_who_speaks_on_before_anything_was_answered_is_heard_whole():
    phone = await call()
    phone.history.append(Message("user", "I'm sorry, we don't work on Volvos,"))
    phone.history.append(Message("assistant", ""))  # cut off before its first word
    await phone.say("only German cars.")
    assert phone.calls[0] == (
        "store_outcome",
        {"outcome": "refused", "note": f"{phone.history[1].text} only German cars."},
    )


async def test_one_silence_is_asked_about_and_a_word_makes_it_forgotten():
    phone = await call("", "Hello?", "")
    assert not phone.calls and phone.said[1] == "Are you still there?"
    await phone.say("")
    assert [name for name, _ in phone.calls] == ["store_outcome", "hang_up"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who is this?", "This is Robin, an AI calling for Maria Lopez."),
        ("Are you a robot?", "Yes, I am an AI."),
        ("Am I talking to a real person?", "No, I am an AI."),
        ("What is it about?", "It is about a full service for her Volvo V60."),
    ],
)
async def test_it_answers_for_itself_and_asks_again(question, answer):
    phone = await call(question)
    assert phone.said[1].startswith(answer) and phone.said[1].endswith("What would the price be?")


QUOTED = ("Two hundred and forty dollars, on Wednesday.", "Yes.")


async def test_what_is_said_into_the_goodbye_still_counts():
    phone = await call(*QUOTED, "Wait, make it Thursday.", "Yes.")
    stored = [arguments["day"] for name, arguments in phone.calls if name == "store_quote"]
    assert stored == ["2026-11-25", "2026-11-26"]
    assert [name for name, _ in phone.calls][-1] == "hang_up"


@pytest.mark.parametrize("last", ["Goodbye.", "Thank you.", "Yes.", ""])
async def test_nothing_is_stored_twice(last):
    phone = await call(*QUOTED, last, *([""] if not last else []))
    names = [name for name, _ in phone.calls]
    assert names.count("store_quote") == 1 and "store_outcome" not in names and names[-1] == "hang_up"


async def test_without_a_tool_for_outcomes_it_just_says_goodbye():
    phone = await call("I'm sorry, we don't work on Volvos.", tools=(QUOTE, HANG_UP))
    assert phone.calls == [("hang_up", {})] and "oodbye" in phone.said[-1]


async def test_without_a_tool_to_hang_up_it_just_says_so():
    phone = await call(*QUOTED, tools=(QUOTE,))
    assert [name for name, _ in phone.calls] == ["store_quote"] and phone.said[-1].endswith("Goodbye.")
