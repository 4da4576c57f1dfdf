import asyncio

import pytest

from realtime_helpers.mock_server.conversation import Conversation
from realtime_helpers.mock_server.events import ProtocolError
from realtime_helpers.mock_server.input_buffer import BYTES_PER_MS
from realtime_helpers.mock_server.item import Item, told
from realtime_helpers.mock_server.replies import Call, CallOutput, Message
from realtime_helpers.mock_server.usage import response_usage


def message(item_id, role="user", **part):
    return Item({"id": item_id, "type": "message", "role": role, "content": [part]})


def spoken(item_id, words, ms):
    item = message(item_id, "assistant", type="output_audio", transcript=words)
    item.audio = bytes(ms * BYTES_PER_MS)
    return item


async def test_a_mind_is_told_what_was_heard_though_the_client_sees_no_transcript():
    heard = asyncio.get_running_loop().create_future()
    item = message("a", type="input_audio", transcript=None)
    item.heard = heard
    conversation = Conversation("conv", [item, message("b", "system", type="input_text", text="Hurry.")])
    conversation.add(Item({"id": "c", "type": "function_call", "name": "f", "arguments": "{}", "call_id": "1"}))
    conversation.add(Item({"id": "d", "type": "function_call_output", "call_id": "1", "output": "yes"}))
    telling = asyncio.create_task(told(conversation.items))
    await asyncio.sleep(0)
    assert not telling.done(), "the ears are still at it"
    heard.set_result("What is gravity?")
    assert await telling == (
        Message("user", "What is gravity?"),
        Message("system", "Hurry."),
        Call("f", "{}", "1"),
        CallOutput("1", "yes"),
    )


def test_truncation_leaves_what_was_heard():
    conversation = Conversation("conv", [spoken("a", "one two three four", 1000)])
    conversation.truncate("a", 500)
    item = conversation.find("a")
    assert (item.audio_ms, item.body["content"][0]["transcript"]) == (500, "one two")
    conversation.truncate("a", 0)
    conversation.truncate("a", 0)  # once more does no harm
    assert (item.audio_ms, item.body["content"][0]["transcript"]) == (0, "")


@pytest.mark.parametrize(("item", "ms"), [("a", 1001), ("a", -1), ("typed", 0)])
def test_truncation_of_what_is_not_there(item, ms):
    conversation = Conversation("conv", [spoken("a", "one", 1000), message("typed", type="input_text", text="hi")])
    with pytest.raises(ProtocolError):
        conversation.truncate(item, ms)
    assert conversation.find("a").audio_ms == 1000


def test_usage_adds_up():
    usage = response_usage("Be brief.", [spoken("a", "one two", 950)], [spoken("b", "three", 101)])
    assert usage["input_token_details"]["audio_tokens"] == 10
    assert usage["output_token_details"]["audio_tokens"] == 3
    assert usage["input_tokens"] == 10 + usage["input_token_details"]["text_tokens"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
