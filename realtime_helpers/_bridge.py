"""Between a widget in the page and the asyncio loop of the notebook's cells.

Everything that must be known about how a kernel carries widget messages stands here, and only here.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from .errors import LearnerError

HERE = Path(__file__).parent
PAGE_ANSWERS_WITHIN_S = 10.0
_ASK_AGAIN_S = 0.25


class WidgetError(LearnerError):
    """Something about this page or its devices."""


def route_messages() -> str:
    """Let widget messages arrive while a cell awaits, for every widget of this kernel. May be called again and again.

    JupyterLab sends the messages of each kind of widget over a subshell: a thread of the kernel that is free while a
    cell runs. ipykernel 7.4 instead moves them to the shell that last *sent* on the comm, the main one, where
    a message handled during a running cell never gets its "idle" status: a plain Checkbox then syncs once and never
    again, cells stay at [*], the page leaks. So they are left on the subshell that the page chose.

    Returns "routed"; "as shipped" where this ipykernel has no such rule (a later one may have dropped it); or
    "no kernel" outside of Jupyter.
    """
    try:
        from ipykernel.comm.comm import BaseComm
    except ImportError:
        return "no kernel"
    if not hasattr(BaseComm, "_reply_subshell_for"):
        return "as shipped"
    BaseComm._reply_subshell_for = _where_the_page_sent_it
    return "routed"


def _where_the_page_sent_it(_comm: Any, _data: Any, default: str | None) -> str | None:
    return default


def page_module(*names: str) -> str:
    """One ES module out of several files beside this one: a widget's module cannot import a neighbour."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


class PageWidget(anywidget.AnyWidget):
    """A widget whose page side talks to it in custom messages, `{"kind": ..., ...}` with binary buffers.

    Messages arrive on the kernel's subshell thread. Subclasses handle them in `_handle(kind, message, buffers)`, which
    runs on the loop of the cells and nowhere else.
    """

    _css = page_module("widgets.css")
    _error: type[WidgetError] = WidgetError
    _missed = "there is no sound here"  # while no page answers

    # The page that plays or records. A notebook open in two tabs, or reloaded, is two pages: the latest one counts.
    page = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answered: asyncio.Event | None = None
        route_messages()
        with suppress(RuntimeError):  # made outside of a loop: then the first use brings one
            self._use_this_loop()
        super().__init__(**kwargs)
        self.on_msg(self._from_page)

    def _use_this_loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._answered = loop, asyncio.Event()
        return loop

    def _from_page(self, _widget: object, message: dict, buffers: list) -> None:
        kind = message.get("kind")
        if kind == "beat":
            # Is the kernel alive? Answered from this thread, because a cell that blocks is not a dead kernel.
            self.send({"kind": "beat", "n": message.get("n")})
        elif self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._on_loop, kind, message, [bytes(b) for b in buffers])

    def _on_loop(self, kind: str, message: dict, buffers: list[bytes]) -> None:
        page = message.get("page", "")
        if kind == "hello" and page != self.page:
            earlier, self.page = self.page, page
            if earlier:
                self._new_page()
        elif page != self.page:
            return
        assert self._answered is not None
        self._answered.set()
        self._handle(kind, message, buffers)

    def _new_page(self) -> None:
        """The page was loaded again: what the earlier one held is gone. (The first one gets all that was sent.)"""

    def _handle(self, kind: str, message: dict, buffers: list[bytes]) -> None:
        raise NotImplementedError

    async def ready(self, timeout_s: float = PAGE_ANSWERS_WITHIN_S) -> None:
        """Wait until a browser page answers; raise this widget's error, in one sentence, if none does.

        Asks again and again: the first question can be overtaken by the page still loading the widget.
        """
        self._use_this_loop()
        assert self._answered is not None
        self._answered.clear()
        asked, nobody_there_after = 0, round(1 / _ASK_AGAIN_S)
        try:
            async with asyncio.timeout(timeout_s):
                while not self._answered.is_set():
                    # The page known so far; if it is gone, any other that shows this notebook.
                    self.send({"kind": "ping", "page": self.page if asked < nobody_there_after else ""})
                    asked += 1
                    try:
                        await asyncio.wait_for(self._answered.wait(), _ASK_AGAIN_S)
                    except TimeoutError:
                        continue
        except TimeoutError:
            raise self._error(
                f"No browser page answered within {timeout_s:.0f} s, so {self._missed}: open the notebook in "
                "JupyterLab or Notebook 7 in a browser, reload the page and run the cells again from the top "
                "(without a browser, set REALTIME_REHEARSAL=1)."
            ) from None
