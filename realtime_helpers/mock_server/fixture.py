"""The mock server inside a test: a thread of this process, gone when the `with` block is."""

import secrets
import threading
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Self

import anyio.to_thread
from openai import AsyncOpenAI, OpenAI

from .app import create_app
from .connection_log import ConnectionLog, NothingCame
from .engines import speech_on_demand
from .fault_door import FaultDoor
from .faults import FaultError, Faults
from .house import House
from .limits import Limits
from .replies import Call, Mind, Prompt, Say
from .script import Script, ScriptError, Step
from .serving import CannotListen, Server, base_url, listen

_PATIENCE_S = 30


class MockServer:
    """A Realtime service for `with` or `async with`, on a free port of this computer.

    `script`: the replies, one step a response (a line, a `Call`, or a list of these), or the path of a file of them;
    `mind`: whatever makes replies instead; neither: the built-in rules. `pace`: how many times faster than life audio
    leaves; as it stands, at once. `keep_audio`: base64 audio stays in the logs. `ping_interval_s`: a client
    that answers no ping for so long is dropped.

    Text in and text out needs no speech engines and loads none; the first audio waits a second for them.

    Raises:
        ScriptError: the script cannot be read, is empty, or has a step that is none.
        TypeError, ValueError: an argument of the wrong kind.
        FaultError: `faults` (a Faults, or its text) asks for what there is not.
        CannotListen: when it starts, and the port is taken.
    """

    def __init__(
        self,
        script: Iterable[Step] | str | Path | None = None,
        *,
        mind: Mind | None = None,
        pace: float = 1000,
        faults: Faults | str | Iterable[str] | None = None,
        limits: Limits | None = None,
        api_key: str | None = None,
        port: int = 0,
        keep_audio: bool = False,
        ping_interval_s: float = 20,
    ) -> None:
        if script is not None and mind is not None:
            raise TypeError("A script and a mind both make the replies: give MockServer one of them.")
        if mind is not None and not hasattr(mind, "reply"):
            raise TypeError(
                f"A mind has `async def reply(self, prompt)`, which yields Say or Call; this is {mind!r:.60}."
            )
        if limits is not None and not isinstance(limits, Limits):
            raise TypeError(f"limits is a Limits, as in Limits(connections=2), not {limits!r:.60}.")
        if not pace > 0:
            raise ValueError(f"pace is how many times faster than life replies leave, so above 0, not {pace}.")
        self.api_key = api_key or "mock-" + secrets.token_urlsafe(18)
        self.connections: list[ConnectionLog] = []
        self._port, self._keep_audio, self._ping_interval_s = port, keep_audio, ping_interval_s
        self._mind = _Replaceable(mind or (None if script is None else _script(script)))
        self._news = threading.Condition()
        self._speech = speech_on_demand()
        house = House(self._speech, self._mind, pace=pace, new_log=self._new_log)
        self._app = FaultDoor(create_app(house, self.api_key, limits), _faults(faults))
        self._clock = house.clock
        self._thread: threading.Thread | None = None
        self._url = ""

    # -- where it is -----------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT/v1`, for `base_url`."""
        if not self._url:
            raise RuntimeError("The mock server is not running: use it in `with MockServer() as server:`.")
        return self._url

    @property
    def websocket_url(self) -> str:
        """`ws://127.0.0.1:PORT/v1/realtime`; a model goes behind it: `?model=gpt-realtime`."""
        return "ws" + self.url.removeprefix("http") + "/realtime"

    def environment(self) -> dict[str, str]:
        """What openai's clients read, for `monkeypatch.setenv` or a child process."""
        return {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": self.api_key}

    def client(self, **options: Any) -> OpenAI:
        """An openai client of this server."""
        return OpenAI(base_url=self.url, api_key=self.api_key, **options)

    def async_client(self, **options: Any) -> AsyncOpenAI:
        return AsyncOpenAI(base_url=self.url, api_key=self.api_key, **options)

    # -- what it does ----------------------------------------------------------------------------------------------

    def script(self, steps: Iterable[Step] | str | Path) -> None:
        """Replies for what comes from now on. Raises ScriptError."""
        self._mind.mind = _script(steps)

    @property
    def faults(self) -> Faults:
        """What goes wrong in connections that are still to come; may be set to a Faults or its text."""
        return self._app.faults

    @faults.setter
    def faults(self, faults: Faults | str | Iterable[str] | None) -> None:
        self._app.faults = _faults(faults)

    # -- what it saw -----------------------------------------------------------------------------------------------

    def wait_for_connection(self, count: int = 1, timeout: float = 5) -> ConnectionLog:
        """Block until the `count`-th session has begun; its log. Raises NothingCame."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.connections) >= count, timeout):
                raise NothingCame(f"After {timeout:g} s there were {len(self.connections)} connections, not {count}.")
        return self.connections[count - 1]

    async def wait_for_connection_async(self, count: int = 1, timeout: float = 5) -> ConnectionLog:  # noqa: ASYNC109 (as above)
        return await anyio.to_thread.run_sync(self.wait_for_connection, count, timeout, abandon_on_cancel=True)

    def _new_log(self) -> ConnectionLog:
        log = ConnectionLog(self._clock, keep_audio=self._keep_audio)
        with self._news:
            self.connections.append(log)
            self._news.notify_all()
        return log

    # -- from start to end -----------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Return once it can answer. `with` does this, and `stop` at its end."""
        if self._thread:
            raise RuntimeError("This mock server has been started before: make another one.")
        try:
            listener = listen("127.0.0.1", self._port)
        except CannotListen as why:
            raise CannotListen(f"{why} Without `port` it takes a free one.") from None
        ready = threading.Event()
        self._server = Server(self._app, ready.set, ping_interval_s=self._ping_interval_s)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="mock server", daemon=True
        )  # a daemon, so that a test which forgets to stop it ends all the same
        self._thread.start()
        if not ready.wait(_PATIENCE_S):
            raise RuntimeError(f"The mock server did not start within {_PATIENCE_S} s: is this computer overloaded?")
        self._url = base_url(listener)
        return self

    def stop(self) -> None:
        """Hang up on all clients (1012) and end; harmless if it has ended."""
        if self._thread and self._thread.is_alive():
            self._server.stop()
            self._thread.join(_PATIENCE_S)
        self._speech.close()
        for log in self.connections:
            log.end(1012)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await anyio.to_thread.run_sync(self.start)

    async def __aexit__(self, *_: object) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.stop)


class _Replaceable:
    """A mind that may be exchanged for another while the server runs; the rules, if nobody names one."""

    def __init__(self, mind: Mind | None) -> None:
        self.mind = mind

    async def reply(self, prompt: Prompt) -> AsyncIterator[Say | Call]:
        if self.mind is None:
            from .rules import Rules

            self.mind = Rules()
        async for piece in self.mind.reply(prompt):
            yield piece


def _script(steps: Iterable[Step] | str | Path) -> Script:
    if isinstance(steps, str | Path):
        return Script.from_file(steps)
    script = Script(steps)
    if not script.steps:
        raise ScriptError("The script is empty: it needs one step for each response.")
    return script


def _faults(faults: Faults | str | Iterable[str] | None) -> Faults:
    if faults is None or isinstance(faults, Faults):
        return faults or Faults()
    texts = [faults] if isinstance(faults, str) else list(faults)
    if isinstance(faults, dict) or not all(isinstance(text, str) for text in texts):
        raise FaultError(f"faults is a Faults or text such as 'refuse=20', or a list of texts, not {faults!r:.60}.")
    return Faults.parse(texts)
