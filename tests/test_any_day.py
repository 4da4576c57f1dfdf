"""Chapter 6's caller gets a table whatever day it is: the restaurant has days off, and "next Sunday" is relative."""

import datetime
import json
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from realtime_helpers.mock_server.replies import Call, CallOutput, Message, Prompt
from realtime_helpers.mock_server.rules import Rules
from realtime_helpers.tool_function import ToolFunction
from realtime_helpers.wild_brunch import Calendar, NoTable

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
CELLS = {
    cell["id"]: "".join(cell["source"])
    for cell in json.loads((NOTEBOOKS / "06_tools.ipynb").read_text(encoding="utf-8"))["cells"]
}
LINES = [
    line["text"]
    for line in tomllib.loads((NOTEBOOKS / "recordings/06_tools/script.toml").read_text(encoding="utf-8"))["line"]
]


class Telephone:
    """The restaurant's, with the chapter's own tools and instructions, and the mock server's mind, on some day."""

    def __init__(self, today: datetime.date) -> None:
        self.calendar = Calendar(today=today)
        names = {"datetime": datetime, "NoTable": NoTable, "calendar": self.calendar}
        exec(CELLS["context"], names)
        booking = names["booking"]
        self.tools = {t.name: t for t in map(ToolFunction, (booking.check_table_availability, booking.book_table))}
        clock = SimpleNamespace(date=SimpleNamespace(today=lambda: today))
        service = SimpleNamespace(transcription_model=None, voice=None)
        names = {"datetime": clock, "tools": SimpleNamespace(schema=[]), "service": service}
        exec(CELLS["session"], names)
        self.instructions = names["SESSION"]["instructions"]
        self.history: list[Message | Call | CallOutput] = []

    async def say(self, line: str) -> None:
        self.history.append(Message("user", line))
        called = True
        while called:
            schema = tuple(tool.schema for tool in self.tools.values())
            prompt = Prompt(self.instructions, tuple(self.history), schema)
            reply = [piece async for piece in Rules().reply(prompt)]
            called = [piece for piece in reply if isinstance(piece, Call)]
            for n, piece in enumerate(reply):
                if not isinstance(piece, Call):
                    self.history.append(Message("assistant", piece.text))
                    continue
                tool = self.tools[piece.name]
                id = f"call_{len(self.history)}_{n}"
                output = await tool.call(tool.read(piece.arguments))
                self.history += [Call(piece.name, piece.arguments, id), CallOutput(id, output)]


DAYS = [datetime.date(2026, 11, 21) + datetime.timedelta(days=n) for n in range(7)]
TURNS_OF_TIME = [datetime.date(2026, 12, 31), datetime.date(2027, 2, 28), datetime.date(2028, 2, 28)]


@pytest.mark.parametrize("today", [*DAYS, *TURNS_OF_TIME], ids=lambda day: f"{day:%a-%d-%b}")
async def test_the_recorded_caller_gets_a_table(today):
    telephone = Telephone(today)
    for line in LINES:
        await telephone.say(line)
    (row,) = telephone.calendar.bookings()
    assert (row.num_people, row.customer_name) == (4, "Walker")
    ahead = (datetime.date.fromisoformat(row.date) - today).days
    assert datetime.date.fromisoformat(row.date).strftime("%A") == "Sunday" and 0 < ahead <= 13


@pytest.mark.parametrize(("words", "why"), [("on Monday", "Mondays"), ("on Friday", "square dance")])
async def test_on_a_day_off_nobody_is_told_otherwise(words, why):
    telephone = Telephone(DAYS[0])
    await telephone.say(f"I would like to book a table for four {words}, my name is Walker.")
    assert telephone.calendar.bookings() == []
    outputs = [one.output for one in telephone.history if isinstance(one, CallOutput)]
    assert any(why in output for output in outputs), telephone.history


async def test_words_as_the_ears_write_them():
    telephone = Telephone(DAYS[0])
    for line in ("Howdy, I would like to book a table, please.", "For next Sunday,", "Four people, please,"):
        await telephone.say(line)
    await telephone.say("Yes, please. my name is Walker.")
    (row,) = telephone.calendar.bookings()
    assert (row.date, row.num_people, row.customer_name) == ("2026-11-22", 4, "Walker")
