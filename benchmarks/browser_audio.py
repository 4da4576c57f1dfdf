"""Microphone and loudspeaker at once, in a real JupyterLab: what is lost, how late it is, what it costs.

    python -m benchmarks.browser_audio [--seconds 60] [--batch-ms 40] [--microphone SPEECH.wav]

A headless Chromium streams a WAV as its microphone while the same cell plays seconds of sound as the service delivers
them: 100 ms at a time, four times faster than life, then a pause, so that `play()` meets an empty queue. All times are
one machine's clock, read in the audio threads and in the kernel's loop.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from realtime_helpers.microphone import BATCH_MS
from tests.browser.lab import Lab
from tests.browser.page import Browser

MAKE = """\
import asyncio, os, resource, time
import numpy as np
from realtime_helpers import Microphone, Speaker
speaker = Speaker(trace=True)
mic = Microphone(batch_ms={batch_ms})
display(mic, speaker)
handled = []  # (captured_ms of the oldest sample, handled_ms)
handle = mic._handle
def timed(kind, message, buffers):
    handle(kind, message, buffers)
    if kind == "audio":
        handled.append((message["at"] - mic.batch_ms, time.time() * 1000, message["lost"]))
mic._handle = timed
tone = (np.sin(np.arange(2_400) * 2 * np.pi * 400 / 24_000) * 8_000).astype("<i2").tobytes()
played_at = {{}}
async def play():
    while True:
        for _ in range(10):
            speaker.play(tone, item_id="tone")
            played_at[speaker._seq] = time.time() * 1000
            await asyncio.sleep(0.025)
        await speaker.drained()
        await asyncio.sleep(0.3)
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
"""
RUN = """\
total = 0
async with mic:
    playing = asyncio.create_task(play())
    before, start = cpu(), time.monotonic()
    async for chunk in mic:
        total += len(chunk) // 2
        if total >= {seconds} * 24_000:
            break
    share = (cpu() - before) / (time.monotonic() - start)
    playing.cancel()
    await speaker.drained()
"""
# begin reports carry the number of the play() whose first sample they are; only plays into an empty queue count
RESULT = """(lambda late, first: dict(
    samples=total, lost_samples=mic.lost_samples,
    frames_never_run=handled[-1][2] - handled[5][2], batch_ms=mic.batch_ms,
    captured_to_handled_ms=dict(p50=np.percentile(late, 50), p95=np.percentile(late, 95), max=max(late)),
    play_to_first_sample_ms=dict(
        p50=np.percentile(first, 50), p95=np.percentile(first, 95), max=max(first), n=len(first)),
    played_samples=sum(r["kind"] == "begin" for r in speaker.reports) * 2_400, sent_samples=speaker._seq * 2_400,
    kernel_cpu_percent=share * 100))(
    [b - a for a, b, _ in handled[5:]],
    [r["at"] - played_at[r["begun"]] for r in speaker.reports if r["kind"] == "begin" and r["begun"] % 10 == 1])"""


def measure(microphone: Path, seconds: float, batch_ms: int) -> dict:
    """One conversation's figures, in the units their names say."""
    with Lab() as lab, Browser(microphone) as browser:
        name = lab.write("bench.ipynb", MAKE.format(batch_ms=batch_ms), RUN.format(seconds=seconds))
        notebook = browser.open(lab, name)
        notebook.run_all()
        notebook.wait_until_done(seconds * 2 + 60)
        if errors := notebook.errors():
            raise SystemExit("\n".join(errors))
        return notebook.kernel(RESULT)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--batch-ms", type=int, default=BATCH_MS)
    arguments.add_argument("--microphone", type=Path, help="a WAV to speak into it; default: made on the spot")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wav = given.microphone
        if wav is None:
            from hibari import Hibari

            wav = Path(folder) / "speech.wav"
            Hibari().save("One two three four five, once I caught a fish alive.", str(wav))
        result = measure(wav.absolute(), given.seconds, given.batch_ms)
    print(json.dumps(result, indent=1, default=float))


if __name__ == "__main__":
    main()
