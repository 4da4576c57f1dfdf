"""Session and response settings: each does what it says, or is refused by name."""

import json
from base64 import b64decode, b64encode

import pytest

from realtime_helpers.mock_server.formats import Decoder, Encoder
from realtime_helpers.mock_server.house import House
from realtime_helpers.mock_server.ids import counted_ids
from realtime_helpers.mock_server.replies import Call, Say
from realtime_helpers.mock_server.script import Script

from .talk import Talk, silence

BOOK = {"type": "function", "name": "book_table", "description": "Book.", "parameters": {"type": "object"}}
PIXEL = "data:image/png;base64,iVBORw0KGgo="
LONG = "One sentence is said here. " * 12


class Recorder(Script):
    """A script that remembers what it was asked."""

    def __init__(self, *steps):
        super().__init__(steps)
        self.prompts = []

    async def reply(self, prompt):
        self.prompts.append(prompt)
        async for part in super().reply(prompt):
            yield part


def as_text(talk):
    talk.configure(output_modalities=["text"])


# -- formats


@pytest.mark.parametrize(("kind", "answer_kind"), [("audio/pcmu", "audio/pcm"), ("audio/pcma", "audio/pcmu")])
async def test_a_caller_on_a_telephone_is_heard_and_hears(talk, say, speech, kind, answer_kind):
    talk = talk("The speed of light never waits.")
    talk.configure(
        audio={
            "input": {"format": {"type": kind}, "transcription": {"model": "whisper-1"}},
            "output": {"format": {"type": answer_kind}},
        }
    )
    assert talk.of("session.updated")[0]["session"]["audio"]["output"]["format"] == {"type": answer_kind}
    encoder = Encoder(kind)
    line = encoder.process(silence(0.6) + say("What is the speed of light?") + silence(0.9))
    for start in range(0, len(line), 320):
        talk.send("input_audio_buffer.append", audio=b64encode(line[start : start + 320]).decode())
    heard = await talk.until("conversation.item.input_audio_transcription.completed")
    assert "speed of light" in heard["transcript"].lower()
    stopped = talk.of("input_audio_buffer.speech_stopped")[0]["audio_end_ms"]
    assert abs(stopped - (len(line) / 8 - 400)) < 200, "milliseconds are those of the telephone's clock"
    done = (await talk.until("response.done"))["response"]
    assert done["audio"]["output"]["format"]["type"] == answer_kind
    spoken = talk.spoken(done["output"][0]["id"])
    pcm = Decoder(answer_kind).process(spoken)
    assert "speed of light" in (await speech.transcribe(pcm)).lower()
    talk.send("conversation.item.retrieve", item_id=done["output"][0]["id"])
    kept = talk.of("conversation.item.retrieved")[0]["item"]["content"][0]["audio"]
    assert len(b64decode(kept)) == len(spoken)
    talk.send("conversation.item.retrieve", item_id=heard["item_id"])
    turn = b64decode(talk.of("conversation.item.retrieved")[1]["item"]["content"][0]["audio"])
    assert 1000 < len(turn) / 8 < len(line) / 8, "one byte a sample"


async def test_half_a_second_of_telephone_is_half_a_second(talk):
    talk = talk()
    talk.configure(audio={"input": {"format": {"type": "audio/pcmu"}, "turn_detection": None}})
    talk.send("input_audio_buffer.append", audio=b64encode(b"\xff" * 792).decode())
    talk.send("input_audio_buffer.commit")
    assert "99" in talk.last_error["message"]
    talk.send("input_audio_buffer.append", audio=b64encode(b"\xff" * 8).decode())
    talk.send("input_audio_buffer.commit")
    assert talk.of("input_audio_buffer.committed")


async def test_an_unknown_format_is_refused_by_name(talk):
    talk = talk()
    talk.configure(audio={"output": {"format": {"type": "audio/mp3"}}})
    assert talk.last_error["param"].startswith("session.audio.output.format")


async def test_speed_is_heard(talk):
    lengths = {}
    for speed in (0.75, 1.5):
        one = talk("This sentence takes a while to say, but how long?")
        one.configure(audio={"output": {"speed": speed}})
        one.send("response.create")
        done = await one.until("response.done")
        lengths[speed] = len(one.spoken(done["response"]["output"][0]["id"]))
    assert 1.6 < lengths[0.75] / lengths[1.5] < 2.4


# -- max_output_tokens


