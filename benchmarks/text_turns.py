"""Text turns a second, beside CopilotKit's aimock, which answers with text from fixtures, in turn within one run.

    python -m benchmarks.text_turns [--aimock DIRECTORY] [--turns 300] [--rounds 3] [--connections 1 8]

A turn: `conversation.item.create` with a user's text and `response.create`, then all events to `response.done`. Both
servers answer the same words (ours from a script, validation of client events on) and stream about 20 letters a delta,
aimock's default. Needs node; without --aimock, npm installs it into a temporary directory. Both are asked by the same
client, a process of its own; its share of a core is printed, since a client can be the limit too.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import orjson
from websockets.asyncio.client import connect

AIMOCK = "@copilotkit/aimock@1.43.0"
KEY = "benchmark"
MODEL = "gpt-realtime"
ANSWER = "Hello! How can I help you today? The shop is open until six, and the kettle is on."
_ASK = orjson.dumps(
    {
        "type": "conversation.item.create",
        "item": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]},
    }
).decode()
_GO = orjson.dumps({"type": "response.create", "response": {"output_modalities": ["text"]}}).decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--aimock", type=Path, help="a directory where npm has installed it")
    parser.add_argument("--turns", type=int, default=300, help="on each connection")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--only", choices=["ours", "aimock"], help="for a profiler")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        servers = {}
        if args.only != "aimock":
            servers["ours"] = _ours(Path(folder), args.turns)
        if args.only != "ours":
            servers["aimock"] = _aimock(Path(folder), args.aimock)
        for connections in args.connections:
            rates = {name: [] for name in servers}
            for _ in range(args.rounds):
                for name, server in servers.items():
                    with server() as (url, pid):
                        rates[name].append(asyncio.run(_rate(url, pid, connections, args.turns)))
            for name, found in rates.items():
                turns, events, server_cpu, client_cpu = (
                    statistics.median(column) for column in zip(*found, strict=True)
                )
                print(
                    f"{connections} connections, {name}: {turns:.0f} turns/s (median of {args.rounds}), "
                    f"{events:.1f} events a turn, server {server_cpu:.0%} and client {client_cpu:.0%} of a core"
                )
            if len(rates) == 2:
                ratios = [a[0] / b[0] for a, b in zip(rates["ours"], rates["aimock"], strict=True)]
                print(f"{connections} connections: ours / aimock {statistics.median(ratios):.2f}")


async def _rate(url: str, pid: int, connections: int, turns: int) -> tuple[float, float, float, float]:
    """Turns a second over all connections, events a turn, and how busy server and client were."""
    ready = asyncio.Barrier(connections + 1)
    talks = [asyncio.create_task(_talk(url, turns, ready)) for _ in range(connections)]
    await ready.wait()
    began, server_began, client_began = time.perf_counter(), _cpu_s(pid), time.process_time()
    events = sum(await asyncio.gather(*talks))
    took = time.perf_counter() - began
    total = connections * turns
    return (
        total / took,
        events / total,
        (_cpu_s(pid) - server_began) / took,
        (time.process_time() - client_began) / took,
    )


async def _talk(url: str, turns: int, ready: asyncio.Barrier) -> int:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with connect(f"{url}?model={MODEL}", additional_headers=headers, compression=None) as socket:
        while "session.created" not in await socket.recv():
            pass
        await ready.wait()
        events = 0
        for _ in range(turns):
            await socket.send(_ASK)
            await socket.send(_GO)
            while True:
                frame = await socket.recv()
                events += 1
                if '"response.done"' in frame[:60]:
                    break
                if '"error"' in frame[:30]:
                    raise SystemExit(f"The server answered: {frame}")
            if '"completed"' not in frame or "kettle" not in frame:
                raise SystemExit(f"Not the answer: {frame}")
    return events


def _ours(folder: Path, turns: int):
    script = folder / "script.json"
    script.write_text(json.dumps([ANSWER] * turns))

    @contextmanager
    def serve():
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "realtime_helpers.mock_server",
                "--port",
                "0",
                "--until-eof",
                "--script",
                str(script),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"REALTIME_MOCK_API_KEY": KEY},
        )
        try:
            url = server.stdout.readline().split()[1]
            yield url.replace("http", "ws") + "/realtime", server.pid
        finally:
            server.stdin.close()
            server.wait(10)

    return serve


def _aimock(folder: Path, installed: Path | None):
    if installed is None:
        installed = folder / "npm"
        subprocess.run(["npm", "install", "--silent", "--prefix", str(installed), AIMOCK], check=True)
    fixtures = folder / "fixtures.json"
    fixtures.write_text(
        json.dumps({"fixtures": [{"match": {"userMessage": "hello"}, "response": {"content": ANSWER}}]})
    )
    cli = installed / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"

    @contextmanager
    def serve():
        port = _free_port()
        server = subprocess.Popen(
            ["node", str(cli), "-p", str(port), "-f", str(fixtures), "--log-level", "warn"],
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for(port)
            yield f"ws://127.0.0.1:{port}/v1/realtime", server.pid
        finally:
            server.terminate()
            server.wait(10)

    return serve


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int) -> None:
    import socket

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("aimock did not start.")


def _cpu_s(pid: int) -> float:
    """CPU seconds of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
