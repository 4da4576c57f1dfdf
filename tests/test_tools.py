"""Each call one output, each response with calls one answer, whatever happens; and nobody waits for a tool."""

import asyncio
import datetime
import json
import threading
from types import SimpleNamespace
from typing import Annotated, Literal

import pytest
from openai import AsyncOpenAI
from pydantic import Field

from realtime_helpers.mock_server import Call, MockServer
from realtime_helpers.tools import ToolError, ToolSet


def book(date: datetime.date, people: Annotated[int, Field(ge=1, description="heads")], title: str = "none") -> str:
    """Book a table.

    Of four legs.
    """
    return f"{title} for {people} on {date:%A}"


def explode() -> None:
    """Fail."""
    raise RuntimeError("the whole story")


async def hang() -> None:
    """Take for ever."""
    await asyncio.Event().wait()


def quietly(functions, **options):
    return ToolSet(functions, log=None, **options)


# -- what is offered ---------------------------------------------------------------------------------------------------


def test_a_schema_says_what_the_signature_says():
    (schema,) = quietly([book]).schema
    assert schema == {
        "type": "function",
        "name": "book",
        "description": "Book a table. Of four legs.",
        "parameters": {
            "type": "object",
            "additionalProperties": False,
            "required": ["date", "people"],
            "properties": {
                "date": {"type": "string", "format": "date"},
                "people": {"type": "integer", "minimum": 1, "description": "heads"},
                "title": {"type": "string", "default": "none"},
            },
        },
    }


def test_methods_know_their_object_and_choices_are_listed():
    class Kitchen:
        def ask(self, dish: Literal["chili", "beans"]): ...

    (schema,) = quietly([Kitchen().ask]).schema
    assert schema["parameters"]["properties"] == {"dish": {"type": "string", "enum": ["chili", "beans"]}}
    assert "description" not in schema


@pytest.mark.parametrize("function", [lambda: 1, lambda *a: 1, asyncio.Event()])
def test_what_cannot_be_a_tool_is_refused_in_a_sentence(function):
    with pytest.raises(ToolError, match="name"):
        quietly([function])


def test_parameters_that_a_model_cannot_name_are_refused():
    def many(*dates): ...
    def odd(event: asyncio.Event): ...

    for function in (many, odd):
        with pytest.raises(ToolError, match=function.__name__):
            _ = quietly([function]).schema


# -- against the service -----------------------------------------------------------------------------------------------


@pytest.fixture
def run():
    """`await run(tools, script)`: a typed conversation, until a response holds words; what the server got, and said."""

    async def run(tools, script):
        async with MockServer(script=[script, "There you are."]) as server:
            client: AsyncOpenAI = server.async_client()
            async with asyncio.timeout(20), client.realtime.connect(model="gpt-realtime") as connection:
                await connection.session.update(
                    session={"type": "realtime", "output_modalities": ["text"], "tools": tools.schema}
                )
                await connection.response.create()
                async for event in connection:
                    await tools.handle(event, connection)
                    if event.type == "response.done" and any(i.type == "message" for i in event.response.output):
                        break
            return server.connections[0]

    return run


def outputs(log):
    items = [e.event["item"] for e in log.received("conversation.item.create")]
    return [item["output"] for item in items if item["type"] == "function_call_output"]


@pytest.mark.parametrize(
    ("call", "told", "kept"),
    [
        (Call("book", {"date": "2026-11-22", "people": "4"}), "none for 4 on Sunday", None),
        (Call("book", {"date": "next Sunday", "people": 4}), "date: Input should be a valid date", "date"),
        (Call("book", {"date": "2026-11-22", "people": 0}), "people: Input should be greater", "people"),
        (Call("book", {"date": "2026-11-22", "people": 4, "hat": 1}), "hat: Extra", "hat"),
        (Call("book", "{"), "not JSON", "JSON"),
        (Call("shoot", "{}"), "There is no tool 'shoot', only book, explode, hang", "shoot"),
        (Call("explode", "{}"), "This did not work (RuntimeError).", "the whole story"),
        (Call("hang", "{}"), "may or may not have been done", ""),
    ],
    ids=lambda value: value.name if isinstance(value, Call) else "",
)
async def test_every_call_gets_one_output_and_one_answer(run, call, told, kept):
    tools = quietly([book, explode, hang], timeout_s=0.2)
    log = await run(tools, call)
    (output,) = outputs(log)
    assert told in output
    assert len(log.received("response.create")) == 2, "the first one, and one for the answer"
    (called,) = tools.calls
    assert called.output == output and called.seconds is not None
    if kept is None:
        assert called.error is None
    else:
        assert kept in str(called.error) and "error" in json.loads(output)
        assert "whole story" not in output


