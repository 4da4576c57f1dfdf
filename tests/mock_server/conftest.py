"""Engines once for all tests of the server; a house and a talk of its own for each."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from realtime_helpers.audio import float_to_pcm16
from realtime_helpers.mock_server.house import House
from realtime_helpers.mock_server.ids import counted_ids
from realtime_helpers.mock_server.replies import Mind
from realtime_helpers.mock_server.script import Script
from realtime_helpers.mock_server.speech import Speech

from .talk import Talk


@pytest.fixture(scope="session")
def speech() -> Iterator[Speech]:
    loaded = Speech.load()
    yield loaded
    loaded.close()


@pytest.fixture
async def talk(speech: Speech) -> AsyncIterator[Callable[..., Talk]]:
    """`talk("one line", Call(...), pace=…)`: a session whose replies are these, one a response."""
    open_talks: list[Talk] = []

    def begin(*steps: object, pace: float = 1000, model: str = "gpt-realtime-2.1", mind: Mind | None = None) -> Talk:
        house = House(speech, mind or Script(steps), pace=pace, new_id=counted_ids())
        open_talks.append(Talk(house, model))
        return open_talks[-1]

    yield begin
    for one in open_talks:
        one.close()


@pytest.fixture(scope="session")
def say() -> Callable[[str], bytes]:
    """Real speech: text -> PCM16 24 kHz mono, with no silence around it."""
    from hibari import Hibari

    voice = Hibari()

    def speak(text: str) -> bytes:
        import numpy as np

        samples = voice(text, seed=1)
        loud = np.flatnonzero(np.abs(samples) > 0.02)
        return float_to_pcm16(samples[loud[0] : loud[-1] + 1])

    return speak
