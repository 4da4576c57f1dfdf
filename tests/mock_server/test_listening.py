"""What a listener's turns become in the conversation."""

from .talk import silence

MANUAL = {"type": "server_vad", "create_response": False}


def item(id):
    return {"id": id, "type": "message", "role": "user", "content": [{"type": "input_text", "text": "Mine."}]}


async def test_an_announced_id_cannot_be_taken(talk, say):
    one = talk()
    one.configure(audio={"input": {"turn_detection": MANUAL}})
    await one.speak(silence(0.4) + say("Tell me about gravity."))
    announced = (await one.until("input_audio_buffer.speech_started"))["item_id"]
    one.send("conversation.item.create", item=item(announced))
    assert one.last_error["code"] == "item_create_item_already_exists"
    await one.speak(silence(1))
    committed = await one.until("input_audio_buffer.committed")
    assert committed["item_id"] == announced
    (added,) = one.of("conversation.item.added")
    assert added["item"]["content"][0]["type"] == "input_audio"
    assert len(one.of("error")) == 1


async def test_after_a_turn_its_id_is_free_again(talk, say):
    one = talk()
    one.configure(audio={"input": {"turn_detection": MANUAL}})
    await one.speak(silence(0.4) + say("Tell me about gravity.") + silence(1))
    used = (await one.until("input_audio_buffer.committed"))["item_id"]
    one.send("conversation.item.delete", item_id=used)
    one.send("conversation.item.create", item=item(used))
    assert not one.of("error")
    assert one.session.conversation.find(used).body["content"][0]["type"] == "input_text"


async def test_silence_before_and_between_turns_is_not_kept(talk, say):
    one = talk()
    one.configure(audio={"input": {"turn_detection": MANUAL}})
    await one.speak(silence(20))
    assert one.session.listener.buffer.duration_ms < 2000
    await one.speak(say("Tell me about gravity.") + silence(20))
    assert len(one.of("input_audio_buffer.committed")) == 1
    assert one.session.listener.buffer.duration_ms < 2000


async def test_an_idle_timeout_finds_its_silence_whole(talk):
    one = talk()
    one.configure(audio={"input": {"turn_detection": {**MANUAL, "idle_timeout_ms": 6000}}})
    await one.speak(silence(20))
    turn, audio = one.session.listener.take_silence(6000)
    assert (turn.start_ms, len(audio)) == (14_000, 6000 * 48)
