"""Chapter 7 in JupyterLab: the agent phones, a voice at the microphone is the mechanic, and nobody presses a button."""

from base64 import b64decode

import pytest

from realtime_helpers.audio import SAMPLE_RATE_HZ
from realtime_helpers.mock_server.speech import Speech

from .chapters import Chapter, microphone_file, recording, serve, words
from .page import Browser

NAME = "07_outbound"
# The last four seconds that left the loudspeaker's worklet; all of the call is more than Jupyter sends at once.
LAST_SOUND = (
    "(lambda np, b64: b64.b64encode(np.trim_zeros(np.frombuffer(b''.join(speaker.rendered), '<i2'), 'b')"
    f"[-{4 * SAMPLE_RATE_HZ} :].tobytes()).decode())(__import__('numpy'), __import__('base64'))"
)


@pytest.fixture(scope="module")
def transcribe():
    """The server's own ears, without its event loop (the browser's driver has one here already)."""
    speech = Speech.load()
    yield speech._ears.transcribe
    speech.close()


def test_the_quote_is_stored_and_the_line_closed_after_the_goodbye(tmp_path, transcribe):
    price_and_day, agrees = recording(NAME, 1), recording(NAME, 2)
    wav = microphone_file(tmp_path / "mic.wav", 9.0, price_and_day, 8.0, agrees, 60.0)
    with serve() as lab, Browser(microphone=wav) as browser:
        chapter = Chapter(browser.open(lab, f"{NAME}.ipynb"), NAME)
        page = chapter.page
        chapter.run("imports")
        chapter.trace_speakers()
        chapter.run("results", "tools", "session", "call", "widgets")
        chapter.start("talk")
        page.wait_for_text("Goodbye.", timeout_s=90)
        page.wait_until_done(30)
        printed = chapter.output("talk")
        chapter.run("check-talk", "goodbye", "timeline")
        row, active = page.kernel("stored('Yours')"), page.kernel("mic.active")
        calls = [event["name"] for event in chapter.received("response.function_call_arguments.done")]
        tail = b64decode(page.kernel(LAST_SOUND))
        assert browser.console == []

    assert row[:3] == ["Yours", "quote", 240] and row[3] in printed
    assert calls == ["store_quote", "hang_up"]
    assert active is False, "the microphone is off although nobody pressed Hang up"
    heard = words(transcribe(tail + bytes(SAMPLE_RATE_HZ // 2)))
    assert "help" in heard and heard[-1] in ("goodbye", "bye"), f"to its end, as it left the loudspeaker: {heard}"
