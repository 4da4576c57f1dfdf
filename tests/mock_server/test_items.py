"""Items by id: references, cancelling by id, and what an error says about which event."""

from realtime_helpers.mock_server.replies import Message

from .test_fields import Recorder


def typed(item_id, text, role="user"):
    kind = "output_text" if role == "assistant" else "input_text"
    return {"id": item_id, "type": "message", "role": role, "content": [{"type": kind, "text": text}]}


async def test_a_response_may_read_items_of_its_own_and_references(talk):
    mind = Recorder("Yes.")
    talk = talk(mind=mind)
    for item in (typed("a", "first"), typed("b", "second", "assistant"), typed("c", "third")):
        talk.send("conversation.item.create", item=item)
    wanted = [{"type": "item_reference", "id": "c"}, typed("own", "Be quick.", "system"), typed("d", "fourth")]
    aside = {"conversation": "none", "output_modalities": ["text"], "input": [*wanted]}
    talk.send("response.create", response=aside)
    await talk.until("response.done")
    assert mind.prompts[0].history == (
        Message("user", "third"),
        Message("system", "Be quick."),
        Message("user", "fourth"),
    )
    assert [item.id for item in talk.session.conversation.items] == ["a", "b", "c"], "its own stay its own"
    talk.send("response.create", response={**aside, "input": [{"type": "item_reference", "id": "zzz"}]})
    assert "zzz" in talk.last_error["message"]


async def test_an_empty_input_is_no_conversation_at_all(talk):
    mind = Recorder("Yes.")
    talk = talk(mind=mind)
    talk.type("Not for you.")
    talk.send("response.create", response={"conversation": "none", "output_modalities": ["text"], "input": []})
    await talk.until("response.done")
    assert mind.prompts[0].history == ()


async def test_a_response_is_cancelled_by_its_id(talk):
    talk = talk("One long line that takes its time to be said.", "Another one.", pace=1)
    talk.send("response.create", response={"conversation": "none"})
    talk.send("response.create")
    beside, main = [event["response"]["id"] for event in talk.of("response.created")]
    talk.send("response.cancel", response_id="resp_nobody")
    assert talk.last_error["code"] == "response_cancel_not_active"
    talk.send("response.cancel", response_id=beside)
    done = talk.of("response.done")[0]["response"]
    assert (done["id"], done["status"]) == (beside, "cancelled")
    talk.send("response.cancel")
    assert talk.of("response.done")[1]["response"]["id"] == main
    talk.send("response.cancel", response_id=main)
    assert talk.last_error["code"] == "response_cancel_not_active"


async def test_an_error_names_the_event_it_is_about(talk):
    talk = talk()
    talk.send("conversation.item.delete", item_id="nobody", event_id="mine")
    talk.send("session.update", session={"type": "realtime", "bogus": 1}, event_id="mine too")
    talk.send("input_audio_buffer.commit", event_id=None)
    assert [event["error"]["event_id"] for event in talk.of("error")] == ["mine", "mine too", None]


async def test_what_is_not_there_cannot_be_retrieved(talk):
    talk = talk()
    talk.send("conversation.item.retrieve", item_id="nobody")
    assert talk.last_error["code"] == "item_retrieve_invalid_item_id"


async def test_a_conversation_has_an_end(talk, monkeypatch):
    monkeypatch.setattr("realtime_helpers.mock_server.conversation.MAX_ITEMS", 3)
    talk = talk()
    for number in range(4):
        talk.type(str(number))
    assert talk.last_error["code"] == "conversation_full"
    talk.send("conversation.item.delete", item_id=talk.session.conversation.items[0].id)
    talk.type("again")
    assert len(talk.session.conversation.items) == 3
    monkeypatch.setattr("realtime_helpers.mock_server.conversation.MAX_STORED_BYTES", 100)
    talk.send("conversation.item.delete", item_id=talk.session.conversation.items[0].id)
    talk.type("x" * 101)
    assert len(talk.of("error")) == 2 and len(talk.session.conversation.items) == 2
    talk.type("short")
    assert len(talk.session.conversation.items) == 3, "what was refused takes no room"


async def test_an_id_of_the_clients_has_at_most_32_letters(talk):
    talk = talk()
    talk.send("conversation.item.create", item=typed("x" * 32, "fits"))
    talk.send("conversation.item.create", item=typed("x" * 33, "does not"))
    assert (talk.last_error["code"], talk.last_error["param"]) == ("string_above_max_length", "item.id")
    assert len(talk.session.conversation.items) == 1


async def test_what_is_for_webrtc_is_refused_by_name(talk):
    talk = talk()
    talk.send("output_audio_buffer.clear")
    assert "WebRTC" in talk.last_error["message"] and len(talk.of("error")) == 1
