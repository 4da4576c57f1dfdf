"""The load of `capacity`, a process of its own: URL KEY SERVER_PID CONVERSATIONS SECONDS CLIPS; prints JSON.

As light as can be: frames are encoded, framed and masked beforehand and written straight to the socket; of what comes
only the beginning is read. Its own lateness is measured, so that the server is not blamed for it: a question counts
from when its last voiced sample was really sent.
"""

import asyncio
import json
import struct
import sys
import time
from base64 import b64encode
from dataclasses import dataclass, field

import numpy as np
import psutil
import uvloop
from websockets.asyncio.client import ClientConnection, connect

FRAME_MS = 40
FRAME_BYTES = FRAME_MS * 48
WINDOW_MS = 500
DELTA_BYTES_MS = 48 * 4 / 3  # of base64
PING_EVERY_S = 0.1
_SESSION = {
    "type": "realtime",
    "instructions": "You are a very grumpy physics professor. Answer very tersely.",
    "audio": {
        "input": {
            "transcription": {"model": "gpt-4o-transcribe"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": WINDOW_MS},
        }
    },
}


@dataclass(frozen=True)
class Clip:
    """A question and the silence behind it, as websocket frames; `ends_s`: its last voiced sample."""

    frames: list[bytes]
    ends_s: float


@dataclass
class Counts:
    """What came of the measured time."""

    waits_ms: list[float] = field(default_factory=list)
    asked: int = 0
    early: int = 0  # replies that began before the question was over
    partials: int = 0
    spoken_s: float = 0
    reply_ms: float = 0
    late_ms: list[float] = field(default_factory=list)
    lag_ms: list[float] = field(default_factory=list)


def main() -> None:
    url, key, pid, conversations, seconds, clips = sys.argv[1:]
    print(json.dumps(uvloop.run(_run(url, key, int(pid), int(conversations), float(seconds), _clips(clips)))))


def _clips(path: str) -> list[Clip]:
    stored = np.load(path)
    clips = []
    while (name := str(len(clips))) in stored:
        pcm = stored[name].tobytes()
        pieces = [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm) // FRAME_BYTES * FRAME_BYTES, FRAME_BYTES)]
        clips.append(Clip([_append(piece) for piece in pieces], float(stored[f"ends{name}"])))
    return clips


def _append(pcm: bytes) -> bytes:
    """A whole websocket frame with one event; its mask is four zeros, so that it may be made once."""
    text = b'{"type":"input_audio_buffer.append","audio":"' + b64encode(pcm) + b'"}'
    return struct.pack("!BBH4x", 0x81, 0x80 | 126, len(text)) + text


async def _run(url: str, key: str, pid: int, conversations: int, seconds: float, clips: list[Clip]) -> dict:
    counts, server, myself = Counts(), psutil.Process(pid), psutil.Process()
    warm_up = max(len(clip.frames) for clip in clips) * FRAME_MS / 1000
    begin = time.perf_counter() + 1.0 + 0.02 * conversations
    window = (begin + warm_up, begin + warm_up + seconds)
    talks = [
        asyncio.create_task(_converse(url, key, begin, window, number, conversations, clips, counts))
        for number in range(conversations)
    ]
    probe = asyncio.create_task(_probe(url, key, window, counts))
    await asyncio.sleep(window[0] - time.perf_counter())
    busy = _busy(server), sum(myself.cpu_times()[:2])
    await asyncio.sleep(window[1] - time.perf_counter())
    (loop, workers), (loop_before, workers_before) = _busy(server), busy[0]
    mine = sum(myself.cpu_times()[:2]) - busy[1]
    await asyncio.gather(probe, *talks)
    return {
        "waits_ms": counts.waits_ms,
        "asked": counts.asked,
        "early": counts.early,
        "partials": counts.partials / max(1, counts.asked),
        "speaking": counts.spoken_s / seconds / conversations,
        "replies": counts.reply_ms / 1000 / seconds / conversations,
        "late_ms": float(np.percentile(counts.late_ms, 95)),
        "server_lag_ms": float(np.percentile(counts.lag_ms, 95)),
        "server_loop": (loop - loop_before) / seconds,
        "server_workers": (workers - workers_before) / seconds,
        "generator": mine / seconds,
    }


def _busy(process: psutil.Process) -> tuple[float, float]:
    """CPU seconds so far of the event loop's thread, and of all others."""
    threads = {thread.id: thread.user_time + thread.system_time for thread in process.threads()}
    loop = threads.pop(process.pid)
    return loop, sum(threads.values())


async def _probe(url: str, key: str, window: tuple[float, float], counts: Counts) -> None:
    """Pings: an idle connection's way through the server's event loop (and ours) and back."""
    async with _connect(url, key) as socket:
        while (now := time.perf_counter()) < window[1]:
            await (await socket.ping())
            if now > window[0]:
                counts.lag_ms.append((time.perf_counter() - now) * 1000)
            await asyncio.sleep(PING_EVERY_S)


def _connect(url: str, key: str) -> connect:
    headers = {"Authorization": f"Bearer {key}"}
    return connect(url, additional_headers=headers, compression=None, ping_interval=None, open_timeout=60)


async def _converse(
    url: str, key: str, begin: float, window: tuple, number: int, of: int, clips: list[Clip], counts: Counts
) -> None:
    async with _connect(url, key) as socket:
        await socket.send(json.dumps({"type": "session.update", "session": _SESSION}))
        heard = _Heard(window, counts)
        reading = asyncio.create_task(heard.read(socket))
        clip = clips[number % len(clips)]
        due = begin + len(clip.frames) * FRAME_MS / 1000 * number / of
        turn = number
        while due < window[1]:
            clip = clips[turn % len(clips)]
            counted = window[0] <= due and due + clip.ends_s + 3 < window[1]
            counts.spoken_s += max(0.0, min(window[1], due + clip.ends_s) - max(window[0], due))
            await heard.ask(socket, clip, due, counted)
            due += len(clip.frames) * FRAME_MS / 1000
            turn += 7  # no two neighbours ask the same in the same order
        reading.cancel()


class _Heard:
    """One conversation: what was asked, and what came back."""

    def __init__(self, window: tuple[float, float], counts: Counts) -> None:
        self._window, self._counts = window, counts
        self._first: float | None = None  # audio of the latest response

    async def ask(self, socket: ClientConnection, clip: Clip, due: float, counted: bool) -> None:
        """Stream one question and its silence in real time, then note when its reply began."""
        counts, frame_s = self._counts, FRAME_MS / 1000
        self._first = ended = None
        for index, frame in enumerate(clip.frames):
            send_at = due + (index + 1) * frame_s  # a frame is sent when its last sample has been recorded
            if (wait := send_at - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            now = time.perf_counter()
            socket.transport.write(frame)
            if self._window[0] < now < self._window[1]:
                counts.late_ms.append((now - send_at) * 1000)
            if ended is None and (index + 1) * frame_s >= clip.ends_s:
                ended = now - ((index + 1) * frame_s - clip.ends_s)
        if not counted:
            return
        counts.asked += 1
        if self._first is not None and self._first > ended:
            counts.waits_ms.append((self._first - ended) * 1000 - WINDOW_MS)
        elif self._first is not None:
            counts.early += 1

    async def read(self, socket: ClientConnection) -> None:
        async for frame in socket:
            kind = frame[9 : frame.index('"', 9)]
            measured = self._window[0] < time.perf_counter() < self._window[1]
            if kind == "response.output_audio.delta":
                if self._first is None:
                    self._first = time.perf_counter()
                if measured:
                    self._counts.reply_ms += (len(frame) - frame.index('"delta":"') - 11) / DELTA_BYTES_MS
            elif kind == "response.created":
                self._first = None
            elif kind == "error":
                raise SystemExit(f"The server answered: {frame}")
            elif kind == "conversation.item.input_audio_transcription.delta" and measured:
                self._counts.partials += 1


if __name__ == "__main__":
    main()
