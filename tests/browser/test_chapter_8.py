"""Chapter 8 in JupyterLab: a tent asked for by voice, its card seen, its price heard, and the row in the basket."""

import re

from realtime_helpers.audio import float_to_pcm16
from realtime_helpers.mock_server.speech import Speech

from .chapters import Chapter, microphone_file, recording, serve
from .page import Browser

NAME = "08_voice_shop"
CARDS = "[role=group][aria-label=Products]"
PRICE = re.compile(r"49\.9|(49|forty nine) dollars (90|ninety)")


def test_the_cheapest_tent_by_voice(tmp_path):
    cheapest, put_it, together = (recording(NAME, line) for line in (1, 2, 5))
    wav = microphone_file(tmp_path / "mic.wav", 1.0, cheapest, 6.0, put_it, 5.0, together, 60.0)
    with serve() as lab, Browser(microphone=wav, size=(1100, 1300)) as browser:
        chapter = Chapter(browser.open(lab, f"{NAME}.ipynb"), NAME)
        page = chapter.page
        chapter.run("imports")
        chapter.trace_speakers()
        chapter.run("shop", "embed", "tools", "session", "send", "converse", "widgets")
        cards = page.page.locator(CARDS)
        assert "Products appear here" in cards.inner_text()
        chapter.start("talk")
        tent = cards.locator("li[aria-current=true]")
        tent.wait_for(timeout=60_000)
        assert tent.locator("h4").inner_text() == "Festival Tent" and "$49.90" in tent.inner_text()
        assert cards.locator("li h4").first.inner_text() == "Festival Tent", "the cheapest comes first"
        assert cards.locator("li").count() == 5 and cards.get_by_role("status").inner_text().startswith(
            "Festival Tent, $"
        )
        page.wait_for_text("Assistant: In your basket", timeout_s=60)
        page.wait_for_text("total forty-nine dollars ninety", timeout_s=60)
        page.page.wait_for_function(f"document.querySelectorAll({CARDS + ' li'!r}).length == 1", timeout=20_000)
        page.button("Hang up").first.click()
        page.wait_until_done()
        chapter.run("check-talk", "basket", "check-basket", "short")
        assert "1 x Festival Tent" in chapter.output("basket") and "$49.90" in chapter.output("check-basket")
        rows = page.kernel("[(product.name, quantity) for product, quantity in shop.database.basket()]")
        assert rows == [["Festival Tent", 1]]
        first = chapter.received("response.output_audio_transcript.done")[0]["transcript"]
        heard = transcribed(chapter)
        assert browser.console == []
    assert first == "Festival Tent, forty-nine dollars ninety."
    assert PRICE.search(re.sub(r"[^\w.]+", " ", heard.lower())), heard  # commas are a matter of the ears' mood


def transcribed(chapter: Chapter) -> str:
    """All that left the loudspeaker, but for silence, as the server's own ears hear it."""
    chapter.page.kernel("exec('speaker.rendered = [piece for piece in speaker.rendered if any(piece)]')")
    speech = Speech.load()
    try:
        return speech._ears.transcribe(float_to_pcm16(chapter.rendered()))
    finally:
        speech.close()
