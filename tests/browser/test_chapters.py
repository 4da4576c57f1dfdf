"""Chapters 0, 2 and 4 as a learner meets them: JupyterLab in a browser, a voice at the microphone, buttons clicked."""

import jiwer
import nbformat
import numpy as np
import pytest

from realtime_helpers.audio import SAMPLE_RATE_HZ, float_to_pcm16
from realtime_helpers.mock_server.speech import Speech

from .chapters import Chapter, microphone_file, recording, serve, words
from .page import Browser

BOX = """
import ipywidgets
box = ipywidgets.Checkbox(description="box")
seen = []
box.observe(seen.append, "value")
box
"""
LONG_SPEECH = (
    "The ball falls because the earth pulls it. The moon falls too, but it always misses. "
    "The tides follow the moon. The seasons follow the tilt of the earth. Light takes eight minutes from the sun. "
    "Sound needs three seconds for one kilometer. Ice floats because it is lighter than water."
)


@pytest.fixture(scope="module")
def lab():
    with serve() as lab:
        yield lab


@pytest.fixture
def opened(lab):
    """`opened(chapter, wav)`: the chapter in a browser whose microphone hears that WAV."""
    browsers = []

    def begin(chapter, wav=None, notebook=None, **options):
        browser = Browser(microphone=wav, **options)
        browser.__enter__()
        browsers.append(browser)
        return Chapter(browser.open(lab, notebook or f"{chapter}.ipynb"), chapter)

    yield begin
    for browser in browsers:
        browser.__exit__(None, None, None)
        assert [line for line in browser.console if line.startswith("uncaught")] == []


def test_chapter_0_checks_the_machine_records_a_clip_and_plays_it(opened, tmp_path):
    wav = microphone_file(tmp_path / "mic.wav", recording("00_start_here", 1), 0.5)
    chapter = opened("00_start_here", wav, gesture=True)
    chapter.run("imports", "widgets")
    assert "The mock server" in chapter.output("imports")
    chapter.page.button("Enable sound").click()
    chapter.run("preflight")
    report = chapter.output("preflight")
    assert "[fix]" not in report and report.count("[ok]") == 7, report
    assert "JupyterLab answers" in report
    chapter.run("recorder")
    record = chapter.page.page.locator(".jp-OutputArea button:has(i.fa-circle), .jp-OutputArea button .fa-circle").first
    record.click()
    chapter.page.page.wait_for_timeout(3000)  # a person speaks for so long
    record.click()
    chapter.page.page.wait_for_timeout(1500)  # ipywebrtc hands over without saying so
    chapter.run("clip", "waveform", "player", "tone", "tone-check", "echo", timeout_s=90)
    assert "No clip yet" not in chapter.output("clip")
    assert "Heard 1000 ms" in chapter.output("tone")


def test_chapter_2_hears_turns_and_hangs_up(opened, tmp_path):
    lines = [recording("02_audio_input", n) for n in (1, 3)]
    wav = microphone_file(tmp_path / "mic.wav", 1.0, lines[0], 1.5, lines[1], 1.5)
    chapter = opened("02_audio_input", wav)
    chapter.run("imports", "session", "send", "mic")
    chapter.start("talk")
    chapter.page.wait_for_text("Conversation started")
    chapter.page.wait_for_text("Speech finished", times=2, timeout_s=40)
    chapter.page.button("Hang up").first.click()
    chapter.page.wait_until_done()
    printed = chapter.output("talk").split("\n")
    assert printed[:5] == ["Conversation started", *["Speech started", "Speech finished"] * 2]
    chapter.run("check-talk", "draw", "said", "again", "hasty", "patient", "check-tune", timeout_s=90)
    assert chapter.page.kernel("mic.active") is False and chapter.page.kernel("mic.lost_samples") == 0


@pytest.fixture(scope="module")
def transcribe():
    """The server's own ears, without its event loop (the browser's driver has one here already)."""
    speech = Speech.load()
    yield speech._ears.transcribe
    speech.close()