@pytest.mark.parametrize("modality", ["audio", "text"])
async def test_a_reply_stops_at_max_output_tokens(talk, modality):
    talk = talk(LONG, LONG)
    talk.configure(output_modalities=[modality])
    talk.send("response.create", response={"max_output_tokens": 40})
    done = (await talk.until("response.done"))["response"]
    assert (done["status"], done["status_details"]["reason"]) == ("incomplete", "max_output_tokens")
    assert done["status_details"]["type"] == "incomplete"
    assert 30 <= done["usage"]["output_tokens"] <= 40
    assert done["output"][0]["status"] == "incomplete"
    part = done["output"][0]["content"][0]
    said = part.get("text") or part["transcript"]
    assert said and LONG.startswith(said)
    talk.send("response.create")
    assert (await talk.until("response.done", 2))["response"]["status"] == "completed"


async def test_a_call_is_cut_at_max_output_tokens_too(talk):
    talk = talk([Call("book_table", json.dumps({"name": "A very long name indeed" * 5})), Say("never")])
    talk.configure(max_output_tokens=5, tools=[BOOK])
    talk.send("response.create")
    done = (await talk.until("response.done"))["response"]
    assert done["status"] == "incomplete"
    (item,) = done["output"]
    assert (item["type"], item["status"], len(item["arguments"])) == ("function_call", "incomplete", 20)


async def test_a_reply_that_fits_is_complete(talk):
    talk = talk("Short.")
    as_text(talk)
    talk.send("response.create", response={"max_output_tokens": 2})
    assert (await talk.until("response.done"))["response"]["status"] == "completed"


# -- what the mind is asked


async def test_a_response_may_have_settings_of_its_own(talk):
    mind = Recorder("one", "two")
    talk = talk(mind=mind)
    talk.configure(instructions="Be long.", output_modalities=["audio"])
    own = {
        "instructions": "Be short.",
        "output_modalities": ["text"],
        "tools": [BOOK],
        "tool_choice": {"type": "function", "name": "book_table"},
        "parallel_tool_calls": False,
        "metadata": {"topic": "tables"},
        "reasoning": {"effort": "low"},
    }
    talk.send("response.create", response=own)
    created = (await talk.until("response.created"))["response"]
    assert (created["output_modalities"], created["metadata"]) == (["text"], {"topic": "tables"})
    await talk.until("response.done")
    (prompt,) = mind.prompts
    assert (prompt.instructions, prompt.tools, prompt.parallel_tool_calls) == ("Be short.", (BOOK,), False)
    assert prompt.tool_choice == {"type": "function", "name": "book_table"}
    talk.send("response.create")
    await talk.until("response.done", 2)
    assert mind.prompts[1].instructions == "Be long.", "the next one has the session's again"


@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "fly"}])
async def test_a_choice_of_a_tool_that_is_not_there_is_refused(talk, choice):
    talk = talk("never")
    talk.send("response.create", response={"tool_choice": choice})
    assert talk.last_error["param"] == "response.tool_choice"
    assert not talk.of("response.created")


@pytest.mark.parametrize(
    ("tool", "param"),
    [
        ({"type": "function", "description": "no name"}, "session.tools[0].name"),
        ({"type": "function", "name": "two words"}, "session.tools[0].name"),
        ({"type": "function", "name": "f", "parameters": "none"}, "session.tools[0].parameters"),
    ],
)
async def test_a_tool_that_cannot_be_called_is_refused(talk, tool, param):
    talk = talk()
    talk.configure(tools=[tool])
    assert talk.last_error["param"] == param


async def test_an_image_is_taken_kept_and_said_to_be_there(talk):
    mind = Recorder("I see nothing.")
    talk = talk(mind=mind)
    as_text(talk)
    content = [{"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": PIXEL}]
    talk.send("conversation.item.create", item={"id": "pic", "type": "message", "role": "user", "content": content})
    added = talk.of("conversation.item.added")[0]["item"]
    assert added["content"][1] == {"type": "input_image"}, "the image itself is not sent back"
    talk.send("response.create")
    await talk.until("response.done")
    assert mind.prompts[0].history[-1].images == (PIXEL,)
    talk.send("conversation.item.retrieve", item_id="pic")
    assert talk.of("conversation.item.retrieved")[0]["item"]["content"][1]["image_url"] == PIXEL


