"""openai-agents' voice pipeline: speech to text, chat with a tool, text to speech, each by a request of its own."""

from collections.abc import Callable

import numpy as np
import pytest
from agents import Agent, OpenAIChatCompletionsModel, function_tool, set_tracing_disabled
from agents.voice import AudioInput, SingleAgentVoiceWorkflow, VoicePipeline
from agents.voice.models.openai_stt import OpenAISTTModel
from agents.voice.models.openai_tts import OpenAITTSModel

from realtime_helpers.mock_server import Call, MockServer


@pytest.fixture(autouse=True)
def no_traces() -> None:
    """They would go to the real service."""
    set_tracing_disabled(True)


async def test_a_cascade_hears_calls_and_speaks(say: Callable, hear: Callable):
    asked: list[str] = []

    @function_tool
    def tide(place: str) -> str:
        """When the water is high."""
        asked.append(place)
        return "at noon"

    script = [Call("tide", '{"place": "Kiel"}'), "High water is at noon."]
    async with MockServer(script) as server, server.async_client() as client:
        chat = OpenAIChatCompletionsModel("gpt-5.4-mini", client)
        agent = Agent(name="Harbour", instructions="Answer briefly.", tools=[tide], model=chat)
        workflow = SingleAgentVoiceWorkflow(agent)
        pipeline = VoicePipeline(
            workflow=workflow,
            stt_model=OpenAISTTModel("gpt-transcribe", client),
            tts_model=OpenAITTSModel("gpt-4o-mini-tts", client),
        )
        spoken = np.frombuffer(say("When is the water high?"), np.int16)
        result = await pipeline.run(AudioInput(buffer=spoken))
        pieces = [e.data.astype("<i2").tobytes() async for e in result.stream() if e.type == "voice_stream_event_audio"]
    assert asked == ["Kiel"]
    assert "water high" in workflow._input_history[0]["content"].lower()
    assert "water is at noon" in hear(b"".join(pieces))
