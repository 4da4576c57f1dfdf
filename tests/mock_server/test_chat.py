"""The chat model mind against an endpoint that behaves as told: over HTTP, and through a session with a voice."""

import asyncio
import json
import logging
import subprocess
import sys
from subprocess import PIPE

import pytest
from starlette.responses import JSONResponse, Response

from realtime_helpers.mock_server.__main__ import main
from realtime_helpers.mock_server.chat import ChatModel, ChatModelError
from realtime_helpers.mock_server.replies import Call, Message, Prompt, Say

from .fake_chat import CUT, FakeChat, call
from .talk import silence

KEY = "sk-this-must-be-seen-nowhere-42"
HELLO = Prompt("Be brief.", (Message("user", "Hello"),))
TOOL = {"type": "function", "name": "check", "description": "", "parameters": {"type": "object", "properties": {}}}
WITH_TOOL = Prompt("", HELLO.history, (TOOL,))


@pytest.fixture
async def fake():
    async with FakeChat().running() as fake:
        yield fake


@pytest.fixture
async def model(fake):
    model = ChatModel(fake.url, "tiny", KEY)
    yield model
    await model.close()


async def replies(model: ChatModel, prompt: Prompt = HELLO) -> list:
    return [part async for part in model.reply(prompt)]


async def failure(model: ChatModel, prompt: Prompt = HELLO) -> str:
    with pytest.raises(ChatModelError) as why:
        await replies(model, prompt)
    said = str(why.value)
    assert said.endswith(".") and "\n" not in said and KEY not in said
    return said


# -- words -------------------------------------------------------------------------------------------------------------


async def test_what_is_asked_and_what_comes(fake, model):
    fake.streams("He", "llo", "! How", " are you?")
    assert await replies(model) == [Say("Hello!"), Say("How are you?")]
    (body,) = fake.requests
    assert body["model"] == "tiny" and body["stream"] is True and not {"tools", "tool_choice"} & set(body)
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert fake.headers[0]["authorization"] == f"Bearer {KEY}"


async def test_a_sentence_comes_while_the_next_is_being_written(fake, model):
    more = asyncio.Event()
    fake.streams("It rains.", " And", more, " it pours.")
    reply = model.reply(HELLO)
    assert await anext(reply) == Say("It rains.")
    more.set()
    assert [part async for part in reply] == [Say("And it pours.")]


async def test_thoughts_are_not_said(fake, model):
    fake.streams({"reasoning_content": "Hm."}, "<th", "ink>Let me. Think.</", "think>", "\n\nFour.")
    assert await replies(model) == [Say("Four.")]


