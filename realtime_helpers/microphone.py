"""The browser's microphone as an asynchronous iterator of PCM16 chunks."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any, Self

import numpy as np
import traitlets

from . import rehearsal as _rehearsal
from ._bridge import PageWidget, WidgetError, page_module
from .audio import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ

BATCH_MS = 40  # of 40, 80 and 160 the quickest, for two hundredths of a core more: benchmarks/browser_audio.py
KEPT_S = 60  # audio that nobody reads is kept this long, then the oldest goes
UNPLUGGED_AFTER_S = 2.0  # of audio, with fault="unplugged"
_METER_EVERY_MS = 100

# What can go wrong for practice, and what is said of it: here, and in the page when it goes wrong for real.
FAULTS = {
    "denied": (
        "The browser was not allowed to use the microphone: allow it (the sign at the left of the address bar), then "
        "press Start or run the cell again."
    ),
    "missing": "No microphone was found: plug one in and run the cell again, or use the recording.",
    "unplugged": (
        "The microphone is gone, probably because it was unplugged or is no longer allowed: plug it in or allow it, "
        "then run the cell again."
    ),
}


class MicrophoneError(WidgetError):
    """No microphone: one sentence saying why and what to do."""


class Microphone(PageWidget):
    """A microphone in the page: `async with mic` turns it on, `async for chunk in mic` hears it, leaving turns it off.

    A chunk is PCM16, 24 kHz, mono, `BATCH_MS` milliseconds long (from a recording: as long as `Caller` makes it). The
    loop ends when the learner presses *Hang up*, or when the recording is over. Muted means chunks of silence: the
    service's turn detection counts samples, and would never notice the end of a sentence in a stream that stopped.

    `rehearsal` names a folder of notebooks/recordings: its lines are spoken under REALTIME_REHEARSAL=1, where no
    browser is needed, or once the learner has clicked *Use the recording*. `listen_to` is the loudspeaker whose
    silences tell the recorded caller when to speak.

    `fault` is for practice, wherever the sound comes from: "denied" and "missing" raise on entering what a refused
    permission or a missing microphone would, and the browser is not asked; "unplugged" raises while iterating, after
    `UNPLUGGED_AFTER_S` seconds of audio.

    Raises MicrophoneError on entering (or, if the microphone is pulled out, while iterating) when permission is denied,
    there is no device, the page is insecure, or no page answers.
    """

    _esm = f"const FAULTS = {json.dumps(FAULTS)};\n" + page_module("page.js", "microphone.js")
    _error = MicrophoneError

    active = traitlets.Bool(False, help="a cell is inside `async with mic`").tag(sync=True)
    muted = traitlets.Bool(False).tag(sync=True)
    use_recording = traitlets.Bool(False).tag(sync=True)
    rehearsal = traitlets.Unicode("").tag(sync=True)
    batch_ms = traitlets.Int(BATCH_MS).tag(sync=True)
    _context_rate = traitlets.Int(0, help="for tests: the rate that a browser insists on").tag(sync=True)

    def __init__(
        self, rehearsal: str | None = None, listen_to: Any = None, *, fault: str | None = None, **kwargs: Any
    ) -> None:
        if fault is not None and fault not in FAULTS:
            raise MicrophoneError(f"A microphone has no fault {fault!r}: choose one of {', '.join(map(repr, FAULTS))}.")
        self.listen_to = listen_to
        self.fault = fault
        self.device: dict = {}  # what the page said of the microphone: label, settings, context_rate
        self.lost_samples = 0  # missing between two batches, or never captured by the page; stays 0
        self._chunks: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._reading = self._ended = False
        self._trouble: BaseException | None = None
        self._pump: asyncio.Task | None = None
        self._expected: int | None = None
        super().__init__(rehearsal=rehearsal or "", **kwargs)

    # -- on and off ---------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self.active:
            raise MicrophoneError("This microphone is already on in another cell or task: end that one first.")
        loop = self._use_this_loop()
        self._chunks.clear()
        self._news = asyncio.Event()
        self._reading = self._ended = False
        self._trouble, self._expected, self.lost_samples = None, None, 0
        self._read_bytes = 0
        if self.fault in ("denied", "missing"):
            raise self._practised()
        if _rehearsal.rehearsing():
            self._need_recording()
            self.active = True
            return self
        await self.ready()
        self._opened: asyncio.Future[None] = loop.create_future()
        self.active = True
        try:
            if not self.use_recording:
                self.send({"kind": "start", "page": self.page})
                await self._opened  # as long as the browser's question stands
        except BaseException:
            self._off()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._off()  # nothing here awaits: the kernel's stop button must not be able to leave it on

    def _off(self) -> None:
        if self._pump:
            self._pump.cancel()
            self._pump = None
        self.active = False
        self._reading = False
        self._news.set()  # whoever still reads, in a task of its own, is at the end
        self.send({"kind": "stop", "page": self.page, "why": "Hung up." if self._ended else "Off."})

    def _practised(self) -> MicrophoneError:
        """The fault that was asked for, in the page as well."""
        assert self.fault
        self.send({"kind": "stop", "page": self.page, "why": FAULTS[self.fault], "wrong": True})
        return MicrophoneError(FAULTS[self.fault])

    def _need_recording(self) -> None:
        if not self.rehearsal:
            raise MicrophoneError(
                "A rehearsal has no microphone, and this one was given no recording to speak in its place: write "
                'Microphone(rehearsal="NAME"), NAME a folder of notebooks/recordings, or unset REALTIME_REHEARSAL.'
            )

    # -- the stream ---------------------------------------------------------------------------------------------------

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if not self.active:
            raise StopAsyncIteration  # also when a task goes on reading after its `async with` is over
        # Only now: what came between turning on and this first reading was said before anybody listened. Sent late, it
        # would make the service lag behind life by that much for the whole conversation.
        self._reading = True
        if self._pump is None and (self.use_recording or _rehearsal.rehearsing()):
            self._speak_recording()
        while not self._chunks:
            if self._trouble:
                trouble, self._trouble, self._ended = self._trouble, None, True
                raise trouble
            if self._ended or not self.active:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        chunk = self._chunks.popleft()
        self._read_bytes += len(chunk)
        if self.fault == "unplugged" and self._read_bytes >= UNPLUGGED_AFTER_S * SAMPLE_RATE_HZ * BYTES_PER_SAMPLE:
            self._end(self._practised(), at_once=True)
            return await self.__anext__()
        return chunk

    def _put(self, chunk: bytes) -> None:
        if not self._reading or self._ended:
            return
        self._chunks.append(chunk)
        while len(self._chunks) * len(chunk) > KEPT_S * SAMPLE_RATE_HZ * BYTES_PER_SAMPLE:
            self._chunks.popleft()  # the reader is stuck; what it missed a minute ago helps nobody
        self._news.set()

    def _end(self, trouble: BaseException | None = None, *, at_once: bool = False) -> None:
        self._ended, self._trouble = True, trouble
        if at_once:
            self._chunks.clear()
        if not self._opened_already():
            self._opened.set_exception(trouble) if trouble else self._opened.set_result(None)
            self._trouble = None
        self._news.set()

    def _opened_already(self) -> bool:
        return not hasattr(self, "_opened") or self._opened.done()

    # -- a recording in place of a person -----------------------------------------------------------------------------

    def _speak_recording(self) -> None:
        self._pump = asyncio.get_running_loop().create_task(self._pump_recording(), name="recorded caller")

    async def _pump_recording(self) -> None:
        since_meter_ms = 0.0
        try:
            async for chunk in _rehearsal.Caller(self.rehearsal, self.listen_to):
                self._put(bytes(len(chunk)) if self.muted else chunk)
                since_meter_ms += len(chunk) / BYTES_PER_SAMPLE / SAMPLE_RATE_HZ * 1000
                if since_meter_ms >= _METER_EVERY_MS and not _rehearsal.rehearsing():
                    since_meter_ms = 0.0
                    peak = np.abs(np.frombuffer(chunk, "<i2").astype(np.int32)).max(initial=0) / 32768
                    self.send({"kind": "level", "page": self.page, "level": float(peak)})
            self._end()
        except Exception as error:  # it belongs to whoever reads, not to a task that nobody awaits
            self._end(error)

    # -- what the page says -------------------------------------------------------------------------------------------

    def _handle(self, kind: str, message: dict, buffers: list[bytes]) -> None:
        if kind == "audio":
            if self._expected is not None:
                self.lost_samples += message["first"] - self._expected
            self._expected = message["first"] + len(buffers[0]) // BYTES_PER_SAMPLE
            self._put(buffers[0])
        elif kind == "started":
            self.device, self._expected = message, None
            if not self._opened_already():
                self._opened.set_result(None)
        elif kind == "error" and self.active:
            self._end(MicrophoneError(message["sentence"]))
        elif kind == "hang_up" and self.active:
            self._end(at_once=True)
        elif kind == "recording":
            self._recording_clicked(bool(message["use"]))

    def _recording_clicked(self, use: bool) -> None:
        self.use_recording = use  # the trait may arrive after this message
        if not self._opened_already():
            self._opened.set_result(None)  # no need of a microphone any more
        if self._pump and not use:
            self._pump.cancel()
            self._pump = None
        elif use and self.active and self._reading and self._pump is None:
            self._speak_recording()
