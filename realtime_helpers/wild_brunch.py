"""The Wild Brunch's book: tables, opening hours, seatings and bookings, in SQLite.

Nothing in it is chance: the same question gets the same answer until somebody books. Two callers who race for the last
table cannot both have it: a table is taken once a seating by the database's own rule, whoever asks first.
"""

from __future__ import annotations

import datetime
import html
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

TABLES = {1: 2, 2: 2, 3: 4, 4: 4, 5: 6, 6: 8}  # number: seats
MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
SEATINGS = {day: ("09:00", "11:00", "13:00") for day in range(7)} | {MONDAY: ()}  # closed
DAYS_AHEAD = 365
LARGEST_PARTY = max(TABLES.values())
_REGULARS = "the square dance club"  # every Friday, all of them

_TABLES = """
create table if not exists bookings (
    date text not null, seating text not null, table_number integer not null,
    num_people integer not null check (num_people > 0), customer_name text not null check (trim(customer_name) <> ''),
    unique (date, seating, table_number)
)
"""


class NoTable(Exception):
    """There is none to be had: one sentence, fit to be said on the phone."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A row of the book. `date` as in 2026-11-21, `seating` as in 11:00."""

    date: str
    seating: str
    table_number: int
    num_people: int
    customer_name: str

    def __str__(self) -> str:
        return f"{self.customer_name}: table {self.table_number} for {self.num_people}, {self.date} at {self.seating}"


class Calendar:
    """The book. `path`: its file, which many processes may share; None: a file that goes when the calendar does.

    `today`: for tests; otherwise the date when asked.
    """

    def __init__(self, path: str | Path | None = None, *, today: datetime.date | None = None) -> None:
        self._folder = None if path else tempfile.TemporaryDirectory(prefix="wild-brunch-", ignore_cleanup_errors=True)
        self._path = Path(path or Path(self._folder.name) / "bookings.sqlite")
        self._today = today
        with self._open() as book:
            book.execute(_TABLES)

    def free(self, date: datetime.date, num_people: int) -> dict[str, int]:
        """The seatings with a table for so many, and the smallest table that will do, in the order of the day.

        Raises NoTable, saying why, when there is none.
        """
        with self._open() as book:
            return self._free(book, date, num_people)

    def book(self, date: datetime.date, num_people: int, customer_name: str, seating: str | None = None) -> Booking:
        """Take the smallest table that will do, at that seating or the first with one. Raises NoTable."""
        if not customer_name.strip():
            raise NoTable("We need a name for the booking.")
        with self._open() as book:
            book.execute("begin immediate")  # from here to the end nobody else books
            free = self._free(book, date, num_people)
            seating = seating or next(iter(free))
            if seating not in free:
                raise NoTable(f"There is no table for {num_people} at {seating}; there is one at {', '.join(free)}.")
            booked = Booking(date.isoformat(), seating, free[seating], num_people, customer_name.strip())
            book.execute("insert into bookings values (?, ?, ?, ?, ?)", astuple(booked))
        return booked

    def cancel(self, date: datetime.date, customer_name: str) -> Booking:
        """Give back the first table that this customer has on that day. Raises NoTable if there is none."""
        with self._open() as book:
            book.execute("begin immediate")
            row = book.execute(
                "select * from bookings where date = ? and lower(customer_name) = ? order by seating",
                (date.isoformat(), customer_name.strip().lower()),
            ).fetchone()
            if row is None:
                raise NoTable(f"On {_spoken(date)} there is no booking for {customer_name.strip() or 'nobody'}.")
            cancelled = Booking(*row)
            which = (cancelled.date, cancelled.seating, cancelled.table_number)
            book.execute("delete from bookings where date = ? and seating = ? and table_number = ?", which)
        return cancelled

    def bookings(self) -> list[Booking]:
        """All rows, in the order in which guests will come."""
        with self._open() as book:
            return [Booking(*row) for row in book.execute("select * from bookings order by 1, 2, 3")]

    def _free(self, book: sqlite3.Connection, date: datetime.date, num_people: int) -> dict[str, int]:
        self._check(date, num_people)
        taken = set(book.execute("select seating, table_number from bookings where date = ?", (date.isoformat(),)))
        by_size = sorted(TABLES, key=TABLES.__getitem__)
        free = {}
        for seating in SEATINGS[date.weekday()]:
            fitting = (n for n in by_size if TABLES[n] >= num_people and (seating, n) not in taken)
            if (table := next(fitting, None)) is not None:
                free[seating] = table
        if not free:
            raise NoTable(f"On {_spoken(date)} there is no table left for {num_people}.")
        return free

    def _check(self, date: datetime.date, num_people: int) -> None:
        today = self._today or datetime.date.today()
        if date < today:
            raise NoTable(f"{_spoken(date)} has passed.")
        if (date - today).days > DAYS_AHEAD:
            raise NoTable("Nobody can book more than a year ahead.")
        if not 1 <= num_people <= LARGEST_PARTY:
            raise NoTable(f"The largest table seats {LARGEST_PARTY}, and somebody must come.")
        if not SEATINGS[date.weekday()]:
            raise NoTable("On Mondays the restaurant is closed.")
        if date.weekday() == FRIDAY:
            raise NoTable(f"On Fridays every table is taken by {_REGULARS}.")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        book = sqlite3.connect(self._path, timeout=10, isolation_level=None)  # a connection each: callers are threads
        try:
            yield book
            if book.in_transaction:
                book.execute("commit")
        finally:
            book.close()  # takes back what was not committed

    def _repr_html_(self) -> str:
        heads = "".join(f"<th>{field.name}</th>" for field in fields(Booking))
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(value))}</td>" for value in astuple(row)) + "</tr>"
            for row in self.bookings()
        )
        empty = f'<tr><td colspan="{len(fields(Booking))}">nobody has booked yet</td></tr>'
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows or empty}</tbody></table>"

    def __repr__(self) -> str:
        return "\n".join(map(str, self.bookings())) or "Nobody has booked yet."


def _spoken(date: datetime.date) -> str:
    return f"{date:%A, %B} {date.day}"
