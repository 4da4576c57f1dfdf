"""`POST /v1/chat/completions`: by openai's client and without it, answered by each of the minds."""

import asyncio
import contextlib
import json
import logging
import threading
import time
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

from realtime_helpers.mock_server import Call, MockServer, Say, chat_completions
from realtime_helpers.mock_server.chat import ChatModel
from realtime_helpers.mock_server.replies import CallOutput, Message, Prompt

from .fake_chat import FakeChat
from .test_http import unpublished

KEY = "secret"
MODEL = "gpt-5.4-mini"
HELLO = [{"role": "user", "content": "Hello!"}]
PNG = "data:image/png;base64,iVBORw0KGgo="
ADD = {
    "type": "function",
    "function": {
        "name": "add_to_basket",
        "description": "Put a product into the basket.",
        "parameters": {"type": "object", "properties": {"product": {"type": "string"}}, "required": ["product"]},
    },
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "add_to_basket", "arguments": '{"product": "tent"}'}}


class Recording:
    """A mind that says the same whatever it is asked, and remembers that."""

    def __init__(self, *steps: Say | Call | Exception) -> None:
        self.prompts: list[Prompt] = []
        self.steps = steps or (Say("Hello."),)

    async def reply(self, prompt):
        self.prompts.append(prompt)
        for step in self.steps:
            if isinstance(step, Exception):
                raise step
            yield step


@pytest.fixture(scope="module")
def served():
    """With the rules."""
    with MockServer(api_key=KEY) as served:
        yield served


@pytest.fixture
def client(served):
    with served.client(max_retries=0) as client:
        yield client


@pytest.fixture
def minded():
    """`minded(mind)`: a client of a server with that mind."""
    running = []

    def serve(mind) -> OpenAI:
        server = MockServer(mind=mind, api_key=KEY).start()
        running.append(server)
        return server.client()

    yield serve
    for server in running:
        server.stop()


def ask(client: OpenAI, messages: list[Any] = HELLO, **more: Any) -> Any:
    return client.chat.completions.create(model=MODEL, messages=messages, **more)


# -- an answer


