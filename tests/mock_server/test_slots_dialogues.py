"""Whole dialogues with tools that the rules have never seen: which calls are made, and what is said."""

import json

import pytest

from realtime_helpers.mock_server.replies import Call, CallOutput, Message, Prompt, Say
from realtime_helpers.mock_server.rules import Rules

ROOMS = ["living room", "bedroom", "kitchen", "bathroom"]


def text(about="", **more):
    return {"type": "string", "description": about, **more}


def tool(name, about, properties, required=None):
    required = list(properties) if required is None else required
    schema = {"type": "object", "properties": properties, "required": required}
    return {"type": "function", "name": name, "description": about, "parameters": schema}


HEATING = (
    tool(
        "set_temperature",
        "Sets a room's temperature.",
        {"room": text(enum=ROOMS), "temperature": {"type": "number", "minimum": 5, "maximum": 30}},
    ),
    tool("get_temperature", "Current temperature of a room.", {"room": text(enum=ROOMS)}),
    tool("switch_light", "Switches a room's light.", {"room": text(enum=ROOMS), "state": text(enum=["on", "off"])}),
)
PIZZA = (
    tool(
        "order_pizza",
        "Orders a pizza.",
        {
            "pizza": text(enum=["margherita", "funghi", "salami"]),
            "size": text(enum=["small", "medium", "large"]),
            "quantity": {"type": "integer", "minimum": 1},
            "name": text("Customer's name"),
        },
    ),
)
CARD = (
    tool(
        "block_card",
        "Blocks a card. Only after the caller confirmed.",
        {"last_four": text("The last four digits", pattern="^[0-9]{4}$"), "reason": text(enum=["lost", "stolen"])},
    ),
)
FILMS = (
    tool("list_showtimes", "Lists the showtimes of a film.", {"film_title": text(), "date": text("YYYY-MM-DD")}),
    tool(
        "reserve_seats",
        "Reserves seats.",
        {
            "film_title": text(),
            "date": text("YYYY-MM-DD"),
            "showtime": text(enum=["15:00", "18:30", "21:15"]),
            "tickets": {"type": "integer"},
        },
    ),
)
MUSEUM = (
    tool("get_opening_hours", "Tells the opening hours.", {}),
    tool("get_ticket_price", "Price of a ticket.", {"visitor_type": text(enum=["adult", "child", "student"])}),
)
QUOTES = (
    tool(
        "store_quote",
        "Stores the quote of a garage.",
        {
            "car": text(),
            "price": {"type": "number", "description": "Price in euros"},
            "earliest_date": text("YYYY-MM-DD"),
        },
    ),
    tool("hang_up", "Ends the call.", {}),
)
CALLING = "You are Sam, and you phone garages. Ask for the price of a service. car: Volvo V60."


class Phone:
    """Somebody on the telephone, with tools that always answer the same."""

    def __init__(self, tools, instructions="", outputs=None, **choice):
        self.tools, self.outputs, self.choice = tools, outputs or {}, choice
        self.instructions = f"{instructions} Today is Friday, 20 November 2026."
        self.history: list = []
        self.calls: list[tuple[str, dict]] = []
        self.said: list[str] = []

    async def ask(self) -> list[Say | Call]:
        prompt = Prompt(self.instructions, tuple(self.history), self.tools, **self.choice)
        return [step async for step in Rules().reply(prompt)]

    async def say(self, *lines: str) -> "Phone":
        for line in lines:
            self.history.append(Message("user", line))
            while made := [step for step in await self._turn() if isinstance(step, Call)]:
                for call in made:
                    output = json.dumps(self.outputs.get(call.name, {"ok": True}))
                    self.history.append(CallOutput(call.call_id, output))
        return self

    async def _turn(self):
        steps = []
        for step in await self.ask():
            if isinstance(step, Call):
                self.calls.append((step.name, json.loads(step.arguments)))
                step = Call(step.name, step.arguments, f"call_{len(self.calls)}")
                self.history.append(step)
            else:
                self.said.append(step.text)
                self.history.append(Message("assistant", step.text))
            steps.append(step)
        return steps


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        (["set the bedroom to eighteen degrees"], [("set_temperature", {"room": "bedroom", "temperature": 18})]),
        (["how warm is it in the living room"], [("get_temperature", {"room": "living room"})]),
        (
            ["turn on the kitchen light and set the bedroom to twenty"],
            [
                ("switch_light", {"room": "kitchen", "state": "on"}),
                ("set_temperature", {"room": "bedroom", "temperature": 20}),
            ],
        ),
        (
            ["lights off in the bedroom please", "on again please"],
            [
                ("switch_light", {"room": "bedroom", "state": "off"}),
                ("switch_light", {"room": "bedroom", "state": "on"}),
            ],
        ),
        (
            ["make it twenty one in the living room", "and in the bathroom too"],
            [
                ("set_temperature", {"room": "living room", "temperature": 21}),
                ("set_temperature", {"room": "bathroom", "temperature": 21}),
            ],
        ),
    ],
)
async def test_a_home_that_does_what_it_is_told(said, calls):
    assert (await Phone(HEATING).say(*said)).calls == calls


async def test_one_call_at_a_time_where_parallel_calls_are_not_wanted():
    phone = Phone(HEATING, parallel_tool_calls=False)
    phone.history.append(Message("user", "turn on the kitchen light and set the bedroom to twenty"))
    assert len([step for step in await phone.ask() if isinstance(step, Call)]) == 1


