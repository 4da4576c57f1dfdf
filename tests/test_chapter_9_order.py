"""Chapter 9's till, as its cell defines it: an order needs the total, and then a yes that was really said."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from realtime_helpers.wire import Wire, current_wire

CHAPTER = Path(__file__).parents[1] / "notebooks" / "09_production.ipynb"
PART = "conversation.item.input_audio_transcription"


class Till:
    """The cell's functions, with a basket that costs `total` and a wire on which nothing was said."""

    def __init__(self) -> None:
        self.total, self.wire = 50.0, Wire()
        self.wire.start()

        async def basket_total():
            return {"total_dollars": self.total}

        database = SimpleNamespace(sell_basket=lambda: ["a tent"])
        shop = SimpleNamespace(basket_total=basket_total, put_in_basket=None, database=database)
        names = {
            "shop": shop,
            "json": json,
            "brief": None,
            "current_wire": current_wire,
            "ToolSet": lambda *a, **k: None,
        }
        cells = nbformat.read(CHAPTER, as_version=4).cells
        exec(next(cell.source for cell in cells if cell.id == "order"), names)
        self.place_order, self.orders = names["place_order"], names["orders"]

    def look_up(self) -> None:
        item = {"type": "function_call_output", "output": json.dumps({"total_dollars": self.total})}
        self.wire.note("sent", {"type": "conversation.item.create", "item": item})

    def spoken(self, turn: str) -> None:
        self.wire.note("received", {"type": "input_audio_buffer.committed", "item_id": turn})

    def read(self, turn: str, words: str) -> None:
        self.wire.note("received", {"type": f"{PART}.completed", "item_id": turn, "transcript": words})

    def say(self, words: str) -> None:
        self.spoken(words)
        self.read(words, words)


@pytest.fixture
def till():
    till = Till()
    yield till
    till.wire.end()


@pytest.mark.parametrize("words", ["Yes.", "Yes, please!", "yes"])
async def test_the_total_and_a_yes_make_an_order(till, words):
    till.look_up()
    till.say(words)
    assert "placed" in (await till.place_order())["message"] and till.orders == [["a tent"]]


async def test_a_yes_whose_transcript_comes_after_the_call_is_waited_for(till):
    till.look_up()
    till.spoken("late")
    placing = asyncio.create_task(till.place_order())
    await asyncio.sleep(0)
    assert not placing.done()
    till.read("late", "Yes.")
    assert "message" in await placing


@pytest.mark.parametrize("words", ["Yesterday I had doubts.", "No.", "Place my order", "That is yes or no?"])
async def test_what_is_no_yes_makes_none(till, words):
    till.look_up()
    till.say(words)
    assert "error" in await till.place_order() and not till.orders


async def test_nor_does_a_yes_to_something_else(till):
    till.say("Yes.")
    till.look_up()
    assert "error" in await till.place_order(), "said before the total was known"
    till.say("Yes.")
    till.total = 99.0
    assert "error" in await till.place_order(), "the basket has changed since"
    till.look_up()
    till.say("Yes.")
    till.spoken("wait")
    till.read("wait", "No, wait.")
    assert "error" in await till.place_order(), "the last word counts"