def test_a_completion_is_as_published_and_its_usage_adds_up(client):
    made = ask(client, [{"role": "system", "content": "You are Robin."}, *HELLO])
    ChatCompletion.model_validate(made.to_dict(), strict=True)
    assert not unpublished(made)
    (choice,) = made.choices
    assert made.model == MODEL and made.id.startswith("chatcmpl-") and choice.finish_reason == "stop"
    assert choice.message.content.endswith((".", "!", "?")) and choice.message.tool_calls is None
    assert made.usage.total_tokens == made.usage.prompt_tokens + made.usage.completion_tokens
    assert made.usage.completion_tokens == -(-len(choice.message.content) // 4)


@pytest.mark.parametrize("said", ["Hello!", "What is two plus two?", "Tell me about the moon."])
def test_the_mind_is_that_of_the_conversation(served, client, said):
    written = ask(client, [{"role": "system", "content": "You are a pirate."}, {"role": "user", "content": said}])
    with client.realtime.connect(model="gpt-realtime") as connection:
        connection.session.update(session={"type": "realtime", "instructions": "You are a pirate."})
        part = {"type": "input_text", "text": said}
        connection.conversation.item.create(item={"type": "message", "role": "user", "content": [part]})
        connection.response.create(response={"output_modalities": ["text"]})
        done = next(event for event in connection if event.type == "response.done")
    assert written.choices[0].message.content == done.response.output[0].content[0].text


def test_a_tool_is_called_answered_and_spoken_of(client):
    messages: list[Any] = [
        {"role": "system", "content": "You help in a camping shop."},
        {"role": "user", "content": "Put the Family Tent in my basket."},
    ]
    asked = ask(client, messages, tools=[ADD]).choices[0]
    (call,) = asked.message.tool_calls
    assert asked.finish_reason == "tool_calls" and asked.message.content is None
    assert call.function.name == "add_to_basket"
    assert json.loads(call.function.arguments) == {"product": "family tent"}
    messages += [asked.message, {"role": "tool", "tool_call_id": call.id, "content": '{"total": "240 euros"}'}]
    answered = ask(client, messages, tools=[ADD]).choices[0]
    assert answered.finish_reason == "stop" and "two hundred and forty" in answered.message.content


def test_words_and_several_calls_in_one_reply(minded):
    client = minded(Recording(Say("One moment."), Say("I look."), Call("a", "{}"), Call("b", '{"c": 1}', "call_own")))
    choice = ask(client, tools=[ADD]).choices[0]
    assert choice.message.content == "One moment. I look." and choice.finish_reason == "tool_calls"
    first, second = choice.message.tool_calls
    assert (first.function.name, second.function.name, second.function.arguments) == ("a", "b", '{"c": 1}')
    assert first.id.startswith("call_") and second.id == "call_own"


def test_a_script_goes_on_where_the_messages_end():
    with MockServer([["One.", Call("a", {})], "Two.", "Three."]) as server, server.client() as client:
        first = ask(client).choices[0].message
        messages = [*HELLO, first, {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": "x"}]
        second = ask(client, messages).choices[0].message
        assert (first.content, second.content) == ("One.", "Two.")
        assert ask(client, [*messages, second, *HELLO]).choices[0].message.content == "Three."


# -- what the mind is given


def test_roles_and_parts_become_what_a_conversation_would_be(minded):
    mind = Recording()
    parts = [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
        {"type": "text", "text": "here"},
    ]
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
        {"role": "user", "name": "Ada", "content": parts},
        {"role": "assistant", "content": "I put it in.", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "done"}]},
        {"role": "assistant", "content": None, "refusal": "I must not."},
        {"role": "system", "content": "They are in a hurry."},
        {"role": "user", "content": ""},
    ]
    ask(minded(mind), messages)
    (prompt,) = mind.prompts
    assert prompt.instructions == "Be brief.\n\nBe kind."
    assert prompt.history == (
        Message("user", "Look\nhere", (PNG,)),
        Message("assistant", "I put it in."),
        Call("add_to_basket", '{"product": "tent"}', "call_1"),
        CallOutput("call_1", "done"),
        Message("assistant", "I must not."),
        Message("system", "They are in a hurry."),
        Message("user", ""),
    )
    assert (prompt.tools, prompt.tool_choice, prompt.parallel_tool_calls) == ((), "auto", True)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("none", "none"),
        ("required", "required"),
        (
            {"type": "function", "function": {"name": "add_to_basket"}},
            {"type": "function", "name": "add_to_basket"},
        ),
    ],
)
def test_tools_are_told_as_a_session_tells_them(minded, given, told):
    mind = Recording()
    ask(minded(mind), tools=[ADD], tool_choice=given, parallel_tool_calls=False)
    (prompt,) = mind.prompts
    assert prompt.tools == ({"type": "function", **ADD["function"]},)
    assert (prompt.tool_choice, prompt.parallel_tool_calls) == (told, False)


def test_a_choice_of_a_function_is_obeyed(client):
    choice = {"type": "function", "function": {"name": "add_to_basket"}}
    said = [{"role": "user", "content": "The red lantern, please."}]
    assert ask(client, said, tools=[ADD], tool_choice=choice).choices[0].message.tool_calls
    assert not ask(client, said, tools=[ADD], tool_choice="none").choices[0].message.tool_calls


# -- a stream


def test_a_stream_adds_up_to_the_whole(minded):
    client = minded(
        Recording(Say("One moment, I shall look for it."), Call("a", '{"much": "to be sent"}'), Call("b", "{}"))
    )
    chunks = list(ask(client, stream=True, stream_options={"include_usage": True}))
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk.to_dict(), strict=True)
        assert not unpublished(chunk)
    assert len({chunk.id for chunk in chunks}) == 1
    *others, last = chunks
    assert last.choices == [] and last.usage.total_tokens > 10 and not any(chunk.usage for chunk in others)
    assert [chunk.choices[0].finish_reason for chunk in others if chunk.choices[0].finish_reason] == ["tool_calls"]
    pieces = [chunk.choices[0].delta.content for chunk in others if chunk.choices[0].delta.content]
    assert len(pieces) > 1 and "".join(pieces) == "One moment, I shall look for it."


def test_openais_own_helper_puts_a_stream_together(client):
    said = [{"role": "user", "content": "Put the Family Tent in my basket."}]
    with client.chat.completions.stream(model=MODEL, messages=said, tools=[ADD]) as stream:
        done = stream.get_final_completion()
    whole = ask(client, said, tools=[ADD])
    (streamed,), (sent,) = done.choices[0].message.tool_calls, whole.choices[0].message.tool_calls
    assert (streamed.function.name, streamed.function.arguments) == (sent.function.name, sent.function.arguments)


