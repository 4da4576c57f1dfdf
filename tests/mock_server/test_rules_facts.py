"""Two agents by rules on one line: facts told, read back, corrected; and an end to it."""

import json
from datetime import date

import pytest

from realtime_helpers.mock_server.replies import Call, CallOutput, Message, Prompt, Say
from realtime_helpers.mock_server.rules import Rules

TODAY = "Today is Saturday, November 21, 2026."
CALLS = (
    "You are Robin, an automated assistant. You are phoning a florist about thirty red tulips. "
    f"Find out the price and the day of delivery, read both back, save the offer, say goodbye and hang up. {TODAY}"
)
ANSWERS = f"You answer the phone at Fern and Fig. {TODAY}"
KNOWS = "Thirty red tulips cost 45 dollars. We deliver on Thursday, November 26. White ones cost 50 dollars."


def tool(name, about="", **properties):
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "name": name, "description": about, "parameters": schema}


HANG_UP = tool("hang_up", "Hangs up, after goodbye.")
SAVE = tool(
    "save_offer",
    "Saves the offer.",
    price={"type": "integer"},
    delivery_date={"type": "string", "format": "date"},
)
OFFER = tool(
    "get_offer",
    "What flowers cost, and the first day of delivery.",
    flowers={"type": "string", "enum": ["red tulips", "white tulips", "roses"]},
    wrapping={"type": "string", "enum": ["paper", "glass vase", "wooden box"]},
)


class Agent:
    def __init__(self, instructions, *tools, output="saved"):
        self.instructions, self.tools, self.output = instructions, tools, output
        self.history, self.calls = [], []

    async def says(self, heard=None):
        """What it answers, its tools called on the way; None once it has hung up."""
        if heard is not None:
            self.history.append(Message("user", heard))
        said = ""
        while True:
            prompt = Prompt(self.instructions, tuple(self.history), self.tools)
            steps = [step async for step in Rules().reply(prompt)]
            for step in steps:
                if isinstance(step, Say):
                    said = f"{said} {step.text}".strip()
                    self.history.append(Message("assistant", step.text))
                    continue
                self.calls.append((step.name, json.loads(step.arguments)))
                call = Call(step.name, step.arguments, f"call_{len(self.calls)}")
                self.history += [call, CallOutput(call.call_id, json.dumps(self.output))]
            if any(isinstance(step, Call) and step.name == "hang_up" for step in steps):
                return None
            if not any(isinstance(step, Call) for step in steps):
                return said


async def phone(caller, callee, lines=16, hears=lambda line: line):
    """The lines of a call, in turn; it ends when one hangs up, or not at all (AssertionError)."""
    said, speaks, listens = [await caller.says()], callee, caller
    while said[-1] is not None:
        assert len(said) < lines, said
        said.append(await speaks.says(hears(said[-1])))
        speaks, listens = listens, speaks
    return said[:-1]


async def test_a_deal_by_tool():
    caller, callee = Agent(CALLS, SAVE, HANG_UP), Agent(ANSWERS, OFFER, HANG_UP)
    callee.output = {"price": 45, "date": "2026-11-26"}
    caller.instructions += " It goes in a glass vase."
    said = await phone(caller, callee)
    assert callee.calls == [("get_offer", {"flowers": "red tulips", "wrapping": "glass vase"})]
    assert caller.calls == [("save_offer", {"price": 45, "delivery_date": "2026-11-26"}), ("hang_up", {})]
    assert "Which wrapping: paper, glass vase or wooden box?" in said
    assert "Glass vase." in said, "the caller answers from its instructions"
    assert said.count("Yes, that is right.") == 1, "the read-back is confirmed, and not taken for another question"


async def test_a_deal_by_facts_in_the_instructions():
    caller, callee = Agent(CALLS, SAVE, HANG_UP), Agent(f"{ANSWERS} {KNOWS}", HANG_UP)
    said = await phone(caller, callee)
    assert caller.calls[0] == ("save_offer", {"price": 45, "delivery_date": "2026-11-26"})
    assert "Thirty red tulips cost forty-five dollars." in said
    assert not any("White" in line for line in said), "that was not the question"


