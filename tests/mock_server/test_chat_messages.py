"""Whatever a conversation holds, the request is one that chat templates accept."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_helpers.mock_server.chat.messages import chat_messages, chat_tools
from realtime_helpers.mock_server.replies import Call, CallOutput, Message, Prompt

PNG = "data:image/png;base64,iVBORw0KGgo="
TOOL = {
    "type": "function",
    "name": "book",
    "description": "Books.",
    "parameters": {"type": "object", "properties": {"day": {"type": "string"}}},
}


def talk(*history, instructions="Be brief.", **options) -> list[dict]:
    return chat_messages(Prompt(instructions, history), **options)[1:]


def test_instructions_come_first_and_say_that_this_is_spoken():
    (system, user) = chat_messages(Prompt("Be brief.", (Message("system", "It is Monday."), Message("user", "Hi"))))
    assert system["role"] == "system" and system["content"].startswith("Be brief.\n\nIt is Monday.\n\n")
    assert "aloud" in system["content"]
    assert user == {"role": "user", "content": "Hi"}


def test_calls_of_one_response_are_one_message_each_followed_by_its_answer():
    turns = talk(
        Message("user", "Both days"),
        Message("assistant", "One moment."),
        Call("book", '{"day": "Mon"}', "a"),
        Call("book", '{"day": "Tue"}', "b"),
        CallOutput("b", "taken"),
        CallOutput("a", "free"),
        Call("book", '{"day": "Wed"}', "c"),
        Message("user", "Hurry"),
    )
    assert [turn["role"] for turn in turns] == ["user", "assistant", "tool", "tool", "assistant", "tool", "user"]
    first, second = turns[1], turns[4]
    assert first["content"] == "One moment."
    assert [c["function"]["arguments"] for c in first["tool_calls"]] == ['{"day": "Mon"}', '{"day": "Tue"}']
    assert [t["content"] for t in turns[2:4]] == ["free", "taken"]
    assert [t["tool_call_id"] for t in turns[2:4]] == [c["id"] for c in first["tool_calls"]]
    assert second["tool_calls"][0]["function"] == {"name": "book", "arguments": '{"day": "Wed"}'}
    assert "not been answered" in turns[5]["content"]


def test_an_output_that_comes_late_still_follows_its_call():
    turns = talk(Message("user", "Book"), Call("book", "{}", "a"), Message("user", "Well?"), CallOutput("a", "done"))
    assert [(t["role"], t["content"]) for t in turns[2:]] == [("tool", "done"), ("user", "Well?")]


def test_an_output_whose_call_was_deleted_is_still_told():
    (turn,) = talk(CallOutput("gone", "done"))
    assert turn["role"] == "user" and "done" in turn["content"]


def test_broken_arguments_of_an_earlier_call_are_wrapped():
    for broken in ('{"day": ', "[1]", ""):
        turns = talk(Message("user", "Book"), Call("book", broken, "a"))
        assert json.loads(turns[1]["tool_calls"][0]["function"]["arguments"]) == {"arguments": broken}


def test_images_are_parts_and_without_images_a_sentence():
    history = (Message("user", "What is it?", (PNG, PNG)),)
    (turn,) = talk(*history)
    assert turn["content"] == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": PNG}},
        {"type": "image_url", "image_url": {"url": PNG}},
    ]
    (turn,) = talk(*history, with_images=False)
    assert turn["content"].startswith("What is it?\n") and turn["content"].count("could not be shown") == 2
    (turn,) = talk(Message("user", "", (PNG,)))
    assert [part["type"] for part in turn["content"]] == ["image_url"], "nothing was said, so nothing was misheard"


def test_speech_that_was_not_understood_is_told_as_that():
    (turn,) = talk(Message("user", ""))
    assert "could not be understood" in turn["content"]


def test_tools_go_one_level_deeper():
    other = {"type": "mcp", "server_label": "x"}
    fields = chat_tools(Prompt("", (), (TOOL, other, {"type": "function", "name": "stop"})))
    assert fields == {
        "tools": [
            {"type": "function", "function": {k: v for k, v in TOOL.items() if k != "type"}},
            {
                "type": "function",
                "function": {"name": "stop", "description": "", "parameters": {"type": "object", "properties": {}}},
            },
        ]
    }
    assert chat_tools(Prompt("", (), (), "required", False)) == {}


@pytest.mark.parametrize(
    ("choice", "names", "said"),
    [
        ("auto", ["book", "stop"], None),
        ("none", [], None),
        ("required", ["book", "stop"], "call one of the tools."),
        ({"type": "function", "name": "stop"}, ["stop"], "call stop."),
    ],
)
def test_tool_choice_also_where_the_endpoint_ignores_it(choice, names, said):
    prompt = Prompt("", (), (TOOL, {"type": "function", "name": "stop"}), choice)
    fields, system = chat_tools(prompt), chat_messages(prompt)[0]["content"]
    assert [t["function"]["name"] for t in fields.get("tools", [])] == names
    assert fields.get("tool_choice") == ("required" if said else None)
    assert system.endswith(said) if said else "do not answer in words" not in system


def test_parallel_calls_are_mentioned_only_where_forbidden():
    assert "parallel_tool_calls" not in chat_tools(Prompt("", (), (TOOL,)))
    assert chat_tools(Prompt("", (), (TOOL,), "auto", False))["parallel_tool_calls"] is False


IDS = st.sampled_from(["a", "b", "c"])
ITEMS = st.one_of(
    st.builds(
        Message,
        st.sampled_from(["user", "assistant", "system"]),
        st.sampled_from(["", "Hi"]),
        st.sampled_from([(), (PNG,)]),
    ),
    st.builds(Call, st.just("book"), st.sampled_from(["{}", "{"]), IDS),
    st.builds(CallOutput, IDS, st.just("ok")),
)


@given(st.lists(ITEMS, max_size=12), st.booleans())
def test_any_conversation_becomes_one_that_templates_accept(history, with_images):
    system, *turns = chat_messages(Prompt("", tuple(history)), with_images=with_images)
    assert system["role"] == "system" and turns[0]["role"] == "user"
    assert turns[-1]["role"] in ("user", "tool")
    ids = []
    for before, turn in zip(turns, [*turns[1:], None], strict=True):
        assert before["content"] or "tool_calls" in before
        wanted = [c["id"] for c in before.get("tool_calls", [])]
        after = turns[turns.index(before) + 1 :] if wanted else []
        assert [t.get("tool_call_id") for t in after[: len(wanted)]] == wanted
        ids += wanted
        if turn and before["role"] == turn["role"]:
            assert before["role"] == "tool" or "tool_calls" in before
    assert len(ids) == len(set(ids)) == sum(isinstance(item, Call) for item in history)