async def test_refusals_and_typed_parts_are_words_too(fake, model):
    fake.streams({"content": None, "refusal": "I will not."})
    parts = [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Yes."}]
    fake.streams({"content": parts})
    assert [await replies(model), await replies(model)] == [[Say("I will not.")], [Say("Yes.")]]


async def test_an_empty_reply_says_nothing(fake, model):
    fake.streams("")
    assert await replies(model) == []


# -- calls -------------------------------------------------------------------------------------------------------------

STREAMED = [call("check", "", id="x1"), call(arguments='{"n"'), call(arguments=": 1}")]
CALLS = {
    "in pieces": (STREAMED, [Call("check", '{"n": 1}')]),
    "in pieces, two at once": (
        [*STREAMED[:2], call("check", '{"n"', index=1, id="x2"), STREAMED[2], call(arguments=":2}", index=1)],
        [Call("check", '{"n": 1}'), Call("check", '{"n":2}')],
    ),
    "whole, without an index": (
        [call("check", '{"n": 1}', index=None, id=""), call("stop", "", index=None), call("check", "{}", index=None)],
        [Call("check", '{"n": 1}'), Call("stop", "{}"), Call("check", "{}")],
    ),
    "whole, all with index 0": (
        [call("check", '{"n": 1}', id="x1"), call("check", '{"n": 1}', id="x2")],
        [Call("check", '{"n": 1}')] * 2,
    ),
    "whole, all with index 0 and no id": (
        [call("check", '{"n": 1}'), call("check", '{"n": 1}')],
        [Call("check", '{"n": 1}')] * 2,
    ),
    "the name in every piece": (
        [call("check", '{"n"', id="x1"), call("check", ": 1}", id="x1"), call("check", "", id="x1")],
        [Call("check", '{"n": 1}')],
    ),
    "pieces without an index": (
        [call("check", '{"n"', index=None), call(arguments=": 1}", index=None)],
        [Call("check", '{"n": 1}')],
    ),
    "an index only at the start": (
        [call("check", '{"n"'), call(arguments=": 1}", index=None)],
        [Call("check", '{"n": 1}')],
    ),
    "arguments as an object": ([call("check", {"n": 1})], [Call("check", '{"n": 1}')]),
    "no arguments": ([call("check", id="x")], [Call("check", "{}")]),
    "broken arguments": ([call("check", '{"n": ')], [Call("check", '{"n":')]),
}


@pytest.mark.parametrize("finish", ["tool_calls", "stop"])
@pytest.mark.parametrize("kind", CALLS)
async def test_calls_however_they_are_streamed(fake, model, kind, finish):
    pieces, calls = CALLS[kind]
    fake.streams("One moment.", *pieces, finish=finish)
    assert await replies(model, WITH_TOOL) == [Say("One moment."), *calls]


async def test_what_is_said_before_a_call_does_not_wait_for_it(fake, model):
    more = asyncio.Event()
    fake.streams("One moment", call("check", "{"), more, call(arguments="}"))
    reply = model.reply(WITH_TOOL)
    assert await anext(reply) == Say("One moment")
    more.set()
    assert await anext(reply) == Call("check", "{}")
    await reply.aclose()


# -- images ------------------------------------------------------------------------------------------------------------

LOOK = Prompt("", (Message("user", "Look", ("data:image/png;base64,AAAA",)),))


@pytest.mark.parametrize("status", [400, 404, 422, 500])
async def test_an_endpoint_that_takes_no_images_is_told_that_there_was_one(fake, model, status):
    fake.refuses(status, "image input is not supported")
    fake.streams("I cannot see it.")
    assert await replies(model, LOOK) == [Say("I cannot see it.")]
    with_image, without = (request["messages"][1]["content"] for request in fake.requests)
    assert with_image[1]["type"] == "image_url" and "could not be shown" in without


async def test_a_refusal_that_is_not_the_images_fault_is_not_asked_again(fake, model):
    fake.refuses(429)
    assert "429" in await failure(model, LOOK)
    fake.refuses(400, "too long")
    assert "too long" in await failure(model)
    assert len(fake.requests) == 2


# -- failures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, ["HTTP 400", "too long for me", "another model"]),
        (401, ["refuses the key", "REALTIME_MOCK_CHAT_API_KEY"]),
        (403, ["refuses the key"]),
        (404, ["does not know the chat model tiny", "/v1"]),
        (429, ["HTTP 429", "quota"]),
        (503, ["HTTP 503", "log"]),
    ],
)
async def test_refusals(fake, model, status, words):
    fake.refuses(status, f"Too bad.\nIt is too long for me: {KEY} and sk-abcdef123456.", **{"retry-after": "50"})
    said = await failure(model)
    assert all(word in said for word in words) and "sk-" not in said
    assert len(fake.requests) == 1, "the user waits: no second try behind his back"


async def test_an_endpoint_that_is_not_there(fake):
    model = ChatModel("http://127.0.0.1:9/v1", "tiny", KEY)
    assert "cannot be reached at 127.0.0.1:9" in await failure(model)


async def test_an_endpoint_that_never_answers(fake):
    fake.streams(asyncio.Event())
    assert "for 0.2 s" in await failure(ChatModel(fake.url, "tiny", KEY, patience_s=0.2))