@pytest.mark.parametrize("wrong", ["forty-seven", "November twenty-fifth"])
async def test_a_wrong_read_back_is_put_right(wrong):
    """What the caller misheard once: the price, or the date."""
    right = {"forty-seven": "forty-five", "November twenty-fifth": "November twenty-sixth"}[wrong]
    misheard = []

    def hears(line):
        if right in line and not misheard:
            misheard.append(line)
            return line.replace("Thursday, ", "").replace(right, wrong)
        return line

    caller, callee = Agent(CALLS, SAVE, HANG_UP), Agent(ANSWERS, tool("get_offer", "What flowers cost."), HANG_UP)
    callee.output = {"price": 45, "date": "2026-11-26"}
    said = await phone(caller, callee, hears=hears)
    assert len(misheard) == 1 and sum(line.startswith("No. Once more:") for line in said) == 1, said
    assert caller.calls[0] == ("save_offer", {"price": 45, "delivery_date": "2026-11-26"}), said


async def test_a_right_read_back_that_was_misheard_ends_in_the_right_deal():
    misheard = []

    def hears(line):
        if line.startswith("Let me read that back") and not misheard:
            misheard.append(line)
            return line.replace("forty-five", "sixty-five")
        return line

    caller, callee = Agent(CALLS, SAVE, HANG_UP), Agent(ANSWERS, tool("get_offer", "What flowers cost."), HANG_UP)
    callee.output = {"price": 45, "date": "2026-11-26"}
    await phone(caller, callee, hears=hears)
    assert misheard and caller.calls[0] == ("save_offer", {"price": 45, "delivery_date": "2026-11-26"})


async def test_who_did_not_hear_is_told_again():
    callee = Agent(ANSWERS, OFFER, HANG_UP)
    callee.output = {"price": 45, "date": "2026-11-26"}
    offer = await callee.says("What do red tulips in paper cost?")
    assert "forty-five" in offer
    again = await callee.says("Sorry, I did not catch that. What price?")
    assert again == f"Once more: {offer}"
    assert len(callee.calls) == 1


@pytest.mark.parametrize(
    "question, answer",
    [
        ("How much are thirty red tulips?", "Thirty red tulips cost forty-five dollars."),
        ("And the white ones, what do they cost?", "White ones cost fifty dollars."),
        ("When do you deliver? What date?", "We deliver on Thursday, November twenty-six."),
    ],
)
async def test_a_question_is_answered_from_the_instructions(question, answer):
    assert await Agent(f"{ANSWERS} {KNOWS}").says(question) == answer


async def test_what_day_it_is_is_no_offer():
    agent = Agent(f"{ANSWERS} {KNOWS}")
    await agent.says("What do white ones cost?")
    line = await agent.says("So you deliver on Saturday, November 21, is that right?")
    assert line.startswith("No."), date(2026, 11, 21)


async def test_without_facts_nothing_is_confirmed():
    line = await Agent("You are a friendly professor of physics.").says("Two and two is five, is that right?")
    assert "that is right" not in line and "Once more" not in line


# -- manners on the phone ---------------------------------------------------------------------------------------------


async def test_two_who_cannot_understand_each_other_hang_up():
    """Without an end they would go on for ever: `phone` allows a few lines."""
    caller, callee = Agent(CALLS, SAVE, HANG_UP), Agent(ANSWERS, OFFER, HANG_UP)
    await phone(caller, callee, hears=lambda line: "Wobbly marmalade under the bridge.")
    assert ("hang_up", {}) in caller.calls + callee.calls
    assert not any(name.startswith("save") for name, _ in caller.calls)


async def test_on_the_phone_there_is_no_small_talk_about_what_was_not_understood():
    callee = Agent(ANSWERS, HANG_UP)
    assert await callee.says("Wobbly marmalade under the bridge.") == "Sorry, I did not catch that."
    assert await callee.says("Thank you.") not in ("Sorry, I did not catch that.", "Sorry, once more, please.")


@pytest.mark.parametrize("instructions, tools", [(ANSWERS, ()), ("You are a friendly florist.", (HANG_UP,))])
async def test_who_cannot_hang_up_or_is_not_on_the_phone_chats_on(instructions, tools):
    line = await Agent(instructions, *tools).says("Wobbly marmalade under the bridge.")
    assert "catch" not in line and "once more" not in line
