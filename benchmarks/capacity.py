"""How many live voice conversations one server process holds: p95 time to first audio past the silence window.

    python -m benchmarks.capacity [--conversations 10 20 30 40 50] [--seconds 40] [--hold 30] [--limit 500]

A fresh server process for each row, and a load generator in a process of its own (`capacity_load`) on the same machine.
Each conversation streams a microphone in 40 ms frames without a pause, on its own phase: recorded questions (piper's
joe, whom the server does not know) over a room's noise at -60 dBFS, 30% of the time; silence window 500 ms,
transcription on. Replies come from a script, at life speed, about 40% of the time. A question that gets no reply, or
one before its last word, is a failure. Exit code 1 if a row of up to `--hold` conversations misses the limit.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from realtime_helpers.audio import SAMPLE_RATE_HZ, float_to_pcm16

from . import joe, sounds

KEY = "benchmark"
SPEAKING = 0.3
VOICE_DBFS, ROOM_DBFS = -26.0, -60.0
QUESTIONS = Path(__file__).with_name("capacity_questions.txt")
REPLIES = (
    "Obviously. The shorter waves are thrown about by the air.",
    "It takes about eight minutes, longer than you listen to me.",
    "Read the syllabus. Then come back and ask something harder.",
    "Because nothing holds it up, and nothing ever did before.",
    "No. Energy is conserved, and my patience is nearly used up.",
    "The water pushes back with the weight of what was displaced.",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, nargs="+", default=[10, 20, 30, 40, 50])
    parser.add_argument("--seconds", type=float, default=40, help="measured, after a warm-up of one question each")
    parser.add_argument("--hold", type=int, default=30, help="the exit code says whether so many are held")
    parser.add_argument("--limit", type=float, default=500, help="ms past the window, for p95")
    parser.add_argument("--pace", type=float, default=1, help="how many times faster than life replies leave")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _record(folder)
        print(
            "conversations | past the window p50  p95  max ms | answered | speaking replies | partials a turn |"
            " server lag p95 | server: loop + workers, generator (cores) | generator late p95"
        )
        held = {count: _row(count, folder, args) for count in args.conversations}
    most = max((n for n in held if all(ok for m, ok in held.items() if m <= n)), default=0)
    print(f"Held: {most} conversations with every question answered and p95 <= {args.limit:.0f} ms past the window.")
    if any(count <= args.hold and not ok for count, ok in held.items()):
        sys.exit(1)


def _record(folder: Path) -> None:
    """The questions, each with the length of silence that makes it `SPEAKING` of its period; and the script."""
    room = sounds.at_rms(sounds.white_noise(60), ROOM_DBFS)
    clips = {}
    for number, line in enumerate(QUESTIONS.read_text().splitlines()):
        said = sounds.at_rms(joe.say(line), VOICE_DBFS)
        first, last = sounds.voiced_span(said)
        said = said[first:last]
        period = np.zeros(round(len(said) / SPEAKING), np.float32)
        period[: len(said)] = said
        period += np.resize(np.roll(room, number * 7919), len(period))
        clips[str(number)] = np.frombuffer(float_to_pcm16(period), np.uint8)
        clips[f"ends{number}"] = np.array(len(said) / SAMPLE_RATE_HZ)
    np.savez(folder / "clips.npz", **clips)
    (folder / "script.json").write_text(json.dumps(list(REPLIES) * 200))


def _row(count: int, folder: Path, args: argparse.Namespace) -> bool:
    """Measure and print one row; whether it held."""
    command = [sys.executable, "-m", "realtime_helpers.mock_server", "--port", "0", "--until-eof"]
    server = subprocess.Popen(
        [*command, "--pace", str(args.pace), "--script", str(folder / "script.json")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"REALTIME_MOCK_API_KEY": KEY},
    )
    try:
        url = server.stdout.readline().split()[1].replace("http", "ws") + "/realtime?model=gpt-realtime"
        load = [sys.executable, "-m", "benchmarks.capacity_load", url, KEY, str(server.pid), str(count)]
        done = subprocess.run(
            [*load, str(args.seconds), str(folder / "clips.npz")], stdout=subprocess.PIPE, text=True, check=True
        )
    finally:
        server.stdin.close()
        server.wait(10)
    found = json.loads(done.stdout)
    waits = found["waits_ms"] or [float("inf")]
    p50, p95 = np.percentile(waits, 50), np.percentile(waits, 95)
    ok = found["asked"] > 0 and len(found["waits_ms"]) == found["asked"] and p95 <= args.limit
    print(
        f"{count:4} | {p50:5.0f} {p95:5.0f} {max(waits):5.0f} | {len(found['waits_ms'])} of {found['asked']}"
        f" ({found['early']} early) | {found['speaking']:.0%} {found['replies']:.0%} | {found['partials']:.1f} |"
        f" {found['server_lag_ms']:.1f} | {found['server_loop']:.2f} + {found['server_workers']:.2f},"
        f" {found['generator']:.2f} | {found['late_ms']:.1f}"
        + (" the generator was the limit" if found["late_ms"] > 20 else ""),
        flush=True,
    )
    return bool(ok)


if __name__ == "__main__":
    main()
