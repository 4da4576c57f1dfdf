"""What a careless or hostile client sends, and what must not come of it."""

import asyncio
import gc
import json
import logging
from base64 import b64encode

import pytest
import websockets
from starlette.datastructures import Headers

from realtime_helpers.mock_server.door import foreign_origin
from realtime_helpers.mock_server.events import ProtocolError, decode, validate

from .talk import silence
from .test_app import KEY, connect, ready_url, start

LINE = "Two hundred ninety nine thousand kilometres a second, and nobody may hurry it."


def test_null_is_the_same_as_left_out(talk):
    talk = talk()
    before = talk.events[0]["session"]
    null_side = {"output": {"voice": None, "speed": None, "format": None}, "input": {"format": None}}
    talk.configure(audio=null_side, tools=None, instructions=None, output_modalities=None, max_output_tokens=None)
    assert talk.events[-1]["session"] == before
    talk.configure(audio={"input": {"turn_detection": None}})
    assert talk.events[-1]["session"]["audio"]["input"]["turn_detection"] is None, "here null means off"


@pytest.mark.parametrize("modalities", [[], ["audio", "text"], ["text", "text"]])
def test_one_modality_is_asked_for(talk, modalities):
    talk = talk()
    talk.configure(output_modalities=modalities)
    talk.send("response.create", response={"output_modalities": modalities})
    errors = [e["error"] for e in talk.of("error")]
    assert [e["param"] for e in errors] == ["session.output_modalities", "response.output_modalities"]
    assert not talk.of("response.created")


def nested(levels: int) -> dict:
    """As a frame brings it: orjson reads 1024 levels."""
    return json.loads('{"a":' * levels + "1" + "}" * levels)


@pytest.mark.parametrize("levels", [210, 260, 900])
@pytest.mark.parametrize("type", ["input_audio_buffer.append", "session.update"])
def test_an_event_too_deep_to_be_sent_back_is_refused(type, levels):
    tool = {"type": "function", "name": "deep", "parameters": nested(levels)}
    event = {"type": type, "audio": "", "session": {"type": "realtime", "tools": [tool]}, "deep": nested(levels)}
    with pytest.raises(ProtocolError) as refused:
        validate(decode(json.dumps(event)))
    assert (refused.value.code, refused.value.message) == ("invalid_json", "The event is nested too deeply.")


def test_a_tool_as_deep_as_is_taken_is_shown_again(talk):
    talk = talk()
    talk.configure(tools=[{"type": "function", "name": "deep", "parameters": nested(150)}])
    assert talk.events[-1]["type"] == "session.updated"


def test_an_unknown_type_is_not_echoed_at_length(talk):
    talk = talk()
    talk.send("x" * 1_000_000)
    assert len(talk.last_error["message"]) < 1000


@pytest.mark.parametrize("origin", ["http://[", "http://]/", "null", ""])
def test_an_origin_that_is_none_is_foreign(origin):
    assert foreign_origin(Headers({"origin": origin}))


def test_a_content_part_without_a_type(talk):
    talk = talk()
    for part in ({"text": "Hello."}, {"type": None, "text": "Hello."}):
        talk.send("conversation.item.create", item={"type": "message", "role": "user", "content": [part]})
        assert talk.last_error["code"] == "missing_required_parameter"
        assert talk.last_error["param"] == "item.content[0].type"


def test_an_empty_id_is_no_id(talk):
    talk = talk()
    talk.send("conversation.item.create", item={"id": "", "type": "message", "role": "user", "content": []})
    call = {"type": "function_call", "name": "f", "arguments": "{}", "call_id": ""}
    talk.send("conversation.item.create", item=call)
    message, call = (event["item"] for event in talk.of("conversation.item.done"))
    assert message["id"] and call["call_id"]


def test_truncating_an_assistant_item_of_the_clients_own(talk):
    """It may lack the transcript."""
    talk = talk()
    item = {"id": "mine", "type": "message", "role": "assistant", "content": [{"type": "output_audio"}]}
    talk.send("conversation.item.create", item=item)
    talk.send("conversation.item.truncate", item_id="mine", content_index=0, audio_end_ms=0)
    assert talk.events[-1]["type"] == "conversation.item.truncated"


async def test_a_part_that_no_assistant_item_has_cannot_be_truncated(talk):
    talk = talk(LINE)
    talk.send("response.create")
    item_id = (await talk.until("response.done"))["response"]["output"][0]["id"]
    talk.send("conversation.item.truncate", item_id=item_id, content_index=1, audio_end_ms=10)
    assert talk.last_error["param"] == "content_index"