async def test_an_answer_that_breaks_off(fake, model):
    fake.streams("It rains. And it", CUT)
    reply = model.reply(HELLO)
    assert await anext(reply) == Say("It rains.")
    with pytest.raises(ChatModelError, match=r" closed the connection before the answer .+ask again\.$"):
        await anext(reply)


async def test_an_endpoint_that_takes_the_request_and_goes():
    async def go(_, writer):
        writer.close()

    async with await asyncio.start_server(go, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        said = await failure(ChatModel(f"http://127.0.0.1:{port}/v1", "tiny", KEY))
    assert said.startswith(f"127.0.0.1:{port} closed the connection before the answer")


async def test_an_error_in_the_middle_of_an_answer(fake, model):
    fake.streams("It", {"error": {"message": f"out of memory {KEY}"}})
    assert "out of memory ***" in await failure(model)


@pytest.mark.parametrize("type", ["text/html", "application/json", "text/event-stream"])
async def test_an_address_that_leads_elsewhere(fake, model, type):
    for body in ("<html>Welcome</html>", "{}", "data: <html>\n\n", ""):
        fake.answers(Response(body, media_type=type))
        assert "mostly ends with /v1" in await failure(model)


@pytest.mark.parametrize("url", ["localhost:11434", "ftp://h/v1", "", "http://[half/v1", "http://h:port/v1"])
async def test_an_address_that_is_none(url):
    with pytest.raises(ChatModelError, match="not an address"):
        ChatModel(url, "tiny")


async def test_a_key_that_cannot_be_sent():
    with pytest.raises(ChatModelError, match="strange character") as why:
        ChatModel("http://h/v1", "tiny", "sk-ключ")
    assert "ключ" not in str(why.value)


async def test_no_other_key_goes_to_the_endpoint(fake, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, KEY)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # no way to this computer
    fake.streams("Hi.")
    await replies(ChatModel(fake.url, "tiny"))
    assert not any(KEY in value for value in fake.headers[0].values())


async def test_no_log_shows_the_key(fake, model, caplog, talk):
    caplog.set_level(logging.DEBUG)
    fake.refuses(401, f"Incorrect API key provided: {KEY}")
    talk = talk(mind=model)
    talk.configure(output_modalities=["text"])
    talk.type("Hello")
    talk.send("response.create")
    done = (await talk.until("response.done"))["response"]
    error = done["status_details"]["error"]
    assert done["status"] == "failed" and "refuses the key" in error["message"]
    assert "refuses the key" in caplog.text and KEY not in caplog.text


# -- the check at the start --------------------------------------------------------------------------------------------


async def test_what_is_wrong_with_an_endpoint_is_known_before_anyone_speaks(fake, model):
    assert await model.problem() is None
    fake.models = JSONResponse({"object": "list", "data": [{"id": "tiny:latest"}, {"id": "big"}]})
    assert await model.problem() is None, "Ollama's name for it"
    assert "not among those that the endpoint lists (tiny:latest, big)" in await ChatModel(fake.url, "huge").problem()
    assert "cannot be reached" in await ChatModel("http://127.0.0.1:9/v1", "tiny").problem()
    fake.models = JSONResponse({}, 401)
    assert "refuses the key" in await model.problem()
    for harmless in (JSONResponse({}, 404), Response("<html>"), JSONResponse([1]), JSONResponse({"data": None})):
        fake.models = harmless
        assert await model.problem() is None
    assert not fake.requests, "nothing that costs"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--chat-model", "tiny"], "--chat-base-url and --chat-model go together"),
        (["--chat-base-url", "http://h/v1"], "--chat-base-url and --chat-model go together"),
        (["--chat-base-url", "http://h/v1", "--chat-model", "tiny", "--script", "x.json"], "give one of them"),
    ],
)
def test_options_that_do_not_go_together(monkeypatch, capsys, arguments, complaint):
    monkeypatch.setattr(sys, "argv", ["mock_server", *arguments])
    with pytest.raises(SystemExit):
        main()
    assert complaint in capsys.readouterr().err.splitlines()[-1]