async def test_several_calls_of_one_response_get_one_answer_after_the_last(run):
    slow = asyncio.Event()

    async def first() -> str:
        await slow.wait()
        return "1"

    async def second() -> str:
        slow.set()
        return "2"

    log = await run(quietly([first, second]), [Call("first", "{}"), Call("second", "{}")])
    assert sorted(outputs(log)) == ["1", "2"]
    kinds = [e.type for e in log if e.direction == "received"]
    assert kinds.count("response.create") == 2 and kinds[-1] == "response.create"
    done = next(e for e in log.sent("response.done"))
    assert log.received("response.create")[-1].at >= done.at


async def test_a_sync_tool_runs_in_a_thread_of_its_own(run):
    seen = []

    def where() -> int:
        """Where does this run?"""
        seen.append(threading.get_ident())

    log = await run(quietly([where]), Call("where", "{}"))
    assert seen and seen[0] != threading.get_ident()
    assert outputs(log) == ["done"]


# -- event by event ----------------------------------------------------------------------------------------------------


class Line:
    """A connection that keeps what was sent."""

    def __init__(self):
        self.sent = []
        self._connection = self
        self.notes = []
        self.conversation = SimpleNamespace(item=SimpleNamespace(create=self._item))
        self.response = SimpleNamespace(create=self._response)

    async def _item(self, item):
        self.sent.append(item["output"])

    async def _response(self):
        self.sent.append("response.create")


def event(kind, **fields):
    return SimpleNamespace(type=kind, **fields)


def created(id):
    return event("response.created", response=SimpleNamespace(id=id, conversation_id="conv"))


def called(response, call, name="look"):
    fields = {"response_id": response, "call_id": call, "name": name, "arguments": "{}"}
    return event("response.function_call_arguments.done", **fields)


def read(call):
    """The output is in the conversation."""
    return event("conversation.item.added", item=SimpleNamespace(type="function_call_output", call_id=call))


def session(create_response=True):
    turns = SimpleNamespace(create_response=create_response)
    audio = SimpleNamespace(input=SimpleNamespace(turn_detection=turns))
    return event("session.created", session=SimpleNamespace(audio=audio))


def done(id, status="completed"):
    return event("response.done", response=SimpleNamespace(id=id, status=status))


def look() -> str:
    """Look."""
    return "seen"


async def heard(tools, line, *events):
    for one in events:
        await tools.handle(one, line)
    await tools.finished()
    return line.sent


async def test_the_answer_waits_for_the_end_of_the_response():
    tools, line = quietly([look]), Line()
    assert await heard(tools, line, created("r"), called("r", "c")) == ["seen"]
    assert await heard(tools, line, done("r")) == ["seen", "response.create"]


async def test_a_cancelled_response_gets_its_outputs_and_no_answer():
    assert await heard(quietly([look]), Line(), created("r"), called("r", "c"), done("r", "cancelled")) == ["seen"]


async def test_after_a_silent_tool_nothing_more_is_said():
    tools = ToolSet([look], silent=[look], log=None)
    assert await heard(tools, Line(), created("r"), called("r", "c"), done("r")) == ["seen"]
    assert [tool["name"] for tool in ToolSet([], silent=[look]).schema] == ["look"]


async def test_a_slow_tool_holds_up_nothing_and_does_not_talk_into_a_turn():
    go = asyncio.Event()

    async def slow() -> str:
        await go.wait()
        return "at last"

    tools, line = quietly([slow]), Line()
    async with asyncio.timeout(5):
        for one in (created("r"), called("r", "c", "slow"), done("r"), event("input_audio_buffer.speech_started")):
            await tools.handle(one, line)
    assert line.sent == [], "it is still at work, and the loop went on"
    go.set()
    assert await heard(tools, line) == ["at last"], "somebody speaks: the reply to him reads it"
    turn = (event("input_audio_buffer.speech_stopped"), read("c"), created("s"), done("s"))
    assert await heard(tools, line, *turn) == ["at last"]


async def slow_call(tools, line, go, *meanwhile):
    """A call in a response that is done, these events, and only then its output."""
    for one in (created("r"), called("r", "c", "slow"), done("r"), *meanwhile):
        await tools.handle(one, line)
    go.set()
    return await heard(tools, line)


