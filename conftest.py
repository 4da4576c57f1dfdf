"""What holds for everything pytest runs, notebooks too.

It stands at the top, not in tests/, because pytest reads the conftest.py files above what it was asked for: also
`pytest notebooks/04_audio_output.ipynb` must not reach a paid service.
"""

import atexit
import contextlib
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
REHEARSAL_SPEED = "4"  # times life
MOCK_PACE = (
    "16"  # the mock server's replies leave at 4 times life by default; a faster rehearsal asks for a faster pace
)

# No test can spend money: `mock` wins over every other setting, a learner's .env included, and no key is left to send.
for name in list(os.environ):
    if name.startswith(("REALTIME_", "OPENAI_", "AZURE_OPENAI_")):
        del os.environ[name]
os.environ["REALTIME_SERVICE"] = "mock"


class MockServer:
    """The one mock server that all notebooks of this run share, started when the first of them is."""

    _url: str | None = None
    key = secrets.token_urlsafe(16)

    def url(self) -> str:
        """`http://127.0.0.1:PORT/v1`, as soon as the server can answer; RuntimeError if it never can."""
        if self._url is None:
            self._url = self._start()
        return self._url

    def _start(self) -> str:
        command = [
            sys.executable,
            "-m",
            "realtime_helpers.mock_server",
            "--port",
            "0",
            "--pace",
            MOCK_PACE,
            "--until-eof",
        ]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "REALTIME_MOCK_API_KEY": self.key},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._stop, process)
        for line in process.stdout:
            if line.startswith("Ready: "):
                # go on reading, lest a talkative server should block on a full pipe
                threading.Thread(target=process.stdout.read, daemon=True).start()
                return line.removeprefix("Ready: ").strip()
        raise RuntimeError(f"The mock server ended (exit code {process.wait()}) before it was ready: see stderr above.")

    @staticmethod
    def _stop(process: subprocess.Popen) -> None:
        process.stdin.close()  # it ends when its standard input does
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


mock_server = MockServer()


@contextlib.contextmanager
def kernel_environment() -> Iterator[None]:
    """What a notebook's kernel inherits; taken back at once, as other tests rehearse only where they say so."""
    settings = {
        "REALTIME_REHEARSAL": "1",
        "REALTIME_REHEARSAL_SPEED": REHEARSAL_SPEED,
        "REALTIME_MOCK_URL": mock_server.url(),
        "REALTIME_MOCK_API_KEY": mock_server.key,
    }
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            del os.environ[name]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    if item.path.suffix != ".ipynb":
        return (yield)
    with kernel_environment():  # nbval starts a notebook's kernel in its first cell's setup
        return (yield)


def _no_skips_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"{reason}\nNothing may be skipped in CI (CI is set)."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    _no_skips_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    report = yield
    _no_skips_in_ci(report)
    return report
