"""An app on a real socket, for tests of what only a socket shows: pings, half-open clients, frames that are none."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from realtime_helpers.mock_server.app import create_app
from realtime_helpers.mock_server.clock import Clock
from realtime_helpers.mock_server.connection_log import ConnectionLog
from realtime_helpers.mock_server.engines import speech_on_demand
from realtime_helpers.mock_server.house import House
from realtime_helpers.mock_server.limits import Limits
from realtime_helpers.mock_server.script import Script
from realtime_helpers.mock_server.serving import Server, base_url, listen

KEY = "a-key-for-tests"


@dataclass
class Served:
    """`logs`: one for each session, in order."""

    url: str
    port: int
    logs: list[ConnectionLog] = field(default_factory=list)

    @property
    def websocket_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/realtime?model=gpt-realtime"


@contextmanager
def serve(*script: object, limits: Limits | None = None, ping_interval_s: float = 20, **house) -> Iterator[Served]:
    listener, ready = listen("127.0.0.1", 0), threading.Event()
    served = Served(base_url(listener), listener.getsockname()[1])

    def new_log() -> ConnectionLog:
        served.logs.append(ConnectionLog(Clock()))
        return served.logs[-1]

    speech = speech_on_demand()
    app = create_app(House(speech, Script(script), pace=1000, new_log=new_log, **house), KEY, limits)
    server = Server(app, ready.set, ping_interval_s=ping_interval_s)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield served
    finally:
        server.stop()
        thread.join(10)
        speech.close()
