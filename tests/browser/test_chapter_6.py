"""Chapter 6 in JupyterLab: a voice at the microphone books a table, and the row is in the database and on the page."""

import datetime
import sqlite3

from .chapters import Chapter, microphone_file, recording, serve
from .page import Browser

NAME = "06_tools"


def test_a_table_is_booked_by_voice(tmp_path):
    lines = [recording(NAME, n) for n in (1, 2, 3, 4)]
    wav = microphone_file(tmp_path / "mic.wav", 1.0, lines[0], 4.0, lines[1], 4.0, lines[2], 10.0, lines[3], 60.0)
    with serve() as lab, Browser(microphone=wav, gesture=True) as browser:
        chapter = Chapter(browser.open(lab, f"{NAME}.ipynb"), NAME)
        page = chapter.page
        chapter.run("imports", "calendar", "context", "schema", "session", "send", "converse", "widgets")
        page.button("Enable sound").click()
        chapter.start("talk")
        page.wait_for_text("Conversation started")
        page.wait_for_text("-> Booked: table", timeout_s=90)
        page.button("Hang up").first.click()
        page.wait_until_done()
        chapter.run("book", "check-talk", "timeline")
        assert browser.console == []
        shown, path = chapter.output("book"), page.kernel("str(calendar._path)")
        rows = sqlite3.connect(path).execute("select date, num_people, customer_name from bookings").fetchall()

    ((date, people, name),) = rows
    assert (people, name) == (4, "Walker")
    assert datetime.date.fromisoformat(date) > datetime.date.today()
    assert datetime.date.fromisoformat(date).strftime("%A") == "Sunday"
    assert "Walker" in shown and date in shown
