"""semantic_vad: does a turn end soon after a finished sentence, and wait where somebody hesitates?

    python -m benchmarks.semantic_vad

Sentences stand in semantic_vad_sentences.txt; two voices speak them; a whole session listens. "wait": from the last
voiced sample to speech_stopped, counted in samples. "cut off": the turn ended before a hesitation of that length was
over. An early end is one sooner than the wait for words that may or may not be finished.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from realtime_helpers.audio import SAMPLE_RATE_HZ, float_to_pcm16
from realtime_helpers.mock_server.house import House
from realtime_helpers.mock_server.script import Script
from realtime_helpers.mock_server.semantics import SHORTEST_MS, finished
from realtime_helpers.mock_server.session import Session
from realtime_helpers.mock_server.speech import Speech
from realtime_helpers.mock_server.voice import Hibari

from . import joe

_SENTENCES = Path(__file__).with_name("semantic_vad_sentences.txt")
_HESITATIONS_MS = (700, 1000, 1400)
_EARLY_BEYOND_MS = 200  # frames, and Silero's tail
_SILENCE_S = 9
SETTINGS: dict[str, dict[str, Any]] = {
    "server_vad 500": {"type": "server_vad", "silence_duration_ms": 500},
    "semantic_vad high": {"type": "semantic_vad", "eagerness": "high"},
    "semantic_vad medium": {"type": "semantic_vad", "eagerness": "medium"},
    "semantic_vad low": {"type": "semantic_vad", "eagerness": "low"},
}


def hibari(text: str) -> np.ndarray:
    pcm = b"".join(_hibari.speak(text))
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32768


def voiced(samples: np.ndarray) -> np.ndarray:
    """Without the silence around it: 35 dB below the loud parts."""
    loud = np.flatnonzero(np.abs(samples) > np.quantile(np.abs(samples), 0.99) * 10 ** (-35 / 20))
    return samples[loud[0] : loud[-1] + 1]


class Remembering:
    """Ears that hear the same audio once, as several settings are tried on it."""

    def __init__(self, speech: Speech) -> None:
        self._speech, self._heard = speech, {}
        self.idle = True

    async def transcribe(self, pcm: bytes) -> str:
        if pcm not in self._heard:
            self._heard[pcm] = await self._speech.transcribe(pcm)
        return self._heard[pcm]


async def wait_ms(house: House, vad: dict[str, Any], samples: np.ndarray) -> int:
    """From the end of the last word to speech_stopped."""
    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def take(event: dict[str, Any]) -> None:
        if event["type"] == "input_audio_buffer.speech_stopped":
            ends.append(event["audio_end_ms"])
        elif event["type"] == "input_audio_buffer.cleared":
            stopped.set_result(max(ends, default=0))

    async def room() -> None: ...

    ends: list[int] = []
    session = Session(house, "gpt-realtime-2.1", take, room)
    vad = {**vad, "create_response": False}
    session.handle(
        {"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": vad}}}}
    )
    lead = np.zeros(SAMPLE_RATE_HZ // 2, np.float32)
    pcm = float_to_pcm16(np.concatenate([lead, samples, np.zeros(_SILENCE_S * SAMPLE_RATE_HZ, np.float32)]))
    session.handle({"type": "input_audio_buffer.append", "audio": b64encode(pcm).decode()})
    session.handle({"type": "input_audio_buffer.clear"})
    end_ms = await stopped
    session.close()
    return end_ms - (len(lead) + len(samples)) * 1000 // SAMPLE_RATE_HZ


def begun(line: str) -> str:
    """What is said before the hesitation, or all of it."""
    first, *rest = re.split(r" [|+] ", line)
    return f"{first}," if rest else first


def share(count: int, of: int) -> str:
    return f"{count}/{of} ({count / of:.0%})" if of else "0/0"


async def measure(say: Callable[[str], np.ndarray], speech: Speech, name: str, lines: list[str]) -> None:
    house = House(Remembering(speech), Script([]))
    said = {line: voiced(say(begun(line))) for line in lines}
    finished_turns, open_turns, could_end = ([x for x in lines if mark(x)] for mark in (is_finished, is_open, may_end))
    print(
        f"{name}: {len(finished_turns)} finished turns, {len(open_turns)} hesitations, {len(could_end)} afterthoughts"
    )
    for setting, vad in SETTINGS.items():
        waits = {line: await wait_ms(house, vad, samples) for line, samples in said.items()}
        done = [waits[line] for line in finished_turns]
        print(f"  {setting:20} wait after a finished turn: mean {np.mean(done):4.0f} ms, median {np.median(done):4.0f}")
        for kind, those in (("hesitations", open_turns), ("afterthoughts", could_end)):
            cut = (f"{share(sum(waits[x] < ms for x in those), len(those))} of {ms} ms" for ms in _HESITATIONS_MS)
            print(f"{'':23}cut off, {kind + ':':14} {', '.join(cut)}")
        if eagerness := vad.get("eagerness"):
            early = {line for line, wait in waits.items() if wait < SHORTEST_MS[eagerness] + _EARLY_BEYOND_MS}
            right, wrong = len(early & set(finished_turns)), len(early & set(open_turns))
            print(f"{'':23}early ends that were right: {share(right, right + wrong)}", flush=True)
    for line in finished_turns + open_turns:
        if (line in early) != is_finished(line):
            text = await speech.transcribe(float_to_pcm16(said[line]))
            print(f"    misjudged: {line!r}, heard as {text!r}: {finished(text)}")


def is_open(line: str) -> bool:
    return " | " in line


def may_end(line: str) -> bool:
    return " + " in line


def is_finished(line: str) -> bool:
    return not is_open(line) and not may_end(line)


async def main() -> None:
    speech = Speech.load()
    for part in _SENTENCES.read_text().split("# Added"):
        lines = [line for line in part.splitlines()[1:] if line and not line.startswith("#")]
        await measure(joe.say, speech, "piper joe", lines)
        await measure(hibari, speech, "hibari", lines)
    speech.close()


if __name__ == "__main__":
    _hibari = Hibari()
    asyncio.run(main())