def test_an_endpoint_that_does_not_answer_is_a_warning_not_a_refusal():
    command = [sys.executable, "-m", "realtime_helpers.mock_server", "--port", "0", "--until-eof"]
    command += ["--chat-base-url", "http://127.0.0.1:9/v1", "--chat-model", "tiny"]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True) as server:
        assert any(line.startswith("Ready: ") for line in server.stdout)
        assert server.stderr.readline().startswith("Warning: The chat model tiny cannot be reached")
        server.stdin.close()


# -- through a session -------------------------------------------------------------------------------------------------


async def test_the_first_sentence_is_heard_while_the_second_is_written(fake, model, talk):
    more = asyncio.Event()
    fake.streams("Gravity pulls.", " Light", more, " bends.")
    talk = talk(mind=model)
    talk.type("Tell me about gravity.")
    talk.send("response.create")
    await talk.until("response.output_audio.delta", 3)
    assert not more.is_set() and not talk.of("response.done")
    more.set()
    done = (await talk.until("response.done"))["response"]
    assert done["output"][0]["content"][0]["transcript"] == "Gravity pulls. Light bends."


async def test_a_spoken_question_and_a_tool(fake, model, talk, say):
    fake.streams("One moment.", call("check", "", id="c"), call(arguments='{"day":'), call(arguments=' "Monday"}'))
    fake.streams("Monday is free.")
    talk = talk(mind=model)
    talk.configure(tools=[TOOL], instructions="You take bookings.")
    await talk.speak(silence(0.6) + say("Is a table free on Monday?") + silence(0.9))
    done = (await talk.until("response.done"))["response"]
    message, function_call = done["output"]
    assert message["content"][0]["transcript"] == "One moment."
    assert json.loads(function_call["arguments"]) == {"day": "Monday"}
    output = {"type": "function_call_output", "call_id": function_call["call_id"], "output": '{"free": true}'}
    talk.send("conversation.item.create", item=output)
    talk.send("response.create")
    done = (await talk.until("response.done", 2))["response"]
    assert done["output"][0]["content"][0]["transcript"] == "Monday is free."
    first, second = (request["messages"] for request in fake.requests)
    assert first[0]["content"].startswith("You take bookings.") and "monday" in first[1]["content"].lower()
    assert [m["role"] for m in second] == ["system", "user", "assistant", "tool"]
    assert second[3]["content"] == '{"free": true}'
    assert second[2]["tool_calls"][0]["id"] == second[3]["tool_call_id"]


@pytest.mark.parametrize("sentences", [1, 40], ids=["while it waits for words", "while it has words to spare"])
async def test_barge_in_hangs_up_on_the_endpoint(fake, model, talk, say, sentences):
    never = asyncio.Event()
    fake.streams(*["Gravity pulls. "] * sentences, "And", never)
    talk = talk(mind=model, pace=1)
    talk.type("Tell me about gravity.")
    talk.send("response.create")
    await talk.until("response.output_audio.delta", 3)
    assert not fake.hung_up.is_set()
    fake.streams("Fine.")
    await talk.speak(say("Wait, stop, what is entropy?") + silence(0.2))
    done = (await talk.until("response.done"))["response"]
    assert done["status"] == "cancelled"
    async with asyncio.timeout(5):
        await fake.hung_up.wait()


async def test_early_work_thrown_away_hangs_up_on_the_endpoint(fake, model, talk, say):
    fake.streams(asyncio.Event())
    talk = talk(mind=model)
    await talk.speak(silence(0.6) + say("Tell me about gravity.") + silence(0.4))
    async with asyncio.timeout(5):
        await fake.asked.wait()  # while the silence window still runs
    assert not talk.of("input_audio_buffer.speech_stopped") and not fake.hung_up.is_set()
    fake.streams("Only this.")
    await talk.speak(say("And about light.") + silence(0.9))
    async with asyncio.timeout(5):
        await fake.hung_up.wait()
    done = (await talk.until("response.done"))["response"]
    assert done["output"][0]["content"][0]["transcript"] == "Only this."
    assert len(talk.of("response.created")) == 1