def test_without_being_asked_no_usage_is_streamed(client):
    assert all("usage" not in chunk.to_dict() and chunk.choices for chunk in ask(client, stream=True))


@pytest.mark.parametrize("name", ["max_completion_tokens", "max_tokens"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("reply", "limit", "said", "reason"),
    [
        ("abcd efgh", 2, "abcd efg", "length"),
        ("abcd efg", 2, "abcd efg", "stop"),
        ("abcd efgh", 3, "abcd efgh", "stop"),
    ],
)
def test_a_reply_stops_at_the_limit(minded, name, stream, reply, limit, said, reason):
    client = minded(Recording(Say(reply)))
    if stream:
        chunks = [chunk.choices[0] for chunk in ask(client, stream=True, **{name: limit})]
        assert "".join(choice.delta.content or "" for choice in chunks) == said
        assert chunks[-1].finish_reason == reason
    else:
        made = ask(client, **{name: limit})
        assert (made.choices[0].message.content, made.choices[0].finish_reason) == (said, reason)
        assert made.usage.completion_tokens == limit


def test_a_call_stops_there_too(minded):
    choice = ask(minded(Recording(Call("a", '{"long": "arguments"}'), Call("b", "{}"))), max_tokens=2).choices[0]
    assert [call.function.arguments for call in choice.message.tool_calls] == ['{"long":']
    assert choice.finish_reason == "length"


# -- what is wrong


def user(content: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


@pytest.mark.parametrize(
    ("wrong", "param", "says"),
    [
        ({"messages": None}, "messages", "expected an array"),
        ({"messages": []}, "messages", "minimum length 1"),
        ({"messages": "Hi"}, "messages", "expected an array"),
        ({"messages": ["Hi"]}, "messages[0]", "expected an object"),
        ({"messages": [{"content": "Hi"}]}, "messages[0].role", "Missing"),
        ({"messages": [{"role": "function", "content": "Hi"}]}, "messages[0].role", "'developer'"),
        ({"messages": [{"role": "user", "content": "Hi", "mood": "good"}]}, "messages[0].mood", "Unknown"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "a string or an array"),
        ({"messages": [{"role": "assistant"}]}, "messages[0].content", "a string or an array"),
        (user(5), "messages[0].content", "a string or an array"),
        (user([]), "messages[0].content", "minimum length 1"),
        (user(["Hi"]), "messages[0].content[0]", "expected an object"),
        (user([{"text": "Hi"}]), "messages[0].content[0].type", "Missing"),
        (user([{"type": "text"}]), "messages[0].content[0].text", "Missing"),
        (user([{"type": "input_text", "text": "Hi"}]), "messages[0].content[0].type", "'text', 'image_url'"),
        (user([{"type": "image_url", "image_url": PNG}]), "messages[0].content[0].image_url", "an object"),
        (user([{"type": "input_audio"}]), "messages[0].content[0].type", "/v1/audio/transcriptions"),
        ({"messages": [{"role": "system", "content": [{"type": "image_url"}]}]}, "messages[0].content[0].type", "text"),
        ({"messages": [*HELLO, {"role": "tool", "content": "x"}]}, "messages[1].tool_call_id", "Missing"),
        (
            {"messages": [*HELLO, {"role": "tool", "content": "x", "tool_call_id": "call_1"}]},
            "messages.[1].role",
            "must be a response to a preceding message",
        ),
        (
            {"messages": [*HELLO, {"role": "assistant", "tool_calls": [CALL]}, *HELLO]},
            "messages.[2].role",
            "did not have response messages: call_1",
        ),
        ({"messages": [*HELLO, {"role": "assistant", "tool_calls": [CALL]}]}, "messages.[2].role", "call_1"),
        (
            {"messages": [*HELLO, {"role": "assistant", "tool_calls": [{**CALL, "id": 1}]}]},
            "messages[1].tool_calls[0].id",
            "a string",
        ),
        ({"tools": []}, "tools", "minimum length 1"),
        ({"tools": [{"type": "function", "name": "a", "parameters": {}}]}, "tools[0].function", "Missing"),
        ({"tools": [{"type": "custom", "custom": {"name": "a"}}]}, "tools[0].type", "'function'"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name", "letters"),
        ({"tools": [ADD], "tool_choice": "always"}, "tool_choice", "'required'"),
        ({"tools": [ADD], "tool_choice": {"type": "function", "name": "add_to_basket"}}, "tool_choice", "by its name"),
        (
            {"tools": [ADD], "tool_choice": {"type": "function", "function": {"name": "b"}}},
            "tool_choice",
            "'b' not found in 'tools'",
        ),
        ({"tool_choice": "auto"}, "tool_choice", "only allowed when 'tools'"),
        ({"parallel_tool_calls": True}, "parallel_tool_calls", "only allowed when 'tools'"),
        ({"stream_options": {"include_usage": True}}, "stream_options", "only allowed when 'stream'"),
        ({"stream": "yes"}, "stream", "a boolean"),
        ({"max_tokens": 0}, "max_tokens", ">= 1"),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens", "an integer"),
        ({"n": 2}, "n", "except as 1"),
        ({"stop": ["."]}, "stop", "leave it out"),
        ({"response_format": {"type": "json_object"}}, "response_format", "'type': 'text'"),
        ({"modalities": ["text", "audio"]}, "modalities", "except as ['text']"),
        ({"temprature": 0.5}, "temprature", "Unknown parameter"),
        ({"model": ""}, "model", "Missing"),
        ({"model": 5}, "model", "a string"),
        (b"{", None, "not valid JSON"),
        (b"[]", None, "JSON object"),
        (b"", None, "not valid JSON"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_what_is_wrong_is_named(served, wrong, param, says):
    body = wrong if isinstance(wrong, bytes) else json.dumps({"model": MODEL, "messages": HELLO, **wrong})
    answer = httpx.post(f"{served.url}/chat/completions", content=body, headers={"Authorization": f"Bearer {KEY}"})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param), error
    assert error["type"] == "invalid_request_error" and says in error["message"]


def test_openais_client_raises_what_it_raises_at_the_real_one(client):
    for name in ("gpt-realtime", "gpt-4o-transcribe", "gpt-4o-mini-tts", "gpt-audio-mini", "elvis"):
        with pytest.raises(openai.NotFoundError, match=f"'{name}' does not exist, or does not chat"):
            client.chat.completions.create(model=name, messages=HELLO)
    with pytest.raises(openai.AuthenticationError):
        ask(client.with_options(api_key="wrong"))
    ephemeral = client.realtime.client_secrets.create().value
    with pytest.raises(openai.AuthenticationError, match="opens websockets and nothing else"):
        ask(client.with_options(api_key=ephemeral))


def test_every_parameter_of_the_sdk_is_taken_or_refused_by_name():
    taken = set(chat_completions._Asked.model_fields)
    published = set(CompletionCreateParamsNonStreaming.__annotations__)
    known = taken | chat_completions._WITHOUT_EFFECT | set(chat_completions._UNSUPPORTED)
    assert published == known


def test_settings_of_the_sampling_are_accepted_without_effect(client):
    plain = ask(client).choices[0].message.content
    more = {"temperature": 0, "top_p": 0.5, "seed": 7, "user": "ada", "store": False, "reasoning_effort": "low"}
    assert ask(client, n=1, response_format={"type": "text"}, **more).choices[0].message.content == plain


def test_azures_door_takes_any_name_of_a_deployment(served):
    with OpenAI(base_url=served.url.removesuffix("/v1") + "/openai/v1", api_key=KEY) as azure:
        assert azure.chat.completions.create(model="my-chat", messages=HELLO).model == "my-chat"


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"role": "user", "content": "tent " * 110_000}], "context_length_exceeded"),
        (HELLO * 2049, "array_above_max_length"),
    ],
)
def test_more_than_a_model_reads_is_refused(client, messages, code):
    with pytest.raises(openai.BadRequestError) as no:
        ask(client, messages)
    assert (no.value.code, no.value.param) == (code, "messages")