async def test_terse_answers_synonyms_and_a_change_of_mind():
    phone = await Phone(PIZZA).say("two pizzas please", "um funghi", "big ones", "it's under Bianchi")
    order = {"pizza": "funghi", "size": "large", "quantity": 2, "name": "Bianchi"}
    assert phone.calls == [("order_pizza", order)]
    await phone.say("actually make it three")
    assert phone.calls[1:] == [("order_pizza", order | {"quantity": 3})]


async def test_digits_are_confirmed_where_the_tool_asks_for_that():
    phone = await Phone(CARD).say("somebody stole my credit card", "four four one eight")
    assert not phone.calls and "four four one eight" in phone.said[-1]
    await phone.say("yes that's right")
    assert phone.calls == [("block_card", {"last_four": "4418", "reason": "stolen"})]


async def test_found_again_is_not_blocked():
    phone = await Phone(CARD).say("I lost my card", "I have found it, don't block it", "thank you, goodbye")
    assert not phone.calls


async def test_what_was_said_before_the_look_is_not_asked_again():
    shows = {"list_showtimes": {"showtimes": ["15:00", "18:30"]}}
    phone = await Phone(FILMS, outputs=shows).say(
        "I'd like two tickets for Casablanca on Saturday", "the half past six one"
    )
    seen = {"film_title": "Casablanca", "date": "2026-11-21"}
    assert phone.calls == [
        ("list_showtimes", seen),
        ("reserve_seats", {**seen, "showtime": "18:30", "tickets": 2}),
    ]
    assert "six thirty in the evening" in phone.said[0]


async def test_nothing_is_booked_that_is_not_free():
    phone = await Phone(FILMS, outputs={"list_showtimes": {"available": False}}).say(
        "two tickets for Casablanca tonight"
    )
    assert [name for name, _ in phone.calls] == ["list_showtimes"] and "sorry" in phone.said[-1]


async def test_two_questions_in_one_sentence():
    hours = {"get_opening_hours": "Open ten to six.", "get_ticket_price": {"price": 12}}
    phone = await Phone(MUSEUM, outputs=hours).say("what are your opening hours and how much is a ticket for a kid")
    assert phone.calls == [("get_opening_hours", {}), ("get_ticket_price", {"visitor_type": "child"})]
    assert phone.said == ["Open ten to six. Price twelve."]


async def test_a_call_that_the_agent_makes():
    phone = Phone(QUOTES, CALLING)
    (greeting,) = await phone.ask()
    assert "Sam" in greeting.text and greeting.text.endswith("?")
    phone.history.append(Message("assistant", greeting.text))
    await phone.say("eighty nine fifty", "Monday", "no, not Monday, Tuesday")
    assert not phone.calls and "Tuesday" in phone.said[-1], "it is read back first"
    await phone.say("yes")
    quote = {"car": "Volvo V60", "price": 89.5, "earliest_date": "2026-11-24"}
    assert phone.calls == [("store_quote", quote), ("hang_up", {})]
    assert phone.said[-1].endswith("Goodbye.")


@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "set_temperature"}])
async def test_a_call_that_is_required_is_made(choice):
    phone = Phone(HEATING, tool_choice=choice)
    phone.history.append(Message("user", "good morning, the bedroom"))
    (step,) = await phone.ask()
    assert isinstance(step, Call) and json.loads(step.arguments)["room"] == "bedroom"


async def test_no_tools_no_calls():
    phone = await Phone(HEATING, tool_choice="none").say("set the bedroom to eighteen degrees")
    assert not phone.calls and phone.said


@pytest.mark.parametrize("output", ["{", "null", "[]", '{"a": {"b": [1, {"c": null}]}}', "true", "12", '"x"', ""])
async def test_any_output_is_said_somehow(output):
    phone = Phone(MUSEUM)
    phone.history += [
        Message("user", "when are you open"),
        Call("get_opening_hours", "{}", "c"),
        CallOutput("c", output),
    ]
    steps = await phone.ask()
    assert steps and all(isinstance(step, Say) and step.text for step in steps)


@pytest.mark.parametrize(
    "schema",
    [
        None,
        [],
        {"properties": None},
        {"properties": {"x": None}},
        {"properties": {"x": {"type": ["null"]}}, "required": 3},
        {"properties": {"x": {"enum": [None, 3, {}]}}, "required": ["x", 4]},
        {"properties": {"x": {"pattern": "("}}},
    ],
)
@pytest.mark.parametrize("said", ["", "do it for four people on Friday at seven", "x", "no, not four, five"])
async def test_odd_schemas_break_nothing(schema, said):
    odd = ({"type": "function", "name": "do_it", "description": None, "parameters": schema},)
    await Phone(odd).say(said)
    phone = Phone(odd, tool_choice="required")
    phone.history.append(Message("user", said))
    assert await phone.ask()


async def test_whoever_falls_silent_is_asked_and_the_task_goes_on():
    phone = await Phone(PIZZA).say("two pizzas please", "", "")
    assert phone.said[1] == "Are you still there?" and phone.said[2] != phone.said[1]
    await phone.say("funghi", "large", "Bianchi")
    assert len(phone.calls) == 1
