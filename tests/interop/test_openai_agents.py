"""openai-agents' realtime runner: tools, audio both ways, interruption, handoff."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from agents import function_tool, set_tracing_disabled
from agents.realtime import RealtimeAgent, RealtimeRunner, RealtimeSession, realtime_handoff

from realtime_helpers.mock_server import Call, MockServer

LONG = "The moon goes around the earth once a month. " * 6
CHUNK = 4800  # bytes: 100 ms


@pytest.fixture(autouse=True)
def no_traces() -> None:
    """They would go to the real service."""
    set_tracing_disabled(True)


class Conversation:
    """Collects the session's events; an `error` event fails the test."""

    def __init__(self, session: RealtimeSession) -> None:
        self.session = session
        self.events: list = []

    async def until(self, wanted: str, count: int = 1) -> object:
        async with asyncio.timeout(20):
            while len(self.of(wanted)) < count:
                event = await anext(self._stream)
                assert event.type != "error", event.error
                self.events.append(event)
        return self.of(wanted)[count - 1]

    def of(self, type: str) -> list:
        return [event for event in self.events if event.type == type]

    def audio(self) -> bytes:
        return b"".join(event.audio.data for event in self.of("audio"))

    async def speak(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), CHUNK):
            await self.session.send_audio(pcm[start : start + CHUNK])

    async def __aenter__(self) -> "Conversation":
        await self.session.__aenter__()
        self._stream = aiter(self.session)
        return self

    async def __aexit__(self, *why: object) -> None:
        await self.session.__aexit__(*why)


@asynccontextmanager
async def conversation(server: MockServer, agent: RealtimeAgent, **settings: object) -> AsyncIterator[Conversation]:
    session = await RealtimeRunner(agent).run(
        model_config={
            "url": server.websocket_url + "?model=gpt-realtime",
            "api_key": server.api_key,
            "initial_model_settings": {"model_name": "gpt-realtime", **settings},
        }
    )
    async with Conversation(session) as talking:
        yield talking


async def test_a_tool_is_called_and_its_answer_used():
    asked: list[str] = []

    @function_tool
    def tide(place: str) -> str:
        """When the water is high."""
        asked.append(place)
        return "at noon"

    agent = RealtimeAgent(name="Harbour", instructions="Answer briefly.", tools=[tide])
    script = [Call("tide", '{"place": "Kiel"}'), "High water is at noon."]
    async with (
        MockServer(script) as server,
        conversation(server, agent, output_modalities=["text"]) as talking,
    ):
        await talking.session.send_message("When is high water in Kiel?")
        ended = await talking.until("tool_end")
        log = await server.wait_for_connection_async()
        await log.wait_for_async("response.done", count=2)
        assert asked == ["Kiel"] and ended.output == "at noon"
        outputs = [e.event["item"] for e in log.received("conversation.item.create")][-1]
        assert (outputs["type"], outputs["output"]) == ("function_call_output", "at noon")
        assert log.transcript()[-1] == ("assistant", "High water is at noon.")
        assert log.session["instructions"] == "Answer briefly."
        assert [tool["name"] for tool in log.session["tools"]] == ["tide"]
        await talking.until("agent_end", count=2)
        assert not log.sent("error")


async def test_audio_in_is_understood_and_audio_out_says_the_reply(say: Callable, hear: Callable):
    agent = RealtimeAgent(name="Harbour", instructions="Answer briefly.")
    async with MockServer(["The water is high at seven."]) as server, conversation(server, agent) as talking:
        await talking.speak(say("When is the water high?") + bytes(96_000))
        await talking.until("audio_end")
        log = await server.wait_for_connection_async()
        await log.wait_for_async("conversation.item.input_audio_transcription.completed", timeout=20)
        (_, heard), (_, said) = log.transcript()
        assert "water" in heard.lower() and said == "The water is high at seven."
        assert "water is high at seven" in hear(talking.audio())
        assert not log.sent("error")


async def test_a_barge_in_stops_the_reply(say: Callable):
    agent = RealtimeAgent(name="Astronomer", instructions="Tell long stories.")
    async with MockServer([LONG, "Yes?"], pace=2) as server, conversation(server, agent) as talking:
        await talking.session.send_message("Tell me about the moon.")
        first = await talking.until("audio")
        await talking.speak(say("Stop, please wait a moment.") + bytes(96_000))
        interrupted = await talking.until("audio_interrupted")
        assert interrupted.item_id == first.item_id
        log = await server.wait_for_connection_async()
        statuses = []
        await log.wait_for_async("response.done", count=2, timeout=20)
        statuses = [e.event["response"]["status"] for e in log.sent("response.done")]
        assert statuses == ["cancelled", "completed"]
        (truncate,) = log.received("conversation.item.truncate")
        assert truncate.event["item_id"] == first.item_id
        (truncated,) = log.sent("conversation.item.truncated")
        assert truncated.event["audio_end_ms"] == truncate.event["audio_end_ms"]
        assert not log.sent("error")


async def test_a_handoff_gives_the_session_to_the_other_agent():
    night = RealtimeAgent(name="Night", instructions="You work at night.")
    day = RealtimeAgent(name="Day", instructions="You work by day.", handoffs=[realtime_handoff(night)])
    script = [Call("transfer_to_night", "{}"), "Good evening."]
    async with (
        MockServer(script) as server,
        conversation(server, day, output_modalities=["text"]) as talking,
    ):
        await talking.session.send_message("It is late.")
        handoff = await talking.until("handoff")
        assert (handoff.from_agent.name, handoff.to_agent.name) == ("Day", "Night")
        log = await server.wait_for_connection_async()
        await log.wait_for_async("response.done", count=2)
        assert log.session["instructions"] == "You work at night." and not log.session["tools"]
        assert log.transcript()[-1] == ("assistant", "Good evening.")
        assert not log.sent("error")
