"""The order and shape of events, as docs and recordings of the real service have them. Audio is real speech."""

import asyncio
import json
from base64 import b64encode

import pytest

from realtime_helpers.mock_server.clock import Clock
from realtime_helpers.mock_server.house import House
from realtime_helpers.mock_server.replies import Call, Say
from realtime_helpers.mock_server.script import Script

from .talk import Talk, silence

TURN_ENDS = [
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
]
MESSAGE_OPENS = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
]
MESSAGE_CLOSES = [
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]
QUESTION = "What is the speed of light?"
LINE = "Two hundred ninety nine thousand kilometres a second, and nobody may hurry it."


async def ask(talk, say, text=QUESTION, after=0.9):
    await talk.speak(silence(0.6) + say(text) + silence(after))


async def test_a_session_begins_with_the_services_defaults(talk):
    talk = talk()
    (created,) = talk.events
    session = created["session"]
    assert created["type"] == "session.created"
    assert session["audio"]["input"]["turn_detection"] == {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    }
    assert (session["output_modalities"], session["audio"]["output"]["voice"]) == (["audio"], "marin")


async def test_a_text_turn(talk):
    talk = talk("Gravity pulls.")
    talk.configure(output_modalities=["text"])
    talk.type("What does gravity do?")
    talk.send("response.create", response={"metadata": {"topic": "gravity"}})
    await talk.until("rate_limits.updated")
    assert talk.types(1) == [
        "session.updated",
        "conversation.item.added",
        "conversation.item.done",
        *MESSAGE_OPENS,
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    created, done = talk.of("response.created")[0]["response"], talk.of("response.done")[0]["response"]
    assert created["metadata"] == done["metadata"] == {"topic": "gravity"}
    assert done["output"][0]["content"] == [{"type": "output_text", "text": "Gravity pulls."}]
    usage = done["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["output_tokens"] == usage["output_token_details"]["text_tokens"] > 0


async def test_an_audio_turn(talk, say, speech):
    talk = talk(LINE)
    await ask(talk, say)
    await talk.until("response.done")
    order = talk.types(1)
    deltas = {"response.output_audio.delta", "response.output_audio_transcript.delta"}
    assert order[0] == "input_audio_buffer.speech_started"
    assert [kind for kind in order[1:] if kind not in deltas] == [*TURN_ENDS, *MESSAGE_OPENS, *MESSAGE_CLOSES]
    assert deltas < set(order)
    started, stopped = talk.of("input_audio_buffer.speech_started")[0], talk.of(TURN_ENDS[0])[0]
    assert 250 <= started["audio_start_ms"] <= 450, "0.6 s of silence less 300 ms of padding"
    user, reply = (event["item"] for event in talk.of("conversation.item.done"))
    assert user["id"] == started["item_id"] == stopped["item_id"]
    assert user["content"] == [{"type": "input_audio", "transcript": None}], "nobody asked for a transcription"
    assert reply["content"] == [{"type": "output_audio", "transcript": LINE}]
    spoken = talk.spoken(reply["id"])
    heard = await speech.transcribe(spoken)
    assert "kilometers a second" in heard.lower().replace("kilometres", "kilometers")
    words = "".join(e["delta"] for e in talk.of("response.output_audio_transcript.delta"))
    assert words == LINE


async def test_transcription_only_where_asked_for_and_deltas_join(talk, say):
    talk = talk(LINE)
    talk.configure(audio={"input": {"transcription": {"model": "gpt-transcribe"}}})
    await ask(talk, say)
    kind = "conversation.item.input_audio_transcription"
    completed = await talk.until(f"{kind}.completed")
    assert "speed of light" in completed["transcript"].lower()
    assert "".join(e["delta"] for e in talk.of(f"{kind}.delta")) == completed["transcript"]
    assert completed["item_id"] == talk.of("input_audio_buffer.committed")[0]["item_id"]
    talk.send("conversation.item.retrieve", item_id=completed["item_id"])
    part = (await talk.until("conversation.item.retrieved"))["item"]["content"][0]
    assert part["transcript"] == completed["transcript"] and len(part["audio"]) > 40_000


async def test_barge_in_closes_the_reply_before_anything_else(talk, say):
    talk = talk(LINE * 3, "Entropy grows.", pace=1)
    await ask(talk, say)
    delta = await talk.until("response.output_audio.delta", 4)
    before = len(talk.events)
    await talk.speak(say("Wait, stop, what is entropy?") + silence(0.2))
    done = (await talk.until("response.done"))["response"]
    ended = [k for k in talk.types(before) if not k.endswith(".delta")]
    assert ended[:7] == ["input_audio_buffer.speech_started", *MESSAGE_CLOSES]
    assert done["status"] == "cancelled"
    assert done["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert done["usage"]["total_tokens"] > 0
    (item,) = done["output"]
    assert item["status"] == "incomplete"
    said = item["content"][0]["transcript"]
    assert LINE.startswith(said[:20]) and len(said) < len(LINE * 3)
    talk.send("conversation.item.truncate", item_id=delta["item_id"], content_index=0, audio_end_ms=200)
    assert talk.events[-1]["type"] == "conversation.item.truncated"
    await talk.speak(silence(0.9))
    assert (await talk.until("response.done", 2))["response"]["status"] == "completed"


async def test_no_reply_and_no_interruption_where_they_are_switched_off(talk, say):
    talk = talk(LINE, pace=1)
    talk.configure(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
    await ask(talk, say)
    assert talk.types()[-1] == "conversation.item.done"
    patient = {"type": "server_vad", "create_response": True, "interrupt_response": False}
    talk.configure(audio={"input": {"turn_detection": patient}})
    talk.send("response.create")
    await talk.until("response.output_audio.delta")
    await ask(talk, say)
    active = talk.of("response.created")[0]["response"]["id"]
    assert not talk.of("response.done"), "the reply goes on"
    assert (
        talk.last_error["code"] == "conversation_already_has_active_response" and active in talk.last_error["message"]
    )


@pytest.mark.parametrize(("window_ms", "turns"), [(300, 2), (2000, 1)])
async def test_the_silence_window_decides_what_is_one_turn(talk, say, window_ms, turns):
    talk = talk(*["Yes."] * 3)
    detection = {"type": "server_vad", "silence_duration_ms": window_ms, "create_response": False}
    talk.configure(audio={"input": {"turn_detection": detection}})
    await ask(talk, say, "Tell me about gravity.", after=0.9)
    await ask(talk, say, "And about light.", after=2.5)
    assert len(talk.of("input_audio_buffer.committed")) == turns


async def test_work_begun_in_a_pause_is_thrown_away_when_speech_goes_on(talk, say):
    talk = talk("Only one reply.", "never said")
    await ask(talk, say, "Tell me about gravity.", after=0.35)
    await talk.speak(say("And about light.") + silence(0.9))
    await talk.until("response.done")
    assert len(talk.of("response.created")) == 1
    talk.send("conversation.item.retrieve", item_id=talk.of("input_audio_buffer.committed")[0]["item_id"])
    heard = await talk.session.conversation.items[0].heard
    assert "gravity" in heard.lower() and "light" in heard.lower()


async def test_a_reply_made_early_is_not_used_if_the_conversation_has_moved_on(talk, say):
    """Its prompt lacks what was added since."""

    class Counts:
        async def reply(self, prompt):
            yield Say(f"I know {len(prompt.history)} things.")

    talk = talk(mind=Counts())
    await ask(talk, say, after=0.4)
    guess = talk.session.listener._turn.guess
    assert guess.reply is not None
    talk.type("And another thing.")
    await talk.speak(silence(0.5))
    reply = (await talk.until("response.done"))["response"]["output"][0]
    assert reply["content"][0]["transcript"] == "I know 2 things."


async def test_push_to_talk(talk, say):
    talk = talk("Understood.")
    talk.configure(audio={"input": {"turn_detection": None}})
    await talk.speak(say(QUESTION))
    assert not talk.of("input_audio_buffer.speech_started")
    talk.send("input_audio_buffer.commit")
    assert talk.types(2) == ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
    talk.send("response.create")
    await talk.until("response.done")
    assert "speed of light" in (await talk.session.conversation.items[0].heard).lower()


async def test_commit_of_next_to_nothing(talk):
    talk = talk()
    talk.configure(audio={"input": {"turn_detection": None}})
    await talk.speak(silence(0.05))
    talk.send("input_audio_buffer.commit", event_id="mine")
    assert (talk.last_error["code"], talk.last_error["event_id"]) == ("input_audio_buffer_commit_empty", "mine")
    await talk.speak(silence(0.05))
    talk.send("input_audio_buffer.clear")
    talk.send("input_audio_buffer.commit")
    assert len(talk.of("error")) == 2, "what was cleared does not count"


async def test_function_calls_beside_a_message(talk):
    arguments = json.dumps({"date": "2026-12-01"})
    talk = talk([Say("One moment."), Call("check", arguments), Call("check", arguments)], "It is free.")
    talk.configure(output_modalities=["text"])
    talk.type("Is a table free?")
    talk.send("response.create")
    done = (await talk.until("response.done"))["response"]
    assert [item["type"] for item in done["output"]] == ["message", "function_call", "function_call"]
    one, two = done["output"][1:]
    assert one["call_id"] != two["call_id"] and one["arguments"] == arguments
    since = next(i for i, e in enumerate(talk.events) if e.get("item", {}).get("type") == "function_call")
    assert talk.types(since)[:6] == [
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
    ]
    assert talk.events[since]["item"]["arguments"] == ""
    for call in (two, one):  # in any order
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": "true"}
        talk.send("conversation.item.create", item=output)
    talk.send("response.create")
    assert (await talk.until("response.done", 2))["response"]["output"][0]["content"][0]["text"] == "It is free."


async def test_the_output_of_a_call_that_nobody_made(talk):
    talk = talk()
    talk.send("conversation.item.create", item={"type": "function_call_output", "call_id": "call_x", "output": ""})
    assert talk.last_error["code"] == "invalid_tool_call_id"


async def test_cancel(talk):
    talk = talk(LINE, pace=1)
    talk.send("response.cancel")
    assert talk.last_error["code"] == "response_cancel_not_active"
    talk.type(QUESTION)
    talk.send("response.create")
    await talk.until("response.output_audio.delta")
    talk.send("response.cancel")
    done = (await talk.until("response.done"))["response"]
    assert done["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    await talk.until("rate_limits.updated")
    count = len(talk.events)
    await asyncio.sleep(0.2)  # nothing may come: there is no event to wait for
    assert len(talk.events) == count


async def test_one_response_at_a_time_but_others_out_of_band(talk):
    talk = talk("Aside.", "Aside.", pace=1)
    talk.type(QUESTION)
    talk.send("response.create")
    talk.send("response.create")
    assert talk.last_error["code"] == "conversation_already_has_active_response"
    aside = {"conversation": "none", "output_modalities": ["text"], "input": [], "metadata": {"kind": "aside"}}
    talk.send("response.create", response=aside)
    done = await talk.until(lambda e: e["type"] == "response.done" and e["response"]["metadata"] is not None)
    assert done["response"]["conversation_id"] is None
    item_id = done["response"]["output"][0]["id"]
    shown = [e for e in talk.events if e["type"].startswith("conversation.item") and e["item"]["id"] == item_id]
    assert not shown, "it belongs to no conversation"


async def test_a_mind_that_fails_fails_the_response_only(talk):
    talk = talk("Only one line.")
    talk.configure(output_modalities=["text"])
    for count in (1, 2):
        talk.type(QUESTION)
        talk.send("response.create")
        await talk.until("response.done", count)
    failed = talk.of("response.done")[1]["response"]
    assert (failed["status"], failed["status_details"]["type"]) == ("failed", "failed")
    talk.type("Still there?")
    assert talk.types()[-1] == "conversation.item.done"


async def test_items_go_where_they_are_told(talk):
    talk = talk()

    def add(item_id, after=None):
        content = [{"type": "input_text", "text": item_id}]
        item = {"id": item_id, "type": "message", "role": "user", "content": content}
        talk.send("conversation.item.create", item=item, previous_item_id=after)

    add("b")
    add("a", "root")
    add("c", "b")
    add("between", "a")
    assert [i.id for i in talk.session.conversation.items] == ["a", "between", "b", "c"]
    assert talk.of("conversation.item.added")[-1]["previous_item_id"] == "a"
    add("a")
    assert talk.last_error["code"] == "item_create_item_already_exists"
    add("d", "nowhere")
    assert talk.last_error["code"] == "item_create_invalid_previous_item_id"
    talk.send("conversation.item.delete", item_id="b")
    talk.send("conversation.item.delete", item_id="b")
    assert talk.of("conversation.item.deleted")[0]["item_id"] == "b"
    assert talk.last_error["code"] == "item_delete_invalid_item_id"


async def test_truncation_cuts_audio_and_words(talk):
    talk = talk(LINE)
    talk.type(QUESTION)
    talk.send("response.create")
    item_id = (await talk.until("response.done"))["response"]["output"][0]["id"]
    whole_ms = len(talk.spoken(item_id)) // 48
    where = {"item_id": item_id, "content_index": 0}
    talk.send("conversation.item.truncate", **where, audio_end_ms=whole_ms + 100)
    assert talk.last_error["code"] == "invalid_value" and str(whole_ms) in talk.last_error["message"]
    talk.send("conversation.item.truncate", **where, audio_end_ms=whole_ms // 2)
    talk.send("conversation.item.retrieve", item_id=item_id)
    part = (await talk.until("conversation.item.retrieved"))["item"]["content"][0]
    assert LINE.startswith(part["transcript"]) and 20 < len(part["transcript"]) < len(LINE) * 0.6
    assert len(part["audio"]) * 3 / 4 / 48 == pytest.approx(whole_ms / 2, abs=1)
    talk.send("conversation.item.truncate", item_id="item_x", content_index=0, audio_end_ms=0)
    assert talk.last_error["code"] == "item_truncate_invalid_item_id"


async def test_the_voice_cannot_change_once_heard(talk):
    talk = talk("Hm.")
    talk.send("response.create")
    await talk.until("response.done")
    talk.configure(audio={"output": {"voice": "cedar"}})
    assert talk.last_error["code"] == "cannot_update_voice"


async def test_replies_leave_at_a_pace(talk):
    """Three seconds of audio at pace 10 take about 0.3 s: long enough to meet an interruption."""
    talk = talk(LINE, pace=10)
    loop = asyncio.get_running_loop()
    talk.send("response.create")
    await talk.until("response.output_audio.delta")
    began = loop.time()
    done = await talk.until("response.done")
    seconds = len(talk.spoken(done["response"]["output"][0]["id"])) / 48_000
    assert loop.time() - began > (seconds - 0.5) / 10


@pytest.mark.parametrize("audio", ["@@@", b64encode(b"odd").decode()])
async def test_audio_that_is_none(talk, audio):
    talk = talk()
    talk.send("input_audio_buffer.append", audio=audio)
    assert talk.last_error["code"] == "invalid_value"


async def test_same_audio_in_same_events_out(talk, say):
    begin, runs = talk, []
    for _ in range(2):
        talk = begin(LINE)
        await ask(talk, say)
        done = await talk.until("response.done")
        audio = talk.spoken(done["response"]["output"][0]["id"])
        stops = [e["audio_end_ms"] for e in talk.of("input_audio_buffer.speech_stopped")]
        runs.append((audio, stops, done["response"]["output"]))
    assert runs[0] == runs[1]


async def test_a_session_says_when_its_hour_is_over(speech):
    class Hasty(Clock):
        async def sleep_until(self, moment):
            self.slept_s = moment - self.now()

    house = House(speech, Script([]), clock=Hasty())
    talk = Talk(house)
    await talk.session.expire()
    talk.close()
    assert house.clock.slept_s == pytest.approx(3600, abs=1)
    assert talk.last_error["code"] == "session_expired"
    expires_at = talk.events[0]["session"]["expires_at"]
    assert expires_at == pytest.approx(house.clock.wall() + 3600, abs=5)


async def test_a_mind_that_costs_is_asked_only_when_the_turn_is_over(talk, say):
    asked = []

    class Paid(Script):
        early = False

        async def reply(self, prompt):
            asked.append(len(one.of("input_audio_buffer.speech_stopped")))
            async for part in super().reply(prompt):
                yield part

    one = talk(mind=Paid(["Gladly.", "Gladly."]))
    await ask(one, say, "Tell me about gravity.", after=0.35)
    await one.session.listener._turn.guess.heard
    await asyncio.sleep(0)
    assert asked == [], "a pause is no end"
    await one.speak(say("And about light.") + silence(0.9))
    await one.until("response.done")
    assert asked == [1]
