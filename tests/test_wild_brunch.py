"""The restaurant's book: who may have which table, and that nobody shares one unawares."""

import datetime
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from realtime_helpers.wild_brunch import SEATINGS, TABLES, Booking, Calendar, NoTable

SATURDAY = datetime.date(2026, 11, 21)
SUNDAY, MONDAY, FRIDAY = (SATURDAY + datetime.timedelta(days=n) for n in (1, 2, 6))


@pytest.fixture
def calendar():
    return Calendar(today=SATURDAY)


def test_the_smallest_table_that_will_do_at_the_first_seating(calendar):
    assert calendar.free(SUNDAY, 3) == {"09:00": 3, "11:00": 3, "13:00": 3}
    booked = calendar.book(SUNDAY, 3, " Walker ")
    assert booked == Booking("2026-11-22", "09:00", 3, 3, "Walker")
    assert calendar.bookings() == [booked] and "Walker" in repr(calendar)
    assert calendar.free(SUNDAY, 3)["09:00"] == 4
    assert calendar.book(SUNDAY, 3, "Annie", "13:00").seating == "13:00"


@pytest.mark.parametrize(
    ("date", "people", "why"),
    [
        (MONDAY, 2, "closed"),
        (FRIDAY, 2, "square dance"),
        (SATURDAY - datetime.timedelta(days=1), 2, "passed"),
        (SATURDAY + datetime.timedelta(days=366), 2, "year"),
        (SUNDAY, 9, "largest table seats 8"),
        (SUNDAY, 0, "somebody must come"),
    ],
)
def test_no_table_and_why(calendar, date, people, why):
    with pytest.raises(NoTable, match=why):
        calendar.free(date, people)
    with pytest.raises(NoTable, match=why):
        calendar.book(date, people, "Walker")
    assert calendar.bookings() == []


def test_a_full_day_is_full(calendar):
    for n in range(len(SEATINGS[6]) * len(TABLES)):
        calendar.book(SUNDAY, 1, f"guest {n}")
    with pytest.raises(NoTable, match="Sunday, November 22 there is no table left for 1"):
        calendar.book(SUNDAY, 1, "one too many")
    assert len({(b.seating, b.table_number) for b in calendar.bookings()}) == len(calendar.bookings())


def test_a_seating_that_is_taken_names_the_others(calendar):
    calendar.book(SUNDAY, 8, "Belle", "11:00")
    with pytest.raises(NoTable, match="there is one at 09:00, 13:00"):
        calendar.book(SUNDAY, 8, "Doc", "11:00")


def test_a_booking_needs_a_name(calendar):
    with pytest.raises(NoTable, match="name"):
        calendar.book(SUNDAY, 2, "  ")


def test_a_cancelled_table_is_free_again(calendar):
    calendar.book(SUNDAY, 8, "Walker", "09:00")
    assert calendar.cancel(SUNDAY, "walker").table_number == 6
    assert calendar.free(SUNDAY, 8)["09:00"] == 6
    with pytest.raises(NoTable, match="no booking for walker"):
        calendar.cancel(SUNDAY, "walker")


def test_threads_that_race_for_the_last_table(calendar):
    start = threading.Barrier(16)

    def book(n):
        start.wait()
        try:
            return calendar.book(SUNDAY, 8, f"guest {n}", "11:00")
        except NoTable:
            return None

    with ThreadPoolExecutor(16) as pool:
        won = [booked for booked in pool.map(book, range(16)) if booked]
    assert len(won) == 1 and calendar.bookings() == won


def test_processes_that_race_for_the_tables_of_a_day(tmp_path):
    path, date = tmp_path / "book.sqlite", datetime.date.today() + datetime.timedelta(days=14)
    date += datetime.timedelta(days=6 - date.weekday())
    greedy = (
        "import datetime, sys; from realtime_helpers.wild_brunch import Calendar, NoTable\n"
        "calendar, date, n = Calendar(sys.argv[1]), datetime.date.fromisoformat(sys.argv[2]), 0\n"
        "try:\n while True: calendar.book(date, 1, 'p' + sys.argv[3]); n += 1\nexcept NoTable: print(n)"
    )
    command = [sys.executable, "-c", greedy, str(path), date.isoformat()]
    racers = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True) for n in range(4)]
    booked = [int(racer.communicate(timeout=60)[0]) for racer in racers]
    rows = Calendar(path).bookings()
    assert sum(booked) == len(rows) == 18
    assert len({(row.seating, row.table_number) for row in rows}) == 18


def test_the_same_question_gets_the_same_answer(calendar):
    assert Calendar(today=SATURDAY).free(SUNDAY, 4) == calendar.free(SUNDAY, 4)


def test_a_row_is_shown_as_text_not_as_a_page(calendar):
    calendar.book(SUNDAY, 2, "<b>Walker</b>")
    assert "&lt;b&gt;Walker" in calendar._repr_html_() and "<b>" not in calendar._repr_html_()
