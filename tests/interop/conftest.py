"""The mock server met by clients that were written for the real one."""

from collections.abc import Callable

import pytest

from realtime_helpers.mock_server.engines import ears

from ..mock_server.conftest import say  # noqa: F401 (a fixture)


@pytest.fixture
def hear() -> Callable[[bytes], str]:
    """PCM16 24 kHz mono -> what the server's own ears make of it, in lower case."""
    return lambda pcm: ears().transcribe(pcm).lower()
