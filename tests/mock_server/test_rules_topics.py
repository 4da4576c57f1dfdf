"""What a sentence is found to be about, without commas or capitals."""

import pytest

from realtime_helpers.mock_server.rules.knowledge import facts
from realtime_helpers.mock_server.rules.topics import find_topic
from realtime_helpers.mock_server.rules.words import last_question, mirrored, tokens, with_capitals


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("why does bread rise", "bread"),
        ("how do i boil an egg", "egg"),
        ("what's the difference between cats and dogs", "cats and dogs"),
        ("what is the meaning of life", "meaning of life"),
        ("how does a microwave oven work", "microwave oven"),
        ("why is the ocean salty", "ocean"),
        ("why do leaves change color in autumn", "leaves"),
        ("what is heavier gold or lead", "gold or lead"),
        ("what powers the engine", "engine"),
        ("can you help me with my homework on volcanoes", "volcanoes"),
        ("what would happen if i fell into a volcano", "volcano"),
        ("who was the first person on mars", "mars"),
        ("why do we sleep", "sleep"),
        ("what is love", "love"),
    ],
)
def test_topics(said, topic):
    assert find_topic(tokens(said)).name == topic


@pytest.mark.parametrize("said", ["why", "how does it work", "what do you mean", "and then", ""])
def test_no_topic(said):
    assert find_topic(tokens(said)) is None


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("explain entropee", "entropy"),
        ("what is quant um mechanics", "quantum mechanics"),
        ("tell me about black wholes", "black hole"),
        ("what about higgs bows on", "higgs boson"),
    ],
)
def test_misheard_names_are_understood(heard, meant):
    topic = find_topic(tokens(heard))
    assert (topic.name, topic.fact) == (meant, facts()[meant][0])


@pytest.mark.parametrize("said", ["what is a plant", "what is a function", "what is fiction", "who is the master"])
def test_words_that_only_look_like_a_name_are_left_alone(said):
    assert not find_topic(tokens(said)).fact


@pytest.mark.parametrize("said", ["how does a light bulb work", "what is cold fusion", "are there other universes"])
def test_a_fact_is_only_for_what_the_whole_phrase_names(said):
    assert not find_topic(tokens(said)).fact


def test_every_fact_is_found_by_each_of_its_names():
    table = facts()
    for name, (fact, deeper) in table.items():
        topic = find_topic(tokens(f"what is {name}"))
        assert topic is not None and topic.fact == fact, name
        assert fact.endswith((".", "!")) and deeper.endswith("."), name
        assert len(fact.split()) <= 8 and not any(c.isdigit() for c in fact + deeper), name


def test_a_phrase_turns_my_into_your():
    assert find_topic(tokens("why does my tea get cold")).phrase == "your tea"


def test_the_last_question_is_answered():
    assert last_question("Hello. Who are you? What is Ohm's law? Thank you very much indeed.") == "What is Ohm's law?"
    assert last_question("I am tired. Tell me about pi at 3.14. Thanks.") == "Tell me about pi at 3.14."
    assert last_question("...") == ""


def test_sentences_are_mirrored():
    assert mirrored(tokens("my dog likes you and i like your hat")) == "your dog likes me and you like my hat"
    assert mirrored(tokens("you are grumpy and i am tired")) == "I am grumpy and you are tired"


def test_names_keep_their_capitals_but_sentences_lend_none():
    assert with_capitals("isaac newton", "was Isaac Newton rude") == "Isaac Newton"
    assert with_capitals("bread", "Bread is nice") == "bread"
