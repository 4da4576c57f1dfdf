"""The widgets in a real JupyterLab, in a real browser, with a WAV file for a microphone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from realtime_helpers.audio import SAMPLE_RATE_HZ, read_audio

from .conftest import OpenNotebook
from .lab import Lab
from .page import NotebookPage

MAKE = """\
import asyncio, base64
import numpy as np
from realtime_helpers import Microphone, Speaker
speaker = Speaker(trace=True)
mic = Microphone(rehearsal="04_audio_output", listen_to=speaker)
display(mic, speaker)"""

LISTEN = """\
heard = []
async with mic:
    async for chunk in mic:
        heard.append(chunk)
        if len(heard) == 60:
            print("sixty chunks")
print("hung up")"""

TONE = "tone = (np.sin(np.arange(24_000 * 3) * 2 * np.pi * 440 / 24_000) * 12_000).astype('<i2').tobytes()\n"


def listening(notebook: NotebookPage) -> NotebookPage:
    notebook.run_all()
    notebook.wait_for_text("sixty chunks")
    return notebook


def pcm_of(notebook: NotebookPage, expression: str) -> np.ndarray:
    import base64

    said = notebook.kernel(f"__import__('base64').b64encode({expression}).decode()")
    return np.frombuffer(base64.b64decode(said), "<i2").astype(np.float32) / 32768


def test_what_arrives_is_what_was_said(open_notebook: OpenNotebook, speech: Path) -> None:
    notebook = listening(open_notebook(MAKE, LISTEN))
    notebook.button("Hang up").click()
    notebook.wait_until_done()
    assert notebook.outputs()[-1].split("\n")[:2] == ["sixty chunks", "hung up"] and not notebook.errors()
    assert notebook.kernel("mic.lost_samples") == 0
    heard, said = pcm_of(notebook, "b''.join(heard)"), read_audio(speech)
    assert likeness(heard, said) > 0.8  # the browser's own noise suppression and gain are in between


def likeness(heard: np.ndarray, said: np.ndarray) -> float:
    """How well loudness over time agrees, at the best shift: 1 is the same."""
    envelope = lambda x: np.sqrt((x[: len(x) // 240 * 240].reshape(-1, 240) ** 2).mean(1) + 1e-9)  # noqa: E731
    a, b = envelope(heard), envelope(np.concatenate([said, said, said]))
    a = np.log(a[: len(a) // 2 + 100] + 1e-3)
    b = np.log(b + 1e-3)
    return max(np.corrcoef(a, b[i : i + len(a)])[0, 1] for i in range(0, len(b) - len(a)))


def test_a_device_with_another_rate_is_resampled_without_aliases(open_notebook: OpenNotebook, speech: Path) -> None:
    notebook = listening(open_notebook(MAKE.replace("listen_to", "_context_rate=48_000, listen_to"), LISTEN))
    notebook.button("Hang up").click()
    notebook.wait_until_done()
    assert notebook.kernel("mic.device['context_rate']") == 48_000
    assert likeness(pcm_of(notebook, "b''.join(heard)"), read_audio(speech)) > 0.8


def test_meter_moves_while_listening_and_says_muted(open_notebook: OpenNotebook) -> None:
    notebook = listening(open_notebook(MAKE, LISTEN))
    meter = notebook.page.get_by_role("meter", name="Microphone level")
    notebook.page.wait_for_function("Number(document.querySelector('[role=meter]').getAttribute('aria-valuenow')) > 30")
    notebook.button("Mute").click()
    notebook.page.get_by_role("status").filter(has_text="Muted.").wait_for()
    notebook.page.wait_for_function("document.querySelector('[role=meter]').getAttribute('aria-valuenow') == '0'")
    assert meter.get_attribute("aria-valuetext") == "muted"
    notebook.button("Unmute").click()
    notebook.page.wait_for_function("Number(document.querySelector('[role=meter]').getAttribute('aria-valuenow')) > 30")
    notebook.button("Hang up").click()
    notebook.wait_until_done()


def test_muted_sends_silence_and_the_clock_runs_on(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(MAKE, LISTEN.replace("async with mic:", "mic.muted = True\nasync with mic:"))
    listening(notebook).button("Hang up").click()
    notebook.wait_until_done()
    assert notebook.kernel("len(heard) >= 60 and not any(b''.join(heard))")


def test_denied_permission_is_one_sentence_in_the_cell_and_in_the_widget(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(MAKE, LISTEN, allow=False)
    notebook.run_all()
    notebook.wait_until_done()
    [error] = notebook.errors()
    assert error.startswith("MicrophoneError: The browser was not allowed to use the microphone: allow it")
    assert "Traceback" not in notebook.outputs()[-1]
    notebook.page.get_by_role("status").filter(has_text="was not allowed").wait_for()


def test_without_a_microphone_the_recording_speaks(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(MAKE, LISTEN, microphone=None)
    notebook.run_all()
    notebook.wait_until_done()
    assert "No microphone was found" in notebook.errors()[0]
    tape = notebook.button("Use the recording")
    tape.click()
    assert tape.get_attribute("aria-pressed") == "true"
    notebook.run_cell(1)
    notebook.wait_for_text("sixty chunks")
    notebook.button("Hang up").click()
    notebook.wait_until_done()
    assert notebook.kernel("any(b''.join(heard))")  # the caller did say something


def test_a_page_that_is_not_secure_says_so(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(MAKE, LISTEN)
    # What Chromium does on http://some.host: no mediaDevices at all.
    notebook.page.evaluate("Object.defineProperty(window, 'isSecureContext', {value: false})")
    notebook.page.evaluate("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    notebook.run_all()
    notebook.wait_until_done()
    assert "neither https nor localhost" in notebook.errors()[0]


def test_the_stop_button_turns_the_microphone_off(open_notebook: OpenNotebook) -> None:
    notebook = listening(open_notebook(MAKE, LISTEN))
    notebook.interrupt()
    notebook.wait_until_done()
    notebook.button("Start").wait_for()
    assert notebook.page.get_by_role("status").first.inner_text() == "Off."
    assert notebook.kernel("mic.active") is False


def test_the_cell_can_be_run_again(open_notebook: OpenNotebook) -> None:
    notebook = listening(open_notebook(MAKE, LISTEN))
    notebook.button("Hang up").click()
    notebook.wait_until_done()
    notebook.run_cell(1)
    notebook.wait_for_text("sixty chunks")
    notebook.button("Hang up").click()
    notebook.wait_until_done()
    assert notebook.kernel("len(heard) >= 60 and mic.lost_samples == 0")


def test_reload_leaves_the_microphone_off_until_asked(open_notebook: OpenNotebook) -> None:
    notebook = listening(open_notebook(MAKE, LISTEN))
    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    notebook.reload()
    notebook.page.get_by_role("status").filter(has_text="The page was reloaded").wait_for()
    notebook.button("Start").click()
    notebook.page.get_by_role("status").filter(has_text="Listening.").wait_for()
    notebook.button("Hang up").click()
    notebook.wait_until_ready()
    assert notebook.kernel("mic.active") is False


def test_kernel_restart_turns_the_microphone_off_and_says_so(open_notebook: OpenNotebook) -> None:
    notebook = listening(open_notebook(MAKE, LISTEN))
    notebook.restart_kernel()
    notebook.page.get_by_role("status").filter(has_text="so the microphone is off").first.wait_for()
    notebook.button("Start").wait_for()


def test_two_views_are_one_microphone(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(MAKE, "display(mic)", LISTEN)
    notebook.run_all()
    notebook.wait_for_text("sixty chunks")
    notebook.button("Mute").nth(1).click()
    notebook.button("Unmute").nth(0).click()
    notebook.page.get_by_role("status").filter(has_text="Listening.").nth(1).wait_for()
    notebook.button("Hang up").nth(1).click()
    notebook.wait_until_done()
    assert not notebook.errors() and notebook.kernel("mic.lost_samples") == 0


def test_run_all_with_a_checkbox_clicked_twice_during_the_conversation(open_notebook: OpenNotebook) -> None:
    box = "import ipywidgets\nbox = ipywidgets.Checkbox(description='tea')\nbox"
    reads = "tea = False\n" + LISTEN.replace(
        "        if len",
        "        if box.value != tea:\n            tea = box.value\n            print('tea is', tea)\n        if len",
    )
    notebook = open_notebook(MAKE, box, reads, "print('last cell')")
    notebook.run_all()
    notebook.wait_for_text("sixty chunks")
    tea = notebook.page.get_by_role("checkbox", name="tea")
    tea.click()
    notebook.wait_for_text("tea is True")
    tea.click()
    notebook.wait_for_text("tea is False")
    notebook.button("Hang up").click()
    notebook.wait_for_text("last cell")
    notebook.wait_until_done()
    assert notebook.kernel("box.value") is False and not notebook.errors()


def test_loudspeaker_plays_sample_for_sample(open_notebook: OpenNotebook) -> None:
    play = TONE + (
        "for at in range(0, len(tone), 1_918):\n    speaker.play(tone[at : at + 1_918], item_id='tone')\n"
        "await speaker.wait_until_heard(500)\nthen = speaker.played_ms\nawait speaker.drained()\n"
        "after = speaker.played_ms, speaker.item_id, speaker.is_playing\n"
    )
    notebook = open_notebook(MAKE, play)
    notebook.run_all()
    notebook.wait_until_done()
    assert notebook.kernel("after") == [3000, "tone", False]
    assert 500 <= notebook.kernel("then") < 900
    played, tone = pcm_of(notebook, "b''.join(speaker.rendered)"), pcm_of(notebook, "tone")
    start = np.flatnonzero(played)[0] - 1  # the tone begins with a zero
    np.testing.assert_array_equal(played[start : start + len(tone)], tone[: len(played) - start])


def test_clear_silences_at_once_and_says_what_was_heard(open_notebook: OpenNotebook) -> None:
    play = TONE + (
        "speaker.play(tone, item_id='first')\nawait speaker.wait_until_heard(400)\nheard = await speaker.clear()\n"
        "nothing = await speaker.clear()\nspeaker.play(tone[:4_800], item_id='second')\nawait speaker.drained()\n"
        "after = speaker.played_ms, speaker.item_id\n"
    )
    notebook = open_notebook(MAKE, play, "await asyncio.sleep(.5)")
    notebook.run_all()
    notebook.wait_until_done()
    item, ms = notebook.kernel("[heard.item_id, heard.ms]")
    assert item == "first" and 400 <= ms < 900 and notebook.kernel("nothing is None")
    assert notebook.kernel("after") == [100, "second"]
    played = pcm_of(notebook, "b''.join(speaker.rendered)")
    loud = np.flatnonzero(np.abs(played) > 0.01)
    first = loud[: np.flatnonzero(np.diff(loud) > 100)[0] + 1]  # up to the silence between the two
    assert abs((first[-1] - first[0]) / SAMPLE_RATE_HZ * 1000 - ms) < 6  # no more was heard than it says
    fade = np.abs(played[first[-1] - 20 : first[-1] + 40])
    assert np.abs(np.diff(played[first[0] : first[-1] + 200])).max() < 0.05 and fade[-20:].max() < 0.01  # no click


def test_loudspeaker_at_another_rate_does_not_alias(open_notebook: OpenNotebook) -> None:
    play = TONE + "speaker.play(tone[:96_000], item_id='tone')\nawait speaker.drained()\nheard = speaker.played_ms\n"
    notebook = open_notebook(
        MAKE.replace("trace=True", "trace=True, _context_rate=48_000"), play, "await asyncio.sleep(.5)"
    )
    notebook.run_all()
    notebook.wait_until_done()
    assert notebook.kernel("heard") == 2000
    played = pcm_of(notebook, "b''.join(speaker.rendered)")
    start = np.flatnonzero(np.abs(played) > 0.05)[0] + 2_000
    piece = played[start : start + 48_000] * np.hanning(48_000)
    spectrum = np.abs(np.fft.rfft(piece))
    assert abs(int(spectrum.argmax()) - 440) <= 1
    spectrum[430:451] = 0
    assert spectrum.max() < 0.001 * np.abs(np.fft.rfft(piece)).max()  # 60 dB down


def test_enable_sound_where_the_browser_wants_a_gesture(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(
        MAKE, TONE + "speaker.play(tone[:24_000])\nawait speaker.drained()\nprint('heard')", gesture=True
    )
    notebook.run_all()
    enable = notebook.button("Enable sound")
    enable.wait_for()
    assert "heard" not in notebook.outputs()[-1]
    enable.click()
    notebook.wait_until_done()
    assert notebook.outputs()[-1].strip() == "heard"
    notebook.page.get_by_role("status").filter(has_text="Sound is on.").wait_for()


def test_sound_survives_a_blocked_kernel(open_notebook: OpenNotebook) -> None:
    play = TONE + (
        "import time\nspeaker.play(tone, item_id='tone')\nawait speaker.wait_until_playing()\n"
        "time.sleep(2)\nawait speaker.drained()"
    )
    notebook = open_notebook(MAKE, play, "await asyncio.sleep(.5)")
    notebook.run_all()
    notebook.wait_until_done()
    played, tone = pcm_of(notebook, "b''.join(speaker.rendered)"), pcm_of(notebook, "tone")
    start = np.flatnonzero(played)[0] - 1
    np.testing.assert_array_equal(played[start : start + len(tone)], tone)


def test_volume_moves_with_the_keyboard_and_reaches_the_kernel(open_notebook: OpenNotebook) -> None:
    waits = (
        "changed, loop = asyncio.Event(), asyncio.get_running_loop()\n"
        "speaker.observe(lambda change: loop.call_soon_threadsafe(changed.set), 'volume')\n"
        "print('waiting')\nawait changed.wait()"
    )
    notebook = open_notebook(MAKE, waits)
    notebook.run_all()
    notebook.wait_for_text("waiting")
    slider = notebook.page.get_by_role("slider", name="Volume")
    slider.focus()
    slider.press("ArrowLeft")
    notebook.wait_until_done()
    assert slider.get_attribute("aria-valuetext") == "99 percent" and notebook.kernel("speaker.volume") == 0.99


def test_every_button_is_reached_by_the_keyboard(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(MAKE)
    notebook.run_all()
    notebook.wait_until_done()
    notebook.button("Start").focus()
    notebook.page.keyboard.press("Enter")
    notebook.page.get_by_role("status").filter(has_text="A test: nothing is sent.").wait_for()
    focused = "document.activeElement.innerText.trim() || document.activeElement.ariaLabel"
    order = [notebook.page.evaluate(focused)]
    for _ in range(3):
        notebook.page.keyboard.press("Tab")
        order.append(notebook.page.evaluate(focused))
    assert order == ["Mute", "Hang up", "Use the recording", "Volume"]


def test_two_notebooks_at_once(open_notebook: OpenNotebook, lab: Lab) -> None:
    first = listening(open_notebook(MAKE, LISTEN))
    lab.write("second.ipynb", MAKE, LISTEN)
    page = first.page.context.new_page()
    page.goto(f"{lab.url}/lab/workspaces/second/tree/second.ipynb?reset")
    second = listening(NotebookPage(page).wait_until_ready())
    for notebook in (first, second):
        notebook.page.bring_to_front()
        notebook.button("Hang up").click()
        notebook.wait_until_done()
        assert notebook.kernel("mic.lost_samples") == 0 and not notebook.errors()


@pytest.fixture(scope="module")
def classic():
    with Lab(classic=True) as lab:
        yield lab
        lab.stop_kernels()


def test_notebook_7_works_too(open_notebook: OpenNotebook, classic: Lab) -> None:
    notebook = listening(
        open_notebook(MAKE, LISTEN, TONE + "speaker.play(tone[:9_600])\nawait speaker.drained()", lab=classic)
    )
    notebook.button("Hang up").click()
    notebook.wait_until_done()
    assert not notebook.errors() and notebook.kernel("[mic.lost_samples, speaker.played_ms]") == [0, 200]
