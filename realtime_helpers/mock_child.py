"""The mock server as this kernel's child: started once, dead when the kernel is."""

import atexit
import os
import secrets
import subprocess
import sys
import threading
from collections import deque

from .chat_setting import ChatModelSetting, chat_model
from .errors import LearnerError
from .rehearsal_setting import rehearsal_speed, rehearsing

_PATIENCE_S = 60
_READY = "Ready: "


class MockServerError(LearnerError):
    """The mock server did not start."""


class MockChild:
    """A running (or starting) mock server. It ends when its standard input closes, so it cannot outlive this process,
    however that ends; it is in a process group of its own, so the kernel's stop button does not reach it."""

    def __init__(self, *, pace: float, chat: ChatModelSetting | None = None) -> None:
        """`chat`: who answers; None: the server's own rules."""
        self.key = "mock-" + secrets.token_urlsafe(18)
        self.chat = chat
        hidden = ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "REALTIME_MOCK_CHAT_API_KEY")
        keys = {"REALTIME_MOCK_API_KEY": self.key}
        command = [sys.executable, "-m", "realtime_helpers.mock_server"]
        command += ["--port", "0", "--until-eof", "--pace", str(pace)]
        if chat:
            command += [f"--chat-base-url={chat.base_url}", f"--chat-model={chat.model}"]
            keys |= {"REALTIME_MOCK_CHAT_API_KEY": chat.key} if chat.key else {}
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # On the command line every user of this computer could read it.
            env=environment | keys | {"PYTHONUNBUFFERED": "1"},
            **_own_group(),
        )
        self._url: str | None = None
        self._settled = threading.Event()  # ready, or ended
        self._complaints: deque[str] = deque(maxlen=20)
        self._complaining = threading.Thread(target=self._read_stderr, daemon=True)
        self._complaining.start()
        threading.Thread(target=self._read_stdout, daemon=True).start()
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ended(self, within_s: float = 0.5) -> bool:
        """Whether it has ended, or does so now: a dying process drops its connections first."""
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def url(self) -> str:
        """`http://127.0.0.1:PORT/v1`, once it can answer. Blocks for the second or two that takes.

        Raises:
            MockServerError: it ended instead, with what it said last.
        """
        self._settled.wait(_PATIENCE_S)
        if self._url is None:
            self.stop()
            self._complaining.join(2)
            last = next((line for line in reversed(self._complaints) if line.strip()), "it said nothing").strip()
            raise MockServerError(
                f"The mock server did not start: {last} Restart the kernel and try again; if it stays so, run "
                "`python -m realtime_helpers.mock_server` in a terminal to see more."
            )
        return self._url

    def stop(self) -> None:
        """End it; harmless if it has ended."""
        if self.alive:
            try:
                self._process.stdin.close()
                self._process.wait(5)
            except (OSError, subprocess.TimeoutExpired):
                self._process.kill()
                self._process.wait()

    def _read_stdout(self) -> None:
        for line in self._process.stdout:
            if line.startswith(_READY):
                self._url = line.removeprefix(_READY).strip()
                self._settled.set()
        self._settled.set()

    def _read_stderr(self) -> None:
        self._complaints.extend(self._process.stderr)


_child: MockChild | None = None
_one_at_a_time = threading.Lock()


def mock_child(pace: float) -> MockChild:
    """This kernel's mock server, starting it if there is none or the last one has ended. Returns at once.

    Raises:
        SettingError: the settings name half a chat model.
    """
    global _child
    with _one_at_a_time:
        if _child is None or not _child.alive:
            _child = MockChild(pace=pace, chat=chat_model())
        return _child


def pace() -> float:
    """How fast replies must leave: four times as fast as they are played, as from the real service."""
    return 4 * (rehearsal_speed() if rehearsing() else 1)


def _own_group() -> dict:
    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
