"""A pytest fixture, `mock_server`: a MockServer for one test. Ten lines that run as they stand:

    pytest_plugins = ["realtime_helpers.mock_server.pytest_plugin"]


    def test_the_agent_greets(mock_server):
        mock_server.script(["Hello! What can I do for you?"])
        with mock_server.client() as client, client.realtime.connect(model="gpt-realtime") as agent:
            agent.response.create(response={"output_modalities": ["text"]})
            log = mock_server.wait_for_connection()
            log.wait_for("response.done")
        assert log.transcript() == [("assistant", "Hello! What can I do for you?")]

`@pytest.mark.mock_server(...)` takes MockServer's arguments: `script=[...]`, `faults="drop_after_ms=1500"`, `pace=4`.
For that the first line must be in the `conftest.py` beside your pytest settings, as pytest learns of markers there.
"""

from collections.abc import Iterator

import pytest

from .fixture import MockServer

_SERVER: pytest.StashKey[MockServer] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mock_server(script, faults, ...): what this test's MockServer is made with")


@pytest.fixture
def mock_server(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    """A server with the built-in rules, or with what the marker asks for."""
    marker = request.node.get_closest_marker("mock_server")
    args, options = (marker.args, marker.kwargs) if marker else ((), {})
    with MockServer(*args, **options) as server:
        request.node.stash[_SERVER] = server
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What came over the wire stands in the report of a test that failed."""
    report = yield
    if report.failed and report.when == "call" and _SERVER in item.stash:
        for number, log in enumerate(item.stash[_SERVER].connections, 1):
            report.sections.append((f"mock_server, connection {number}", str(log)))
    return report