async def test_truncate_may_come_before_cancel(talk):
    """As the Agents SDK sends them: the item is still being said, and what was not heard must not come back."""
    talk = talk(LINE, pace=4)
    talk.send("response.create")
    delta = await talk.until("response.output_audio.delta", 8)
    where = {"item_id": delta["item_id"], "content_index": 0}
    sent_ms = len(talk.spoken(delta["item_id"])) // 48
    talk.send("conversation.item.truncate", **where, audio_end_ms=sent_ms + 1)
    assert talk.last_error["code"] == "invalid_value", "nobody heard what was not sent"
    talk.send("conversation.item.truncate", **where, audio_end_ms=300)
    assert talk.events[-1]["type"] == "conversation.item.truncated"
    talk.send("response.cancel")
    talk.send("conversation.item.retrieve", item_id=delta["item_id"])
    part = talk.events[-1]["item"]["content"][0]
    assert len(part["audio"]) * 3 / 4 / 48 == pytest.approx(300, abs=1)
    assert len(part["transcript"]) < len("".join(e["delta"] for e in talk.of("response.output_audio_transcript.delta")))


async def test_the_voice_cannot_change_while_it_speaks(talk):
    talk = talk(LINE, pace=4)
    talk.send("response.create")
    await talk.until("response.output_audio.delta")
    talk.configure(audio={"output": {"voice": "cedar"}})
    assert talk.last_error["code"] == "cannot_update_voice"


def test_a_conversation_keeps_half_an_hour_of_audio(talk):
    talk = talk()
    minute = b64encode(silence(60)).decode()
    for _ in range(33):
        part = {"type": "output_audio", "audio": minute, "transcript": "Hm."}
        talk.send("conversation.item.create", item={"type": "message", "role": "assistant", "content": [part]})
    items = talk.session.conversation.items
    assert [item.audio_ms for item in items] == [0] * 3 + [60_000] * 30
    assert items[0].body["content"] == [{"type": "output_audio", "transcript": "Hm."}], "its words stay"


@pytest.mark.parametrize("seconds_of_silence", [0.3, 0.6])
async def test_hanging_up_leaves_nothing_running(talk, say, caplog, seconds_of_silence):
    """While the silence window runs, with work begun early, and while a reply is made."""
    talk = talk(f"{LINE} " * 12, pace=4)  # more than is made ahead
    talk.configure(audio={"input": {"transcription": {"model": "gpt-transcribe"}}})
    others = asyncio.all_tasks()
    await talk.speak(silence(0.5) + say("What is the speed of light?") + silence(seconds_of_silence))
    running = asyncio.all_tasks() - others
    assert running, "or this tests nothing"
    talk.close()
    count = len(talk.events)
    with caplog.at_level(logging.ERROR, "asyncio"):
        async with asyncio.timeout(5):
            await asyncio.gather(*running, return_exceptions=True)
        gc.collect()
    late = [task for task in asyncio.all_tasks() - others if "mock_server" in task.get_coro().cr_code.co_filename]
    assert not late
    assert len(talk.events) == count, "nobody is there to be told"
    assert not caplog.records


async def test_nothing_that_clients_do_reaches_the_log(say):
    """Hang-ups at every stage, frames that are no events, an odd origin, and the end of everything mid-reply."""
    process = await asyncio.to_thread(start, "--port", "0", "--until-eof", key=KEY)
    server = await asyncio.to_thread(ready_url, process)
    audio = {
        "type": "input_audio_buffer.append",
        "audio": b64encode(silence(0.4) + say("Tell me about light.")).decode(),
    }
    for events in ([], [audio], [audio, {"type": "input_audio_buffer.commit"}], [audio, {"type": "response.create"}]):
        async with connect(server) as socket:
            for event in events:
                await socket.send(json.dumps(event))
                await socket.recv()
            socket.transport.abort()
    for frame in ("x" * 17_000_000, "[" * 5000, '{"type": "\\ud800"}', b"\x00", b"\xff"):
        async with connect(server) as socket:
            await socket.recv()
            try:
                await socket.send(frame, text=True if frame == b"\xff" else None)
                assert json.loads(await socket.recv())["type"] == "error"
            except websockets.ConnectionClosedError as closed:
                assert closed.rcvd.code in (1007, 1009), "not UTF-8, or too big"
    with pytest.raises(websockets.InvalidStatus) as refused:
        await connect(server, Origin="http://[")
    assert refused.value.response.status_code == 403
    async with connect(server) as socket:
        await socket.send(json.dumps({"type": "response.create"}))
        while "output_audio.delta" not in await socket.recv():
            pass
        _, complaint = await asyncio.to_thread(process.communicate, timeout=10)
    assert (process.returncode, complaint) == (0, "")
