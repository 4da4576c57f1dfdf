"""Tools and a caller who does not wait: a real connection, real turn detection, and the script of a mock server."""

import asyncio
from base64 import b64encode
from pathlib import Path

import numpy as np

from realtime_helpers.audio import float_to_pcm16, read_audio
from realtime_helpers.mock_server import Call, MockServer
from realtime_helpers.tools import ToolSet

RECORDINGS = Path(__file__).resolve().parent.parent / "notebooks" / "recordings"
LONG = "The coffee is hot, the beans are warm, the chili is neither, and the pancakes are still with the horse."


def spoken() -> str:
    """A short line and the silence that ends the turn, as base64."""
    line = read_audio(RECORDINGS / "06_tools" / "line_2.wav")
    return b64encode(float_to_pcm16(np.concatenate([line, np.zeros(24_000, np.float32)]))).decode()


def outputs(log):
    items = [e.event["item"] for e in log.received("conversation.item.create")]
    return [item["output"] for item in items if item["type"] == "function_call_output"]


async def test_a_caller_is_answered_while_a_slow_tool_is_at_work():
    go = asyncio.Event()

    async def slow() -> str:
        await go.wait()
        return "at last"

    tools, said = ToolSet([slow], log=None), []
    async with MockServer(script=[Call("slow", "{}"), "I hear you.", "It is done."]) as server:
        async with asyncio.timeout(30), server.async_client().realtime.connect(model="gpt-realtime") as connection:
            session = {"type": "realtime", "output_modalities": ["text"], "tools": tools.schema}
            await connection.session.update(session=session)
            await connection.response.create()
            async for event in connection:
                match event.type:
                    case "response.function_call_arguments.done":
                        await connection.input_audio_buffer.append(audio=spoken())
                    case "response.output_text.done":
                        said.append(event.text)
                await tools.handle(event, connection)
                if event.type == "response.done" and said:
                    go.set()
                    if len(said) == 2:
                        break
        log = server.connections[0]
    assert said == ["I hear you.", "It is done."]
    assert outputs(log) == ["at last"] and len(log.received("response.create")) == 2


async def test_a_cancelled_response_gets_its_output_and_the_next_turn_its_answer():
    def look() -> str:
        """Look."""
        return "seen"

    tools, statuses = ToolSet([look], log=None), []
    async with MockServer(script=[[Call("look", "{}"), LONG], "As I said."], pace=1) as server:
        async with asyncio.timeout(30), server.async_client().realtime.connect(model="gpt-realtime") as connection:
            await connection.session.update(session={"type": "realtime", "tools": tools.schema})
            await connection.response.create()
            interrupted = False
            async for event in connection:
                await tools.handle(event, connection)
                if event.type == "response.output_audio.delta" and not interrupted:
                    interrupted = True
                    await connection.input_audio_buffer.append(audio=spoken())
                if event.type == "response.done":
                    statuses.append(event.response.status)
                    if len(statuses) == 2:
                        break
        log = server.connections[0]
    assert statuses == ["cancelled", "completed"]
    assert outputs(log) == ["seen"]
    assert len(log.received("response.create")) == 1, "the turn that cancelled it brought an answer of its own"
    assert not log.sent("error")
