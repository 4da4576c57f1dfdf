"""Chapter 5 in JupyterLab: captions on the page while a voice is at the microphone, and the log of it."""

from itertools import pairwise

import webvtt

from .chapters import Chapter, microphone_file, recording, serve, words
from .page import Browser

NAME = "05_transcription"
FINAL = "[role=log][aria-live] p"  # what a screen reader is told: lines that are final and heard, each once
# What stands in the captions, at every change: [[who, words, grey, mark], ...]
RECORD = """() => {
  window.captionsSeen = [];
  const read = () => [...document.querySelectorAll('.rt-seen p')].map(p =>
    ['.rt-who', '.rt-final', '.rt-grey', '.rt-mark'].map(part => p.querySelector(part)?.textContent ?? ''));
  new MutationObserver(() => window.captionsSeen.push(read()))
    .observe(document.querySelector('.rt-captions'), {subtree: true, childList: true, characterData: true});
}"""


def test_captions_appear_while_somebody_speaks_and_the_log_is_right(tmp_path):
    question, stop = recording(NAME, 1), recording(NAME, 2)
    wav = microphone_file(tmp_path / "mic.wav", 1.0, question, 2.2, stop, 60.0)
    with serve() as lab, Browser(microphone=wav) as browser:
        chapter = Chapter(browser.open(lab, f"{NAME}.ipynb"), NAME)
        page = chapter.page
        chapter.run("imports", "session", "send", "converse", "off-widgets", "on-session", "captions")
        page.page.get_by_role("group", name="Live captions").wait_for()
        page.page.evaluate(RECORD)
        chapter.start("talk")
        page.wait_for_text("Conversation started")
        page.page.wait_for_function(f"document.querySelectorAll({FINAL!r}).length == 4", timeout=60_000)
        page.button("Hang up").last.click()
        page.wait_until_done()
        seen = page.page.evaluate("window.captionsSeen")
        told = page.page.locator(FINAL).all_inner_texts()
        chapter.run("check-talk", "keep", "vtt", "check-keep")
        log = page.kernel("str(log)").split("\n")
        cues = webvtt.read(str(lab.folder / "conversation.vtt"))
        assert browser.console == []

    yours = [words_ for lines in seen for who, *words_ in lines[:1] if who == "User"]
    grey = [partial for final, partial, _ in yours if partial.strip("\u2026")]
    assert len(set(grey)) >= 2, f"words came while they were being said: {yours}"
    assert all(later.startswith(earlier) for earlier, later in pairwise(grey))
    assert words(yours[-1][0])[-2:] == ["to", "me"] and yours[-1][1:] == ["", ""], "final, and no longer grey"
    his = [words_ for lines in seen for who, *words_ in lines if who == "Assistant"]
    assert any(final and partial for final, partial, _ in his), "what was heard, and grey what was not yet"
    assert any(mark.strip() == "\u2013" for *_, mark in his), "cut where he was interrupted"
    assert [line.split(":")[0] for line in log] == ["User", "Assistant"] * 2
    assert "explain gravity" in log[0] and log[1].endswith("(interrupted)") and "black hole" in log[2]
    assert [cue.voice for cue in cues] == ["User", "Assistant"] * 2
    assert [line.split(":")[0] for line in told] == ["User", "Assistant"] * 2
