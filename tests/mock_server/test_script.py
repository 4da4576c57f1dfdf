"""The scripted mind: one step a response, counted from the conversation."""

import json

import pytest

from realtime_helpers.mock_server.replies import Call, CallOutput, Message, Prompt, Say
from realtime_helpers.mock_server.script import Script, ScriptError

HELLO = Message("user", "hello")


async def replies(script, *history):
    return [part async for part in script.reply(Prompt("", tuple(history)))]


async def test_steps_follow_the_conversation():
    script = Script(["one", Say("two"), ["three", Call("wave", "{}")]])
    history = [HELLO]
    assert await replies(script, *history) == [Say("one")]
    history += [Message("assistant", "one"), Message("user", "and?")]
    assert await replies(script, *history) == [Say("two")]
    history += [Message("assistant", "two")]  # response.create again, with no turn between
    assert await replies(script, *history) == [Say("three"), Call("wave", "{}")]


async def test_a_message_and_its_calls_are_one_response():
    script = Script([["looking", Call("a", "{}", "1"), Call("b", "{}", "2")], "done"])
    history = [HELLO, Message("assistant", "looking"), Call("a", "{}", "1"), Call("b", "{}", "2")]
    outputs = [CallOutput("1", "x"), CallOutput("2", "y")]
    assert await replies(script, *history, *outputs) == [Say("done")]
    assert await replies(script, *history) == [Say("done")]


async def test_a_response_cut_short_before_its_calls_is_over():
    script = Script([["looking", Call("a", "{}")], "next", "last"])
    history = [HELLO, Message("assistant", "loo"), Message("user", "wait")]
    assert await replies(script, *history) == [Say("next")]
    assert await replies(script, *history, Message("assistant", "next"), HELLO) == [Say("last")]


async def test_a_reply_thrown_away_costs_no_step_and_conversations_do_not_mix():
    script = Script(["one", "two"])
    assert await replies(script, HELLO) == await replies(script, Message("user", "hello there")) == [Say("one")]


async def test_an_exhausted_script_says_which_response_has_no_step():
    script = Script(["one"])
    with pytest.raises(ScriptError, match="1 steps and this is response 2"):
        await replies(script, HELLO, Message("assistant", "one"), HELLO)


async def test_a_script_from_a_file(tmp_path):
    path = tmp_path / "script.json"
    path.write_text(
        json.dumps(["hello", {"call": "book", "arguments": {"people": 2}}, ["x", {"call": "y", "arguments": "{bro"}]])
    )
    assert Script.from_file(path).steps == (
        (Say("hello"),),
        (Call("book", '{"people": 2}'),),
        (Say("x"), Call("y", "{bro")),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [("[1]", "Step 1"), ('["fine", {"say": "x"}]', "Step 2"), ("{}", "JSON array"), ("[", "cannot be read")],
)
def test_a_bad_script_file_is_named(tmp_path, text, message):
    path = tmp_path / "script.json"
    path.write_text(text)
    with pytest.raises(ScriptError, match=message):
        Script.from_file(path)


def test_a_missing_script_file_is_named(tmp_path):
    with pytest.raises(ScriptError, match=r"nowhere\.json"):
        Script.from_file(tmp_path / "nowhere.json")