@pytest.fixture
def slow():
    async def slow() -> str:
        await slow.go.wait()
        return "at last"

    slow.go = asyncio.Event()
    return slow


STARTED, STOPPED = event("input_audio_buffer.speech_started"), event("input_audio_buffer.speech_stopped")


async def test_between_a_turn_and_its_reply_nothing_is_asked_for(slow):
    tools, line = quietly([slow]), Line()
    assert await slow_call(tools, line, slow.go, STARTED, STOPPED) == ["at last"], "the service is about to reply"
    assert await heard(tools, line, read("c"), created("s"), done("s")) == ["at last"]


async def test_where_the_service_does_not_reply_to_turns_the_end_of_one_is_enough(slow):
    tools, line = quietly([slow]), Line()
    await tools.handle(session(create_response=False), line)
    assert await slow_call(tools, line, slow.go, STARTED, STOPPED) == ["at last", "response.create"]


async def test_a_reply_that_began_before_the_output_came_has_not_read_it(slow):
    tools, line = quietly([slow]), Line()
    await slow_call(tools, line, slow.go, STARTED)
    late = (STOPPED, created("s"), read("c"), done("s"))
    assert await heard(tools, line, *late) == ["at last", "response.create"]


async def test_an_event_shown_twice_is_one_call(slow):
    tools = quietly([look])
    twice = [e for e in (created("r"), called("r", "c"), done("r")) for _ in range(2)]
    assert await heard(tools, Line(), *twice) == ["seen", "response.create"]


async def test_a_new_session_knows_nothing_of_the_one_before():
    tools, line = quietly([look]), Line()
    await heard(tools, Line(), session(), created("q"), STARTED)  # hung up in the middle of it all
    assert await heard(tools, line, session(), created("r"), called("r", "c"), done("r")) == ["seen", "response.create"]


def leave() -> None:
    raise SystemExit("leaving")


def end() -> None:
    raise StopIteration


async def cancel() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("tool", [leave, end, cancel], ids=lambda tool: tool.__name__)
async def test_no_way_out_of_a_tool_leaves_the_call_without_an_output(tool):
    tools, line = quietly([tool]), Line()
    async with asyncio.timeout(5):
        sent = await heard(tools, line, created("r"), called("r", "c", tool.__name__), done("r"))
    assert len(sent) == 2 and "did not work" in sent[0] and tools.calls[0].error is not None


async def test_a_log_that_fails_costs_nobody_an_output():
    def full(line):
        raise OSError("no space left")

    sent = await heard(ToolSet([look], log=full), Line(), created("r"), called("r", "c"), done("r"))
    assert sent == ["seen", "response.create"]


async def test_tools_that_hang_take_no_place_from_others():
    stuck = threading.Event()

    def wait() -> None:
        stuck.wait()

    tools, line = quietly([wait, look], timeout_s=0.3), Line()
    hanging = [called("r", f"h{n}", "wait") for n in range(50)]
    try:
        sent = await heard(tools, line, created("r"), *hanging, called("r", "c"), done("r"))
    finally:
        stuck.set()
    assert sent[0] == "seen" and sent[-1] == "response.create" and len(sent) == 52


async def test_another_response_under_way_is_waited_for():
    go = asyncio.Event()

    async def slow() -> str:
        await go.wait()
        return "at last"

    tools, line = quietly([slow]), Line()
    for one in (created("r"), called("r", "c", "slow"), done("r"), created("s")):
        await tools.handle(one, line)
    go.set()
    assert await heard(tools, line) == ["at last"], "asked now, it would be refused"
    assert await heard(tools, line, done("s")) == ["at last", "response.create"]


async def test_the_log_tells_all(capsys):
    tools = ToolSet([explode])
    await heard(tools, Line(), created("r"), called("r", "c", "explode"), done("r"))
    assert capsys.readouterr().out == "    explode()\n        -> RuntimeError: the whole story\n"


async def test_a_call_without_an_event_is_guarded_in_the_same_way():
    """For a model that is no realtime model."""
    tools = quietly([book, explode, hang], timeout_s=0.05)
    assert "Friday" in await tools.call("book", '{"date": "2026-11-20", "people": 2}')
    outputs = [await tools.call(name, "{}") for name in ("book", "explode", "hang", "nothing")]
    assert all("error" in json.loads(output) for output in outputs), outputs
    assert "the whole story" not in outputs[1] and str(tools.calls[2].error) == "the whole story"
    assert all(called.seconds is not None for called in tools.calls)
