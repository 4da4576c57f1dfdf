"""Tools that list things, and users who point at them. No tool here is the workbook's own."""

import pytest

from realtime_helpers.mock_server.rules.slots.heard import hear
from realtime_helpers.mock_server.rules.slots.phrases import asked_for, object_phrase, pair_of_objects
from realtime_helpers.mock_server.rules.slots.schema import Tool
from realtime_helpers.mock_server.rules.slots.speak import result_line
from realtime_helpers.mock_server.rules.slots.things import Things, choices_in, things_in
from realtime_helpers.mock_server.rules.slots.units_said import measure

from .test_slots_dialogues import Phone, text, tool

CHEESES = [
    {"name": "Brie", "price_euros": 4.5, "weight_g": 250, "in_stock": 3, "about": "soft"},
    {"name": "Old Gouda", "price_euros": 7.05, "weight_g": 400, "in_stock": 0, "about": "hard"},
    {"name": "Young Gouda", "price_euros": 5, "weight_g": 400, "in_stock": 9, "about": "mild"},
]
DAIRY = (
    tool(
        "search_cheese",
        "Search cheeses.",
        {"query": text(), "max_price_euros": {"anyOf": [{"type": "number"}, {"type": "null"}], "default": None}},
        ["query"],
    ),
    tool("compare_items", "Compares two.", {"item": text(), "other_item": text()}),
    tool("put_on_board", "Puts an item on the board.", {"item": text(), "quantity": {"type": "integer"}}, ["item"]),
    tool("order_sum", "How much everything on the board costs.", {}),
)
PUT = {"message": "It is on the board."}


async def dairy(*lines, **outputs):
    return await Phone(DAIRY, outputs={"search_cheese": {"cheeses": CHEESES}, "put_on_board": PUT} | outputs).say(
        *lines
    )


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("what is the cheapest cheese?", "Brie, four euros fifty."),
        ("which is your most expensive cheese?", "Old Gouda, seven euros and five cents, but there are none left."),
        ("what is the lightest cheese you have?", "Brie, two hundred and fifty grams."),
        ("do you have any cheese?", "Brie, four euros fifty, or Old Gouda, seven euros and five cents, but there are "
         "none left."),
    ],
)  # fmt: skip
async def test_a_list_is_answered_with_names_and_prices(said, answer):
    phone = await dairy(said)
    assert phone.calls == [("search_cheese", {"query": "cheese"})] and phone.said == [answer]


async def test_the_words_that_limit_a_search_are_values():
    phone = await dairy("do you have a soft cheese under five euros?")
    assert phone.calls == [("search_cheese", {"query": "soft cheese", "max_price_euros": 5})]


@pytest.mark.parametrize(
    ("pointing", "item"),
    [
        ("put it on the board", "Brie"),
        ("put the second one on the board", "Old Gouda"),
        ("put the last one on the board please", "Young Gouda"),
        ("put the young one on the board", "Young Gouda"),
        ("put the most expensive one on the board", "Old Gouda"),
        ("put the young gouda on the board", "Young Gouda"),
        ("i'll take it", "Brie"),
        ("the second one please", "Old Gouda"),
        ("put some feta on the board", "feta"),
    ],
)
async def test_a_thing_is_pointed_at_or_named(pointing, item):
    phone = await dairy("do you have any cheese?", pointing)
    assert phone.calls[1:] and phone.calls[1][0] == "put_on_board" and phone.calls[1][1]["item"] == item
    assert phone.said[1] == "It is on the board."


async def test_two_of_them():
    phone = await dairy("do you have any cheese?", "I'll take two of them")
    assert phone.calls[1:] == [("put_on_board", {"item": "Brie", "quantity": 2})]


async def test_what_is_known_already_is_not_looked_up_again():
    phone = await dairy("do you have any cheese?", "how much does it weigh?", "which one is cheaper?")
    assert len(phone.calls) == 1
    assert phone.said[1:] == ["Two hundred and fifty grams.", "Brie, four euros fifty."]


async def test_a_comparison_takes_two():
    phone = await dairy("compare the brie with the old gouda", compare_items={"summary": "Brie is softer."})
    assert phone.calls == [("compare_items", {"item": "brie", "other_item": "old gouda"})]
    assert phone.said == ["Brie is softer."]


