"""What a chat model writes, cut into sentences that can be said."""

import pytest

from realtime_helpers.mock_server.chat.sentences import Sentences
from realtime_helpers.mock_server.chat.thoughts import Thoughts

PROSE = [
    ["Dr. Smith paid $3.50 for it.", "He left."],
    ["Use fruit, e.g. apples or pears.", "They keep."],
    ["It opens at 5 p.m. on Friday.", "Come early."],
    ["It opens at 5 p.m.", "Come early."],
    ["Well... I am not sure.", "Perhaps."],
    ['"Is it true?" he asked.', "She nodded."],
    ['He said, "Go away."', "Then he left."],
    ["The U.S. Government said so.", "I agree."],
    ["Version 2.0.1 is out.", "Get it."],
    ["Wait!", "What?!", "No."],
    ["J. R. R. Tolkien wrote it.", "It is long."],
    ["I was born in Oct. 1990 in St. Louis.", "Really."],
    ["I think so, i.e. I am sure.", "Right."],
    ["The answer is 42.", "That is all."],
    ["Good morning!", "How can I help you today?"],
]
WRITTEN = {
    "# Plan\n\n1. **Preheat** the oven. Wait.\n2. Mix _it_ all.": [
        "Plan", "1. Preheat the oven.", "Wait.", "2. Mix it all.",
    ],
    "- [x] done\n* starred\n---\n> quoted. Yes!": ["done", "starred", "quoted.", "Yes!"],
    "```python\nprint(1)\n```": ["print(1)"],
    "| Day | Free |\n|---|:-:|\n| Monday | no |": ["Day, Free", "Monday, no"],
    "**Bold. Text.** More \U0001f600\U0001f1e9\U0001f1ea.": ["Bold.", "Text.", "More."],
    "See [Look! It works](http://h/?a=b. c) now. Fine.": ["See Look! It works now.", "Fine."],
    "It is 20°C, 2 * 3 and 4*5, my_name and `code`.": ["It is 20°C, 2 * 3 and 4*5, my_name and code."],
    "-5 degrees. Cold.": ["-5 degrees.", "Cold."],
    "今日は晴れです。散歩しましょう。": ["今日は晴れです。", "散歩しましょう。"],
    "\U0001f600": [],
    "...": [],
    "": [],
}  # fmt: skip


def cut(text: str, size: int) -> list[str]:
    sentences = Sentences()
    said = [s for at in range(0, len(text), size) for s in sentences.feed(text[at : at + size])]
    return said + sentences.end()


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_sentences_end_where_they_end_however_the_text_arrives(size):
    assert [cut(" ".join(sentences), size) for sentences in PROSE] == PROSE


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_written_is_made_fit_to_be_said(text, size):
    assert cut(text, size) == WRITTEN[text]


def test_a_sentence_is_given_back_as_soon_as_the_next_has_begun():
    sentences = Sentences()
    assert sentences.feed("It rains.") == [], "it may go on: 'It rains.txt'"
    assert sentences.feed(" And") == ["It rains."]
    assert sentences.feed(" it pours\n") == ["And it pours"]


def test_one_endless_sentence_is_given_back_in_parts_and_nothing_is_lost():
    text = "and so on, " * 500
    parts = cut(text, 7)
    assert max(map(len, parts)) <= 400 and " ".join(parts) == text.strip()
    assert "".join(cut("x" * 2000, 7)) == "x" * 2000


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_thoughts_are_dropped_wherever_the_chunks_end(size):
    text = "<think>Hm. <b>5 < 6</b></think>It <i>is</i> 5 <6. <Thinking>So.</THINKING>Yes<t"
    thoughts = Thoughts()
    answer = "".join(thoughts.drop_from(text[at : at + size]) for at in range(0, len(text), size)) + thoughts.end()
    assert answer == "It <i>is</i> 5 <6. Yes<t"


def test_a_thought_that_never_ends_is_no_answer():
    thoughts = Thoughts()
    assert thoughts.drop_from("<think>Round and round</thi") + thoughts.end() == ""
