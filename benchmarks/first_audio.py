"""Time to first audio: from the last voiced sample sent to the first audio of the reply, less the silence window.

    python -m benchmarks.first_audio [--windows 500 200] [--questions 30]

A server process of its own; one client, which speaks at life speed on its own clock; every question new, nothing
cached. The questions are spoken by a voice that the server's professor does not have (piper's joe).
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path

import numpy as np
from openai import AsyncOpenAI

from realtime_helpers.audio import SAMPLE_RATE_HZ, float_to_pcm16

from . import joe

KEY = "benchmark"
CHUNK_MS = 40
QUESTIONS = Path(__file__).with_name("first_audio_questions.txt")
PROFESSOR = "You are a very grumpy physics professor. Answer very tersely."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--windows", type=int, nargs="+", default=[500, 200], help="silence windows in ms")
    parser.add_argument("--questions", type=int, default=30)
    args = parser.parse_args()
    clips = [joe.say(line) for line in QUESTIONS.read_text().splitlines()[: args.questions]]
    server = subprocess.Popen(
        [sys.executable, "-m", "realtime_helpers.mock_server", "--port", "0", "--until-eof"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"REALTIME_MOCK_API_KEY": KEY},
    )
    began = time.perf_counter()
    url = server.stdout.readline().split()[1]
    print(f"server ready after {time.perf_counter() - began:.2f} s")
    try:
        for window in args.windows:
            waits = asyncio.run(_measure(url, clips, window))
            p50, p95 = (np.percentile(waits, q) for q in (50, 95))
            print(
                f"window {window} ms, {len(waits)} questions: first audio beyond the window "
                f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, max {max(waits):.0f} ms, mean {statistics.mean(waits):.0f} ms"
            )
    finally:
        server.stdin.close()
        server.wait(5)


async def _measure(url: str, clips: list[np.ndarray], window_ms: int) -> list[float]:
    client = AsyncOpenAI(base_url=url, api_key=KEY)
    waits = []
    async with client.realtime.connect(model="gpt-realtime-2.1") as connection:
        detection = {"type": "server_vad", "silence_duration_ms": window_ms}
        audio = {"input": {"turn_detection": detection}}
        await connection.session.update(session={"type": "realtime", "instructions": PROFESSOR, "audio": audio})
        for clip in clips:
            waits.append(await _ask(connection, clip) - window_ms)
    return waits


async def _ask(connection, clip: np.ndarray) -> float:
    """Speak one question, go on sending silence until the reply is done; milliseconds to its first audio."""
    voiced = np.flatnonzero(np.abs(clip) > np.abs(clip).max() * 0.02)
    clip = np.concatenate([np.zeros(SAMPLE_RATE_HZ // 2, np.float32), clip[voiced[0] : voiced[-1] + 1]])
    pcm, step = float_to_pcm16(clip), SAMPLE_RATE_HZ * CHUNK_MS // 1000 * 2
    last_voiced_sent = asyncio.get_running_loop().create_future()

    async def speak() -> None:
        began, position = time.perf_counter(), 0
        while True:
            chunk = pcm[position : position + step].ljust(step, b"\0")
            position += step
            await asyncio.sleep(began + position / 2 / SAMPLE_RATE_HZ - time.perf_counter())
            await connection.input_audio_buffer.append(audio=b64encode(chunk).decode())
            if position >= len(pcm) and not last_voiced_sent.done():
                # The rest of that chunk is silence that came after the last voiced sample.
                last_voiced_sent.set_result(time.perf_counter() - (position - len(pcm)) / 2 / SAMPLE_RATE_HZ)

    speaking, first = asyncio.create_task(speak()), None
    try:
        async with asyncio.timeout(60):
            async for event in connection:
                if event.type == "response.output_audio.delta" and first is None:
                    first = time.perf_counter()
                elif event.type == "response.created":
                    first = None
                elif event.type == "response.done" and event.response.status == "completed":
                    break
    finally:
        speaking.cancel()
    return (first - last_voiced_sent.result()) * 1000


if __name__ == "__main__":
    main()