@pytest.mark.parametrize("answer", ["the young one", "the second one", "gouda four please"])
async def test_a_name_that_two_things_bear_is_asked_about(answer):
    outputs = {"error": "two are called that", "choices": ["Old Gouda 36", "Young Gouda 4"]}
    phone = await dairy("put a gouda on the board", put_on_board=outputs)
    assert phone.said == ["Which one: Old Gouda thirty-six or Young Gouda four?"]
    phone.outputs["put_on_board"] = PUT
    await phone.say(answer)
    assert phone.calls[1:] == [("put_on_board", {"item": "Young Gouda 4"})], "the four is no quantity"
    assert phone.said[-1] == "It is on the board."


async def test_a_sum_with_its_parts_and_twice():
    board = {"total_euros": 9.5, "board": [{"item": "Brie", "price_euros": 4.5}, {"item": "Feta", "price_euros": 5}]}
    phone = await dairy("what does that make together?", "what is it altogether?", order_sum=board)
    assert [name for name, _ in phone.calls] == ["order_sum"] * 2
    assert phone.said == ["Brie, Feta: total nine euros fifty."] * 2


async def test_another_question_begins_anew():
    phone = await dairy("do you have a cheese under five euros?", "do you have any bread?", "and under two euros?")
    asked = [arguments for _, arguments in phone.calls]
    assert asked[:2] == [{"query": "cheese", "max_price_euros": 5}, {"query": "bread"}]
    assert asked[2] == {"query": "bread", "max_price_euros": 2}


async def test_nothing_found_is_said_and_small_talk_is_no_search():
    phone = await dairy("do you have any soap?", search_cheese={"cheeses": [], "note": "for the model"})
    assert phone.said == ["I am sorry, I found nothing like that. Would you like to try something else?"]
    phone = await dairy("hello, how are you?", "thank you very much", "what is your name?")
    assert phone.calls == [] and all(phone.said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("what is the cheapest tent", "tent"),
        ("do you have something against rain", "something against rain"),
        ("which sleeping bag is the lightest", "sleeping bag"),
        ("i am looking for a book about whales please", "book about whales"),
        ("can you recommend a quiet hotel", "quiet hotel"),
        ("how much is it", None),
        ("good morning", None),
    ],
)
def test_what_to_search_for(said, words):
    assert asked_for(said, asked=False) == words


def test_objects_of_sentences():
    assert object_phrase("put two camping stoves in my basket") == "camping stoves"
    assert object_phrase("are the snowshoes in stock") == "snowshoes"
    assert object_phrase("put it in my basket") is None
    assert pair_of_objects("compare the blue one with a red car please") == ("blue one", "red car")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("price_dollars", 49.9, ("price", "49 dollars 90")),
        ("price_dollars", 1, ("price", "1 dollar")),
        ("total_eur", 0.05, ("total", "0 euros and 5 cents")),
        ("weight_kg", 1.5, ("weight", "1.5 kilograms")),
        ("walk_min", 1, ("walk", "1 minute")),
        ("in_stock", 4, ("in stock", "4")),
        ("g", 4, ("g", "4")),
        ("is_g", True, ("is g", "True")),
    ],
)
def test_measures_have_the_unit_of_their_name(field, value, said):
    assert measure(field, value) == said


@pytest.mark.parametrize(
    "output",
    ["", "null", "[]", "[1]", '{"a": [{}]}', '{"a": [{"name": 3}]}', '{"error": "x", "choices": ["one"]}', "{"],
)
def test_odd_outputs_hold_no_things(output):
    assert things_in(output) == [] and choices_in(output) == []
    line, _ = result_line(output, asked="the cheapest")
    assert line


def test_pointing_at_nothing():
    assert Things().meant(hear("put the second one, the cheapest, it, both of them in")) == []


def test_an_optional_number_of_pydantics_is_a_number():
    slot = Tool(DAIRY[0]).slot("max_price_euros")
    assert slot.kind == "number"
    odd = tool("x", "y", {"z": {"anyOf": [3, {"type": "null"}, None]}, "w": {"anyOf": 4}})
    assert [slot.kind for slot in Tool(odd).slots] == ["text", "text"]