@pytest.mark.parametrize("text", ["9 " * 200_000, "9" * 100_000, "a" * 400_000])
def test_a_turn_without_end_holds_up_nobody(client, text):
    """Each took the rules half a minute, in which no one else was served."""
    begun = time.perf_counter()
    assert ask(client, [{"role": "user", "content": text}]).choices[0].message.content
    assert time.perf_counter() - begun < 10


def test_a_body_beyond_all_measure_is_refused(client):
    with pytest.raises(openai.APIStatusError, match="larger than 8 MiB") as no:
        ask(client, [{"role": "user", "content": "x" * (chat_completions.LARGEST_BODY + 1)}])
    assert no.value.status_code == 413


# -- a mind that fails, or is not waited for


def test_a_mind_that_fails_is_said_and_not_asked_again(minded, caplog):
    mind = Recording(ValueError("the script is over"))
    with pytest.raises(openai.InternalServerError, match="could not be made: the script is over"):
        ask(minded(mind))
    assert len(mind.prompts) == 1, "openai's client would try again twice"


def test_a_mind_that_fails_in_the_middle_of_a_stream_is_said(minded):
    said = []
    with pytest.raises(openai.APIError, match="could not be made: no more"):
        for chunk in ask(minded(Recording(Say("Hello."), ValueError("no more"))), stream=True):
            said.append(chunk.choices[0].delta.content)
    assert "".join(said) == "Hello."


