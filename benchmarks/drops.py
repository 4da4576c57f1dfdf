"""A hundred conversations, each with one dropped connection, at moments drawn evenly over the whole of it.

    python -m benchmarks.drops [--conversations 100] [--at-once 3]

A conversation that was over before its moment came is held again, with another moment drawn at random. The
conversation is tests/dropped_calls.py's: three spoken turns, two of them orders that a tool places. Restored means:
every turn stands once in the conversation that the service has at the end, every order once in its table, and the
service refused nothing. Exit code 1 if one was not.
"""

import argparse
import asyncio
import random
import statistics
import sys
from collections import Counter

from realtime_helpers.mock_server import MockServer
from tests.dropped_calls import PACE, Clerk, Outcome, converse


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=3)
    args = parser.parse_args()
    clerk = Clerk()
    async with MockServer(mind=clerk, pace=PACE) as server:
        free = asyncio.Semaphore(args.at_once)

        async def one(name: str, drop_after_ms: float | None = None) -> Outcome:
            async with free:
                return await converse(server, clerk, name, drop_after_ms)

        await one("the engines are loaded by this one")
        undisturbed = await asyncio.gather(*(one(f"undisturbed {n}") for n in range(2 * args.at_once)))
        whole_ms = 1000 * statistics.median(outcome.seconds for outcome in undisturbed)
        print(f"Undisturbed: {whole_ms / 1000:.1f} s, {sum(o.whole for o in undisturbed)} of {len(undisturbed)} whole")

        async def dropped_once(n: int) -> tuple[float, Outcome]:
            ms, again = whole_ms * (n + 0.5) / args.conversations, 0
            while not (outcome := await one(f"dropped {n}.{again}", ms)).during:
                ms, again = random.uniform(0, whole_ms), again + 1
            return ms, outcome

        held = await asyncio.gather(*map(dropped_once, range(args.conversations)))
    moments, dropped = zip(*held, strict=True)
    during = Counter(outcome.during for outcome in dropped)
    print(f"Dropped: {len(dropped)}, during " + ", ".join(f"{what} {count}" for what, count in during.most_common()))
    print(f"Restored: {sum(outcome.restored == 1 and outcome.whole for outcome in dropped)}")
    print(f"User turns lost: {sum(len(outcome.lost_turns) for outcome in dropped)}")
    orders = Counter(count for outcome in dropped for count in (outcome.orders.count(w) for w in ("tent", "lantern")))
    print("Orders by rows in the table: " + ", ".join(f"{rows}: {count}" for rows, count in sorted(orders.items())))
    print(f"Longer than undisturbed: median {statistics.median(o.seconds for o in dropped) - whole_ms / 1000:.2f} s")
    for ms, outcome in zip(moments, dropped, strict=True):
        if not outcome.whole or outcome.restored != 1:
            print(f"  dropped after {ms:.0f} ms: {outcome}")
    if not all(outcome.whole for outcome in dropped):
        sys.exit(1)


if __name__ == "__main__":
    asyncio.run(main())
