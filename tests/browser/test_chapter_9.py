"""Chapter 9 in JupyterLab: a line that drops while somebody speaks, and a microphone that is not to be had."""

import re

from .chapters import Chapter, microphone_file, recording, serve
from .page import Browser

NAME = "09_production"


def test_the_line_drops_and_the_microphone_says_no(tmp_path):
    cheapest, put_it, together = (recording(NAME, line) for line in (1, 2, 3))
    wav = microphone_file(tmp_path / "mic.wav", 1.0, cheapest, 6.0, put_it, 6.0, together, 60.0)
    with serve() as lab, Browser(microphone=wav, size=(1100, 1300)) as browser:
        chapter = Chapter(browser.open(lab, f"{NAME}.ipynb"), NAME)
        page = chapter.page
        chapter.run("imports", "agent", "say", "telemetry", "converse", "widgets")
        chapter.start("talk")
        page.wait_for_text("!! Back, with", timeout_s=60)
        page.wait_for_text("Assistant: In your basket: Festival Tent", timeout_s=60)
        page.wait_for_text("total forty-nine dollars ninety", timeout_s=60)
        page.button("Hang up").first.click()
        page.wait_until_done()
        said = chapter.output("talk")
        chapter.run("check-talk")
        assert said.count("Conversation started") == 1 and said.count("!! Back, with") == 1
        assert len(re.findall(r"User: (.*)", said)) == 3, said

        chapter.run("type", "type-widgets")
        chapter.start("type-talk")
        keyboard = page.page.get_by_role("group", name="Keyboard")
        keyboard.get_by_role("status").filter(has_text="On: type a line").wait_for()
        line = keyboard.get_by_role("textbox", name="Your line")
        line.fill("Put the Family Tent in my basket.")
        line.press("Enter")
        page.wait_for_text("Assistant: In your basket: Family Tent", timeout_s=30)
        keyboard.get_by_role("button", name="Hang up").click()
        page.wait_until_done()
        assert "not allowed to use the microphone" in chapter.output("type-talk")
        chapter.run("check-type", "timeline", "dashboard")
        rows = page.kernel("[(product.name, quantity) for product, quantity in shop.database.basket()]")
        assert browser.console == []
    assert rows == [["Festival Tent", 1], ["Family Tent", 1]]