@pytest.mark.parametrize(
    "part",
    [
        {"type": "input_image", "image_url": "https://example.org/cat.png"},
        {"type": "input_image"},
        {"type": "input_text"},
        {"type": "input_audio"},
    ],
)
async def test_a_part_without_its_content_is_refused(talk, part):
    talk = talk()
    talk.send("conversation.item.create", item={"type": "message", "role": "user", "content": [part]})
    assert talk.last_error["param"].startswith("item.content[0].")
    assert not talk.session.conversation.items


async def test_only_the_newest_items_that_fit_are_read(talk):
    mind = Recorder("a", "b")
    talk = talk(mind=mind)
    limits = {"post_instructions": 100}
    talk.configure(
        output_modalities=["text"],
        truncation={"type": "retention_ratio", "retention_ratio": 0.5, "token_limits": limits},
    )
    for number in range(6):
        talk.type(f"{number} " + "x" * 78)  # 20 tokens
    talk.send("response.create")
    usage = (await talk.until("response.done"))["response"]["usage"]
    assert [m.text[0] for m in mind.prompts[0].history] == ["4", "5"]
    assert usage["input_tokens"] - -(-len(talk.session.config["instructions"]) // 4) == 40
    assert len(talk.session.conversation.items) == 7, "none was deleted"


async def test_nothing_is_truncated_where_it_is_disabled(talk):
    talk = talk("never")
    talk.configure(truncation="disabled", output_modalities=["text"])
    talk.type("x" * 500_000)
    talk.send("response.create")
    assert talk.last_error["code"] == "context_length_exceeded"


async def test_the_voice_of_a_response_stays_too(talk):
    talk = talk("one", "two", "three")
    talk.send("response.create")
    await talk.until("response.done")
    other = {"audio": {"output": {"voice": "cedar"}}}
    talk.send("response.create", response=other)
    assert talk.last_error["code"] == "cannot_update_voice"
    talk.send("response.create", response={"conversation": "none", **other})
    done = (await talk.until("response.done", 2))["response"]
    assert done["audio"]["output"]["voice"] == "cedar", "beside the conversation another may speak"


async def test_accepted_and_without_effect(talk):
    talk = talk()
    talk.configure(
        tracing="auto",
        prompt={"id": "pmpt_1", "version": "2", "variables": {"city": "Paris"}},
        include=["item.input_audio_transcription.logprobs"],
        audio={"input": {"noise_reduction": {"type": "near_field"}}},
        reasoning={"effort": "low"},
        parallel_tool_calls=True,
    )
    session = talk.of("session.updated")[0]["session"]
    assert session["audio"]["input"]["noise_reduction"] == {"type": "near_field"}
    assert (session["tracing"], session["prompt"]["id"], session["reasoning"]) == ("auto", "pmpt_1", {"effort": "low"})


@pytest.mark.parametrize(
    ("response", "param"),
    [
        ({"conversation": "weird"}, "response.conversation"),
        ({"audio": {"output": {"voice": {"id": "voice_1"}}}}, "response.audio.output.voice"),
        ({"max_output_tokens": 5000}, "response.max_output_tokens"),
    ],
)
async def test_settings_that_are_refused(talk, response, param):
    talk = talk("never")
    talk.send("response.create", response=response)
    assert talk.last_error["param"] == param


async def test_beside_the_conversation_not_without_limit(talk):
    talk = talk(*["x"] * 40)
    for _ in range(40):
        talk.send("response.create", response={"conversation": "none", "output_modalities": ["text"]})
    assert talk.last_error["code"] == "rate_limit_exceeded"
    assert len(talk.of("response.created")) + len(talk.of("error")) == 40


# -- MCP


async def test_an_mcp_server_is_not_reached_and_said_so(talk):
    talk = talk("Fine.")
    tool = {"type": "mcp", "server_label": "files", "server_url": "https://example.org/mcp"}
    talk.configure(tools=[tool], output_modalities=["text"])
    await talk.until("mcp_list_tools.failed")
    kinds = talk.types(since=1)
    assert kinds == [
        "session.updated",
        "conversation.item.added",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.failed",
        "conversation.item.done",
    ]
    talk.send("response.create")
    assert (await talk.until("response.done"))["response"]["status"] == "completed"


# -- sessions that begin otherwise


async def test_a_session_may_bring_its_settings_along(speech):
    given = {"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief.", "tools": [BOOK]}
    talk = Talk(House(speech, Script(["x"]), new_id=counted_ids()), given=given)
    session = talk.events[0]["session"]
    assert (session["instructions"], session["tools"]) == ("Be brief.", [BOOK])
    assert session["audio"]["output"]["voice"] == "marin"
    talk.close()


async def test_a_transcription_session_hears_and_does_not_answer(speech, say):
    talk = Talk(House(speech, Script(["never"]), new_id=counted_ids()), "", intent="transcription")
    session = talk.events[0]["session"]
    assert (session["type"], session["object"]) == ("transcription", "realtime.transcription_session")
    assert "output" not in session["audio"]
    wanted = {"input": {"transcription": {"model": "gpt-4o-mini-transcribe", "language": "en"}}}
    talk.send("session.update", session={"type": "transcription", "audio": wanted})
    assert talk.of("session.updated")[0]["session"]["audio"]["input"]["transcription"]["language"] == "en"
    await talk.speak(silence(0.6) + say("Gravity is only a theory.") + silence(0.9))
    heard = await talk.until("conversation.item.input_audio_transcription.completed")
    assert "gravity" in heard["transcript"].lower()
    for kind in ("response.create", "response.cancel"):
        talk.send(kind)
        assert "transcription session" in talk.last_error["message"]
    talk.configure(instructions="Speak!")
    assert talk.last_error["param"] == "session.type"
    assert not talk.of("response.created")
    talk.close()


async def test_usage_over_a_conversation_adds_up(talk, say):
    talk = talk("One.", "Two.")
    await talk.speak(silence(0.6) + say("What is the speed of light?") + silence(0.9))
    first = (await talk.until("response.done"))["response"]["usage"]
    talk.type("And of sound?")
    talk.send("response.create")
    second = (await talk.until("response.done", 2))["response"]["usage"]
    for usage in (first, second):
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        details = usage["input_token_details"]
        assert usage["input_tokens"] == sum(details[k] for k in ("text_tokens", "audio_tokens", "image_tokens"))
        out = usage["output_token_details"]
        assert usage["output_tokens"] == out["text_tokens"] + out["audio_tokens"]
    assert second["input_token_details"]["audio_tokens"] > first["input_token_details"]["audio_tokens"] > 10


@pytest.mark.parametrize(("model", "kind"), [("whisper-1", "duration"), ("gpt-4o-mini-transcribe", "tokens")])
async def test_transcription_has_a_usage_of_its_own(talk, say, model, kind):
    talk = talk("x")
    talk.configure(audio={"input": {"turn_detection": None, "transcription": {"model": model}}})
    await talk.speak(say("What is the speed of light?"))
    talk.send("input_audio_buffer.commit")
    heard = await talk.until("conversation.item.input_audio_transcription.completed")
    usage = heard["usage"]
    assert usage["type"] == kind
    if kind == "tokens":
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        assert usage["output_tokens"] == -(-len(heard["transcript"]) // 4)
    else:
        assert 1 < usage["seconds"] < 4


async def test_transcription_switched_off_in_time_is_not_sent(talk, say):
    talk = talk("x")
    talk.configure(audio={"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}})
    await talk.speak(say("What is the speed of light?"))
    talk.send("input_audio_buffer.commit")
    talk.configure(audio={"input": {"transcription": None}})
    await talk.session.conversation.items[0].heard
    talk.send("response.create")
    await talk.until("response.done")
    assert not [k for k in talk.types() if "transcription" in k]


async def test_a_response_may_sound_otherwise(talk):
    talk = talk("Just so.")
    talk.send("response.create", response={"audio": {"output": {"format": {"type": "audio/pcmu"}}}})
    done = (await talk.until("response.done"))["response"]
    assert done["audio"]["output"]["format"]["type"] == "audio/pcmu"
    item = talk.session.conversation.items[0]
    assert len(talk.spoken(item.id)) == pytest.approx(len(item.audio) / 6, abs=20), "a sixth of the bytes"


async def test_a_transcription_session_never_prompts(speech, say):
    talk = Talk(House(speech, Script(["never"]), new_id=counted_ids()), "", intent="transcription")
    detection = {"type": "server_vad", "idle_timeout_ms": 5000, "create_response": True, "interrupt_response": True}
    talk.send("session.update", session={"type": "transcription", "audio": {"input": {"turn_detection": detection}}})
    assert talk.of("session.updated")[0]["session"]["audio"]["input"]["turn_detection"]["create_response"]
    await talk.speak(silence(0.6) + say("Gravity.") + silence(0.9))
    await talk.until("conversation.item.input_audio_transcription.completed")
    assert not talk.of("response.created") and not talk.of("error")
    talk.close()