@pytest.fixture
async def fake():
    async with FakeChat().running() as fake:
        yield fake


@pytest.fixture
async def through(fake):
    """An async client of a server that asks the fake chat model."""
    model = ChatModel(fake.url, "tiny")
    async with MockServer(mind=model, api_key=KEY) as server, server.async_client() as client:
        yield client


async def test_a_chat_model_behind_answers(fake, through: AsyncOpenAI):
    fake.streams("It", " rains. Take", " a coat.")
    made = await through.chat.completions.create(model=MODEL, messages=HELLO, tools=[ADD])
    assert made.choices[0].message.content == "It rains. Take a coat."
    (asked,) = fake.requests
    assert asked["model"] == "tiny" and asked["tools"] == [ADD]


async def test_a_chat_models_words_are_streamed_as_they_come(fake, through: AsyncOpenAI):
    go_on = asyncio.Event()
    fake.streams("It rains. Take", go_on, " a coat.")
    said = ""
    async with asyncio.timeout(10):
        async for chunk in await through.chat.completions.create(model=MODEL, messages=HELLO, stream=True):
            said += chunk.choices[0].delta.content or ""
            if said == "It rains.":
                go_on.set()
    assert said == "It rains. Take a coat."


@pytest.mark.parametrize("stream", [False, True])
async def test_who_hangs_up_is_not_written_for(fake, through: AsyncOpenAI, stream):
    fake.streams("It rains. And then", asyncio.Event())
    begun = asyncio.Event()
    asking = asyncio.create_task(read(through, stream, begun))
    async with asyncio.timeout(10):
        await (begun if stream else fake.asked).wait()
        asking.cancel()
        await fake.hung_up.wait()


async def read(client: AsyncOpenAI, stream: bool, begun: asyncio.Event) -> None:
    made = await client.chat.completions.create(model=MODEL, messages=HELLO, stream=stream)
    if stream:
        async for _ in made:
            begun.set()


def test_requests_beside_one_another(minded):
    """One that waits holds up nobody."""

    class Waiting(Recording):
        async def reply(self, prompt):
            if prompt.history[-1].text == "Wait.":
                begun.set()
                await asyncio.to_thread(let_go.wait, 10)
            yield Say("Done.")

    begun, let_go = threading.Event(), threading.Event()
    client = minded(Waiting())
    waiting = threading.Thread(target=ask, args=(client, [{"role": "user", "content": "Wait."}]))
    waiting.start()
    assert begun.wait(10)
    assert ask(client).choices[0].message.content == "Done." and waiting.is_alive()
    let_go.set()
    waiting.join(10)


@pytest.mark.parametrize("stream", [False, True])
def test_a_server_ends_though_a_mind_still_thinks(caplog, stream):
    class Thinking(Recording):
        async def reply(self, prompt):
            yield Say("One moment.")
            begun.set()
            await asyncio.sleep(60)

    begun = threading.Event()
    with MockServer(mind=Thinking()) as server:
        client = server.client(max_retries=0)
        asking = threading.Thread(target=swallow, args=(client, stream))
        asking.start()
        assert begun.wait(10)
        ended = time.perf_counter()
    asking.join(10)
    assert not asking.is_alive() and time.perf_counter() - ended < 10
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def swallow(client: OpenAI, stream: bool) -> None:
    with contextlib.suppress(openai.APIError):
        list(ask(client, stream=stream))
