"""A hundred thousand mutated client events against sessions of the mock server, in this process.

    python -m benchmarks.fuzz [--events 100000] [--seed 1]

Three rules, held at every event: the session lives on and logs no fault of its own; a bad event is answered with one
`error` event, and nothing else, that names what is wrong; buffers and conversations stay within their limits.
"""

import argparse
import resource
import time

from realtime_helpers.mock_server.speech import Speech
from tests.mock_server.fuzz import Tally, attack

_AT_A_TIME = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    speech, tally, began = Speech.load(), Tally(), time.monotonic()
    memory = []
    while tally.events < args.events:
        attack(speech, tally, _AT_A_TIME, seed=args.seed + len(memory))
        memory.append(_memory_mb())
        print(f"{tally.events:7} events, {tally.refused} refused, {memory[-1]:.0f} MB", flush=True)
    speech.close()
    print(f"No rule was broken by {tally.events} events in {time.monotonic() - began:.0f} s.")
    print(f"Refused: {tally.refused}, each with one error that names what is wrong:")
    for code, count in tally.codes.most_common():
        print(f"  {count:6}  {code}")
    print(
        f"Memory at its peak: {memory[0]:.0f} MB after the first {_AT_A_TIME} sessions, {memory[-1]:.0f} MB after all."
    )


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