def test_chapter_4_he_is_heard_and_falls_silent_when_interrupted(opened, tmp_path, transcribe):
    question, stop = recording("04_audio_output", 1), recording("04_audio_output", 3)
    wav = microphone_file(tmp_path / "mic.wav", 1.0, question, 6.0, stop, 60.0)
    chapter = opened("04_audio_output", wav, gesture=True)
    chapter.run("imports")
    chapter.trace_speakers()
    chapter.run("session", "send", "widgets")
    chapter.page.button("Enable sound").click()
    chapter.page.kernel(f"SESSION.update(instructions='Say exactly: ' + {LONG_SPEECH!r})")
    chapter.start("talk")
    chapter.page.wait_for_text("interrupted after", timeout_s=60)
    chapter.page.wait_for_text("Speech finished", times=2)
    chapter.page.button("Hang up").first.click()
    chapter.page.wait_until_done()
    chapter.run("check-talk", "said", "timeline")
    printed = chapter.output("talk").split("\n")
    assert [line.strip()[:17] for line in printed[:5]] == [
        "Conversation started"[:17],
        "Speech started",
        "Speech finished",
        "Speech started",
        "interrupted after",
    ]
    cut_ms = chapter.page.kernel("service.wire.sent('conversation.item.truncate')[0].event['audio_end_ms']")
    said = chapter.received("response.output_audio_transcript.done")[0]["transcript"]
    sound = chapter.rendered()
    begin = np.flatnonzero(sound)[0]
    cut = begin + cut_ms * SAMPLE_RATE_HZ // 1000
    assert np.abs(sound[cut - SAMPLE_RATE_HZ // 2 : cut]).max() > 0.01, "he was still talking"
    quiet = sound[cut + SAMPLE_RATE_HZ // 50 : cut + SAMPLE_RATE_HZ // 2]
    assert not quiet.any(), "silence from there on, but for one quantum to fade in"
    heard = words(transcribe(float_to_pcm16(sound[begin:cut])))
    assert len(heard) >= 8
    assert jiwer.wer(" ".join(words(said)[: len(heard) - 1]), " ".join(heard[:-1])) < 0.15, (heard, said)


def test_run_all(opened, lab, tmp_path):
    """*Run All Cells*: no cell stays at [*], and an ordinary Checkbox clicked twice while the professor talks still
    reaches the kernel. nbval would see neither."""
    path = lab.folder / "run_all.ipynb"
    notebook = nbformat.read(lab.folder / "04_audio_output.ipynb", as_version=4)
    position = next(i for i, cell in enumerate(notebook.cells) if cell.id == "talk")
    notebook.cells.insert(position, nbformat.v4.new_code_cell(BOX))
    nbformat.write(notebook, path)
    question, stop = recording("04_audio_output", 1), recording("04_audio_output", 3)
    wav = microphone_file(tmp_path / "mic.wav", 1.0, question, 2.0, stop, 3.0)
    page = opened("04_audio_output", wav, notebook="run_all.ipynb").page
    page.run_all()
    page.wait_for_text("Speech finished", timeout_s=90)
    checkbox = page.page.get_by_label("box")
    checkbox.check()
    checkbox.uncheck()
    page.wait_for_text("interrupted after", timeout_s=60)
    page.button("Hang up").first.click()
    page.wait_until_done(90)
    assert page.errors() == []
    assert page.kernel("[change['new'] for change in seen]") == [True, False]


def test_the_stop_button_turns_the_microphone_off_and_leaves_the_server_alive(opened, tmp_path):
    wav = microphone_file(tmp_path / "mic.wav", recording("04_audio_output", 1), 3.0)
    chapter = opened("04_audio_output", wav)
    chapter.run("imports", "session", "send", "widgets")
    for _ in range(2):  # and then the same cell once more, with the same server
        chapter.start("talk")
        chapter.page.wait_for_text("Speech started")
        chapter.page.interrupt()
        chapter.page.wait_until_done()
        assert chapter.page.kernel("mic.active") is False
        assert chapter.page.kernel("service._child.alive") is True
