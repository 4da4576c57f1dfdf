"""What holds for everything pytest runs, notebooks too.

It stands at the top, not in tests/, because pytest reads the conftest.py files above what it was asked for: also
`pytest notebooks/04_audio_output.ipynb` must not reach a paid service.
"""

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime_helpers.mock_child import MockChild

REHEARSAL_SPEED = "4"  # times life
MOCK_PACE = 16  # a faster rehearsal asks for faster replies than the usual 4 times life
PROCESSES = 3  # on two cores: most of a conversation is waiting

# No test can spend money: `mock` wins over every other setting, a learner's .env included, and no key is left to send.
for name in list(os.environ):
    if name.startswith(("REALTIME_", "OPENAI_", "AZURE_OPENAI_")):
        del os.environ[name]
os.environ["REALTIME_SERVICE"] = "mock"
os.environ["REALTIME_MOCK_CHAT_BASE_URL"] = "off"  # a chat model may cost money, too


@pytest.hookimpl(wrapper=True)  # before xdist reads its options
def pytest_cmdline_main(config: pytest.Config) -> Iterator[None]:
    """Whole folders are run by several processes, file by file. `-n 0`: by one."""
    options = config.option
    # a number: somebody said how many, or xdist is not there
    mine_to_say = getattr(options, "numprocesses", 0) is None and not hasattr(config, "workerinput")
    places = [config.invocation_params.dir / word.partition("::")[0] for word in config.args]
    if mine_to_say and any(place.is_dir() for place in places) and not options.usepdb and options.capture != "no":
        options.numprocesses, options.dist = PROCESSES, "loadfile"
    return (yield)


@functools.cache
def mock_server() -> MockChild:
    """The one mock server that all notebooks of this process share, started when the first of them is found."""
    return MockChild(pace=MOCK_PACE)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> None:
    if file_path.suffix == ".ipynb" and not parent.config.option.collectonly:
        mock_server()  # is loading its models while the other tests are collected


@contextlib.contextmanager
def kernel_environment() -> Iterator[None]:
    """What a notebook's kernel inherits; taken back at once, as other tests rehearse only where they say so."""
    settings = {
        "REALTIME_REHEARSAL": "1",
        "REALTIME_REHEARSAL_SPEED": REHEARSAL_SPEED,
        "REALTIME_MOCK_URL": mock_server().url(),
        "REALTIME_MOCK_API_KEY": mock_server().key,
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
