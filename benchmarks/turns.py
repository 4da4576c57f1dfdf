"""Turn detection: false turns, how fast it notices a voice, how fast it notices silence.

    python -m benchmarks.turns

Speakers are the held-out voices; audio goes in 4 ms at a time, so that figures are the detector's own and hold no
client's frame. "beyond the window": from the last voiced sample (35 dB below the sentence's loud parts) to
SpeechStopped, less silence_duration_ms.
"""

from __future__ import annotations

import numpy as np

from realtime_helpers.audio import SAMPLE_RATE_HZ, float_to_pcm16, pcm16_to_float
from realtime_helpers.mock_server.turns import SpeechPaused, SpeechStarted, SpeechStopped, TurnDetector
from realtime_helpers.mock_server.voice import Hibari

from . import held_out, sounds

SENTENCES = (
    "What is the speed of light, and why can nothing go faster?",
    "Yes.",
    "Can you explain why the sky is blue?",
    "How many moons does Jupiter have?",
    "Stop, I have another question.",
    "Is it going to rain tomorrow in Edinburgh?",
    "Do you have a tent that fits six people?",
    "No, thank you.",
    "What happens if I drop a feather and a hammer on the moon?",
    "Please cancel my order.",
)
REPLIES = tuple(
    f"{opening} {rest}"
    for opening in ("Obviously.", "No.", "Read the syllabus.", "Fine, once more.")
    for rest in (
        "Gravity bends space, and space bends you.",
        "Light always wins that race.",
        "Friction is why your pencil works at all.",
        "Energy is conserved; my patience is not.",
        "Entropy, as in your desk drawer.",
    )
)
VOICE_DBFS = -26.0


def percentiles(values: list[float]) -> str:
    return f"{np.percentile(values, 50):5.0f} {np.percentile(values, 95):5.0f} {max(values):5.0f}"


def turns_in(samples: np.ndarray) -> int:
    return sum(isinstance(event, SpeechStarted) for event in TurnDetector().feed(float_to_pcm16(samples)))


def false_turns(said: dict[str, list[np.ndarray]]) -> None:
    print("Turns started by 60 s of ...")
    white, typing, music = sounds.white_noise(60), sounds.typing(60), sounds.music(60)
    rooms = [np.concatenate(said[voice]) for voice in held_out.FLITE]
    cases = [
        ("white noise, RMS", sounds.at_rms, white, (-60, -50, -40, -30, -20)),
        ("pink noise, RMS", sounds.at_rms, sounds.pink_noise(60), (-50, -40, -30, -20)),
        ("typing, peak", sounds.at_peak, typing, (-30, -20, -10, -3)),
        ("music, RMS", sounds.at_rms, music, (-50, -40, -30, -20, -12)),
        ("babble of 3, RMS (reported only)", sounds.at_rms, sounds.babble(rooms, 60), (-60, -50, -40, -30)),
        (
            "babble of 9, RMS (reported only)",
            sounds.at_rms,
            sounds.babble([np.roll(room, shift * 31_000) for room in rooms for shift in range(3)], 60),
            (-60, -50, -40, -30),
        ),
    ]
    for name, at_level, sound, levels in cases:
        counts = "  ".join(f"{level} dBFS: {turns_in(at_level(sound, level))}" for level in levels)
        print(f"  {name:34} {counts}")


def echo() -> None:
    engine = Hibari()
    print("Turns started by the speaker's own sound, 150 ms late, in 20 replies")
    for voice in ("marin", "cedar"):
        row = []
        for down_db in (35, 30, 25, 20):
            started = 0
            for reply in REPLIES:
                heard = pcm16_to_float(b"".join(engine.speak(reply, voice=voice))) * 10 ** (-down_db / 20)
                late = np.zeros(int(0.15 * SAMPLE_RATE_HZ), np.float32)
                microphone = np.concatenate([late, heard, np.zeros(SAMPLE_RATE_HZ, np.float32)])
                hiss = sounds.at_rms(sounds.white_noise(len(microphone) / SAMPLE_RATE_HZ + 0.1), -70)
                started += turns_in(microphone + hiss[: len(microphone)])
            row.append(f"{down_db} dB down: {started}")
        print(f"  voice {voice:8} " + "  ".join(row))


def delays(said: dict[str, list[np.ndarray]], snr_db: float, window_ms: int) -> None:
    onset, paused, beyond, early, missed, split = [], [], [], 0, 0, 0
    random = np.random.default_rng(5)
    for clip in (clip for clips in said.values() for clip in clips):
        clip = sounds.at_rms(clip, VOICE_DBFS)
        first, last = sounds.voiced_span(clip)
        before = SAMPLE_RATE_HZ + int(random.integers(0, 768))  # wherever a frame begins
        heard = np.concatenate([np.zeros(before), clip, np.zeros(3 * SAMPLE_RATE_HZ // 2)])
        heard = heard + random.normal(size=len(heard)) * 10 ** ((VOICE_DBFS - snr_db) / 20)
        first_ms, last_ms = (before + first) / 24, (before + last) / 24
        detector, events = TurnDetector(silence_duration_ms=window_ms), []
        for start in range(0, len(heard), 96):
            for event in detector.feed(float_to_pcm16(heard[start : start + 96])):
                events.append((detector.position_ms, event))
        started, pauses, stopped = (
            [at for at, event in events if isinstance(event, kind)]
            for kind in (SpeechStarted, SpeechPaused, SpeechStopped)
        )
        if not stopped:
            missed += 1
            continue
        onset.append(started[0] - first_ms)
        paused.append(pauses[-1] - last_ms)
        beyond.append(stopped[-1] - last_ms - window_ms)
        early += len(pauses) - 1
        split += len(started) > 1
    print(
        f"  {snr_db:4.0f} dB  {window_ms:4}  | {percentiles(onset)} | {percentiles(paused)} | {percentiles(beyond)} |"
        f" {missed:3} {split:3}  {early / len(onset):4.1f}"
    )


def main() -> None:
    said = {voice: [held_out.say(text, voice) for text in SENTENCES] for voice in held_out.VOICES}
    false_turns(said)
    echo()
    print(
        f"Delays in ms, p50 p95 max, over {len(said) * len(SENTENCES)} turns (missed, split in two, void pauses a turn)"
    )
    print("  noise  window | speech started  | speech paused   | beyond the window |")
    for snr_db in (60, 30, 15, 5):
        for window_ms in (200, 500):
            delays(said, snr_db, window_ms)


if __name__ == "__main__":
    main()
