"""What both minds promise the server."""

import pytest

from realtime_helpers.mock_server.replies import Message, Prompt, Say
from realtime_helpers.mock_server.rules import Rules
from realtime_helpers.mock_server.script import Script

TURN = (Message("user", "what is entropy"), Message("assistant", "Hm."), Message("user", "and gravity"))


@pytest.mark.parametrize("mind", [Rules(), Script(["one", "two"])], ids=["rules", "script"])
async def test_the_same_prompt_gives_the_same_reply(mind):
    """A reply may be made early and thrown away, and the conversation may be another's in between."""
    prompt = Prompt("You are grumpy.", TURN)
    first = [part async for part in mind.reply(prompt)]
    async for _ in mind.reply(Prompt("", TURN[:1])):
        pass
    assert [part async for part in mind.reply(prompt)] == first
    assert len(first) == 1 and isinstance(first[0], Say) and first[0].text


async def test_another_conversation_gives_another_choice_of_words():
    """Variety comes from the conversation: twenty ways of arriving at one question do not all meet one line."""
    lines = set()
    for n in range(20):
        history = (Message("user", f"hello number {n}"), Message("assistant", "Yes?"), Message("user", "what is jam"))
        lines |= {part.text async for part in Rules().reply(Prompt("You are a grumpy professor.", history))}
    assert len(lines) >= 5
