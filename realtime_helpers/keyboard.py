"""Typing in place of speaking: the page's text field as an asynchronous iterator of lines."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Self

import traitlets

from . import rehearsal as _rehearsal
from ._bridge import PageWidget, WidgetError, page_module


class KeyboardError(WidgetError):
    """Nobody can type here: one sentence saying why and what to do."""


class Keyboard(PageWidget):
    """A text field in the page: `async with keyboard` turns it on, `async for line in keyboard` reads what is sent.

    A line is a str without spaces around it, and never empty. Lines sent before anybody reads are kept, in order. The
    loop ends when the learner presses *Hang up*, or when the rehearsed lines are over and answered.

    `rehearsal` is a list of lines: they are typed under REALTIME_REHEARSAL=1, where no browser is needed, or once the
    learner has clicked *Use the recording*. `listen_to` is the loudspeaker that answers: each line waits until the one
    before is answered and all is quiet. (An answer is known by its `item_id`: each needs its own, or none.)

    Raises KeyboardError on entering when no page answers, or when it is on already.
    """

    _esm = page_module("page.js", "keyboard.js")
    _error = KeyboardError
    _missed = "nobody can type here"

    active = traitlets.Bool(False, help="a cell is inside `async with keyboard`").tag(sync=True)
    use_recording = traitlets.Bool(False).tag(sync=True)
    rehearsal = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, rehearsal: Sequence[str] | None = None, listen_to: Any = None, **kwargs: Any) -> None:
        if isinstance(rehearsal, str):
            raise KeyboardError("A keyboard's rehearsal is a list of lines, not one text: put it in [brackets].")
        self.listen_to = listen_to
        self._lines: deque[str] = deque()
        self._news = asyncio.Event()
        self._reading, self._ended = False, ""  # why it ended, if it did not just go off
        self._trouble: Exception | None = None
        self._typist: asyncio.Task | None = None
        super().__init__(rehearsal=list(rehearsal or []), **kwargs)

    # -- on and off ---------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self.active:
            raise KeyboardError("This keyboard is already on in another cell or task: end that one first.")
        self._use_this_loop()
        self._lines.clear()
        self._news = asyncio.Event()
        self._reading, self._ended = False, ""
        self._trouble = None
        if not _rehearsal.rehearsing():
            await self.ready()
        elif not self.rehearsal:
            raise KeyboardError(
                "A rehearsal has nobody who types, and this keyboard was given no lines: write "
                'Keyboard(rehearsal=["LINE", ...]), or unset REALTIME_REHEARSAL.'
            )
        self.active = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._stop_typist()  # nothing here awaits: the kernel's stop button must not be able to leave it on
        self.active = self._reading = False
        self._news.set()  # whoever still reads, in a task of its own, is at the end
        self.send({"kind": "stop", "page": self.page, "why": self._ended or "Off."})

    # -- the lines ----------------------------------------------------------------------------------------------------

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        if self.active and not self._reading:
            self._reading = True  # only now: rehearsed lines want somebody who reads them
            if self.use_recording or _rehearsal.rehearsing():
                self._start_typist()
        while self.active and not self._lines:
            if self._trouble:
                trouble, self._trouble = self._trouble, None
                raise trouble
            if self._ended:
                break
            self._news.clear()
            await self._news.wait()
        if not self.active or not self._lines:
            raise StopAsyncIteration
        return self._lines.popleft()

    def _put(self, line: str) -> None:
        self._lines.append(line)
        self._news.set()
        self.send({"kind": "sent", "page": self.page, "line": line})

    def _end(self, why: str, trouble: Exception | None = None) -> None:
        self._ended, self._trouble = why, trouble
        self._news.set()

    # -- rehearsed lines in place of a person -------------------------------------------------------------------------

    def _start_typist(self) -> None:
        self._typist = asyncio.get_running_loop().create_task(self._type_rehearsal(), name="typist")

    def _stop_typist(self) -> None:
        if self._typist:
            self._typist.cancel()
            self._typist = None

    async def _type_rehearsal(self) -> None:
        try:
            async for line in _rehearsal.Typist(self.rehearsal, self.listen_to):
                self._put(line)
            self._end("The recording is over.")
        except Exception as error:  # it belongs to whoever reads, not to a task that nobody awaits
            self._end("The recording failed.", error)

    # -- what the page says -------------------------------------------------------------------------------------------

    def _handle(self, kind: str, message: dict, buffers: list[bytes]) -> None:
        if kind == "recording":
            self._recording_clicked(bool(message["use"]))
        elif kind == "line" and (not self.active or self._ended):
            # Sent at the very moment when it went off: nothing typed is lost unseen.
            self.send({"kind": "unsent", "page": self.page, "line": message["line"]})
        elif kind == "line":
            if line := message["line"].strip():
                self._put(line)
        elif kind == "hang_up" and self.active:
            self._lines.clear()
            self._end("Hung up.")

    def _recording_clicked(self, use: bool) -> None:
        self.use_recording = use  # the trait may arrive after this message
        if not use:
            self._stop_typist()
        elif self.active and self._reading and self._typist is None:
            self._start_typist()
