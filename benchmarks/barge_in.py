"""From the first sound of an interruption to a silent loudspeaker, in JupyterLab in a headless browser.

    python -m benchmarks.barge_in [--interruptions 20]

Chapter 4 as it stands, with the mock server and a WAV file for a microphone that cuts into one long reply after
another. Both ends are stamped by the page's own clock: the batch in which the voice begins, less the part of it
that came after; and the loudspeaker's audio thread reporting its queue cleared. Microphone, kernel, turn detection,
server and the way back are all in between.
"""

import argparse
import inspect
import tempfile
from pathlib import Path

import numpy as np

from tests.browser.chapters import Chapter, microphone_file, recording, serve
from tests.browser.page import Browser

TALK = "Say exactly: " + "And another thing about the moon, the tides, and everything that falls. " * 6
QUIET_S = 5.0
SPY = """
batches = []
heard_by_mic = mic._handle
def spy(kind, message, buffers):
    if kind == 'audio':
        batches.append((message['first'], message['at'], buffers[0]))
    heard_by_mic(kind, message, buffers)
mic._handle = spy
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interruptions", type=int, default=20)
    count = parser.parse_args().interruptions
    with tempfile.TemporaryDirectory() as folder:
        wav = microphone_file(Path(folder) / "mic.wav", QUIET_S, recording("04_audio_output", 3))
        with serve() as lab, Browser(microphone=wav) as browser:
            chapter = Chapter(browser.open(lab, "04_audio_output.ipynb"), "04_audio_output")
            chapter.run("imports")
            chapter.trace_speakers()
            chapter.run("session", "send", "widgets")
            chapter.page.kernel(f"[SESSION.update(instructions={TALK!r}), exec({SPY!r})]")
            chapter.start("talk")
            # The first thing said interrupts nobody.
            chapter.page.wait_for_text("interrupted after", times=count, timeout_s=60 + 12 * count)
            chapter.page.button("Hang up").first.click()
            chapter.page.wait_until_done()
            chapter.page.kernel(f"exec({inspect.getsource(onsets)!r})")
            began = chapter.page.kernel("onsets(batches)")
            cleared = chapter.page.kernel("[r['at'] for r in speaker.reports if r['kind'] == 'cleared']")
    waits = [at - max(o for o in began if o < at) for at in cleared][:count]
    p50, p95 = np.percentile(waits, [50, 95])
    print(
        f"{len(waits)} interruptions: speech onset to loudspeaker silent "
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, max {max(waits):.0f} ms"
    )


def onsets(batches: list[tuple[int, float, bytes]]) -> list[float]:
    """When a voice began, in milliseconds of the page's clock: the first loud sample after a second of quiet.

    Runs in the notebook's kernel: two minutes of audio are more than the page would carry back.
    """
    import numpy as np

    found, loud_before, rate = [], -np.inf, 24_000
    for first, at, pcm in batches:
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        for loud in np.flatnonzero(np.abs(samples) > 0.01):
            position = first + loud
            if position - loud_before > rate:
                found.append(float(at - (len(samples) - loud) / rate * 1000))
            loud_before = position
    return found


if __name__ == "__main__":
    main()
