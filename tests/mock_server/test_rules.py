"""The rules in conversation: the professor, other personas, and what instructions of a response ask for."""

import random
import re
import statistics
import time
from itertools import pairwise

import pytest

from realtime_helpers.mock_server.replies import Message, Prompt
from realtime_helpers.mock_server.rules import Rules
from realtime_helpers.mock_server.rules.knowledge import facts
from realtime_helpers.mock_server.rules.lines import GRUMPY, OWN_LINES, PLAIN

PROFESSOR = "You are a very grumpy physics professor. A student is here to see you. Respond very tersely and minimally."
PERSONAS = [
    PROFESSOR,
    "",
    "You are a pirate.",
    "You are a cheerful tour guide.",
    "You are a poet.",
    "You are a formal butler named James.",
    "You are a cowboy.",
    "Be very brief.",
    "You are a teacher. Answer in French.",
]
# (question, a word of its topic); none of the topics is in the table of facts
QUESTIONS = [
    ("how do airplanes fly", "airplanes"),
    ("Why does metal feel colder than wood?", "metal"),
    ("what happens when you put cheese in a microwave", "cheese"),
    ("can you explain how a battery works", "battery"),
    ("how come helium makes your voice squeaky", "helium"),
    ("why do boomerangs come back", "boomerangs"),
    ("Professor, could you tell me what a boson is?", "boson"),
    ("so um what is like a tachyon", "tachyon"),
    ("how is snow made", "snow"),
    ("why do we have leap years", "years"),
    ("can birds sit on power lines", "birds"),
    ("who came up with the periodic table", "periodic"),
    ("tell me something about comets", "comets"),
    ("what exactly is fire", "fire"),
    ("do you like jazz", "jazz"),
    ("how do touch screens work", "screens"),
    ("is teleportation possible", "teleportation"),
    ("who was Marie Curie", "curie"),
    ("does a bicycle need to move to stay upright", "bicycle"),
    ("why do bubbles burst", "bubbles"),
    ("when was the steam engine invented", "engine"),
    ("what did galileo discover", "galileo"),
    ("I have a question about my cactus", "cactus"),
    ("how fast can a cheetah run", "cheetah"),
    ("what is the best recipe for pancakes", "recipe"),
    ("where does the wind come from", "wind"),
    ("how do I learn the piano", "piano"),
    ("are zebras white or black", "zebras"),
    ("why can't I tickle myself", "tickle"),
    ("Good morning! How do bees make honey?", "bees"),
]


async def say(instructions, *turns):
    """One reply: turns alternate, and the last is the user's."""
    roles = ("user", "assistant") if len(turns) % 2 else ("assistant", "user")
    history = tuple(Message(roles[at % 2], text) for at, text in enumerate(turns))
    return " ".join([part.text async for part in Rules().reply(Prompt(instructions, history))])


async def talk(instructions, *user_turns):
    """A whole conversation; every reply."""
    turns = []
    for text in user_turns:
        turns.append(text)
        turns.append(await say(instructions, *turns))
    return turns[1::2]


async def test_the_professor_names_the_topic_in_few_words_and_never_repeats_a_line():
    answers = await talk(PROFESSOR, *(question for question, _ in QUESTIONS))
    missed = [pair for pair, a in zip(QUESTIONS, answers, strict=True) if pair[1] not in a.lower()]
    assert len(missed) <= 1, missed
    assert statistics.median(len(answer.split()) for answer in answers) <= 8
    assert len(set(answers)) == len(answers)


async def test_the_professor_knows_his_physics():
    answer = await say(PROFESSOR, "what is gravity")
    assert answer.startswith("Gravity") and facts()["gravity"][0] in answer
    assert len(answer.split()) <= 8


async def test_why_goes_deeper_and_then_there_is_no_more():
    first, why, more = await talk(PROFESSOR, "tell me about black holes", "why", "and then?")
    fact, deeper = facts()["black hole"]
    assert fact in first and deeper in why
    assert "lack holes" in more and fact not in more and deeper not in more


async def test_follow_ups_look_past_small_talk():
    *_, answer = await talk(PROFESSOR, "what is entropy", "thanks", "um", "I do not understand")
    assert facts()["entropy"][1] in answer
    *_, answer = await talk("", "my car makes a noise", "it started last week", "how much does it cost")
    assert "your car" in answer


async def test_a_question_asked_twice_is_noticed():
    first, second = await talk(PROFESSOR, "what is entropy", "What's entropy?")
    assert re.search("asked|again", second, re.IGNORECASE) and not re.search("asked|again", first, re.IGNORECASE)
    _, unseen = await talk(PROFESSOR, "what is jam", "what is jam")
    assert re.search("asked|again", unseen, re.IGNORECASE) and "jam" in unseen.lower()
    _, why = await talk(PROFESSOR, "what is jam", "why is jam sticky")
    assert not re.search("asked|again", why, re.IGNORECASE)


@pytest.mark.parametrize(
    ("said", "occasion"),
    [
        ("hello professor", "greeting"),
        ("thank you so much for your help", "thanks"),
        ("okay bye", "goodbye"),
        ("", "unclear"),
        ("Um...", "unclear"),
        ("You.", "unclear"),  # what a recogniser hears in silence
        ("wait stop", "stop"),
        ("how are you today", "how_are_you"),
        ("are you a real person", "machine"),
        ("can you hear me", "hear"),
        ("what time is it", "clock"),
        ("do you speak Spanish", "language"),
        ("tell me a joke", "joke"),
        ("I am so sorry", "forgiven"),
        ("Yes.", "yes"),
        ("okay", "yes"),
        ("no thanks", "no"),
        ("why", "lost"),
    ],
)
async def test_occasions(said, occasion):
    assert await say(PROFESSOR, said) in GRUMPY[occasion]
    assert await say("", said) in PLAIN[occasion]


async def test_a_greeting_before_a_question_does_not_hide_it():
    assert "olcano" in await say(PROFESSOR, "hi professor thanks for seeing me what is a volcano")
    assert "olcano" in await say(PROFESSOR, "wait, what about volcanoes?")


async def test_the_mind_has_a_name_and_remembers_yours():
    assert "physics professor" in (await say(PROFESSOR, "what is your name")).lower()
    assert "Rosa" in await say("You are a mechanic named Rosa.", "who are you")
    replies = await talk("", "my name is sam", "what is a pump", "what's my name")
    assert "Sam" in replies[0] and "Sam" in replies[2]
    assert await say("", "what is my name") in PLAIN["no_name"]


async def test_say_that_again_gives_the_line_before_and_does_not_nest():
    first, again, third = await talk(PROFESSOR, "what is entropy", "what did you say", "say that again please")
    assert again.endswith(first) and third.endswith(first) and first != again != third
    assert len(third.split()) <= len(first.split()) + 2


async def test_sums_and_capitals():
    assert "ifty-six" in await say(PROFESSOR, "what is 7 times eight")
    assert "ivides" in await say("", "what is ten divided by zero")
    assert "Paris" in await say("", "what's the capital of france")


async def test_an_interrupted_professor_says_so():
    cut = await say(PROFESSOR, "what is jam", "Jam. Look it", "what is butter")
    assert any(cut.startswith(line) for line in GRUMPY["interrupted"]) and "utter" in cut
    whole = await say(PROFESSOR, "what is jam", "Jam. Look it up.", "what is butter")
    assert not any(whole.startswith(line) for line in GRUMPY["interrupted"])


@pytest.mark.parametrize("greeting", [f"hello number {n}" for n in range(12)])
async def test_a_line_cut_short_is_not_said_again(greeting):
    for line in PLAIN["goodbye"]:
        cut = " ".join(line.rstrip(".").split()[:3])
        assert await say("", greeting, cut, "bye") != line or len(cut.split()) < 3


@pytest.mark.parametrize("instructions", PERSONAS)
async def test_no_line_twice_running_whatever_is_said(instructions):
    """A hundred turns drawn from everything that has a rule, with the same thing often said several times."""
    draw = random.Random(instructions)
    things = [
        "hello",
        "thanks",
        "bye",
        "",
        "um",
        "why",
        "stop",
        "what is gravity",
        "what is jam",
        "I like jam",
        "yes",
        "what did you say",
        "tell me a joke",
        "two plus two",
        "my name is Sam",
        "what is my name",
        "sorry about it",
        "can I have jam",
        "do you have jam",
        "who are you",
        "no",
        "how are you",
        "what time is it",
    ]
    turns = []
    for _ in range(40):
        turns += [draw.choice(things)] * draw.choice((1, 2, 4))
    replies = await talk(instructions, *turns)
    assert not [a for a, b in pairwise(replies) if a == b]
    for reply in replies:
        assert re.fullmatch(r"[A-Z][^\d*_#{}\[\]]*[.?!]", reply), reply


@pytest.mark.parametrize("instructions", PERSONAS)
async def test_every_persona_opens_the_talk(instructions):
    opening = " ".join([part.text async for part in Rules().reply(Prompt(instructions, ()))])
    assert re.fullmatch(r"[A-Z][^\d{}]*[.?!]", opening)


async def test_tones_can_be_heard():
    opening = await say("You are a pirate captain.", "hello")
    assert opening in OWN_LINES["pirate"]["greeting"]
    assert "treasure" in await say("You are a pirate captain.", "where is the treasure")
    assert "Wild Brunch" in " ".join(
        [part.text async for part in Rules().reply(Prompt("You take bookings at The Wild Brunch.", ()))]
    )


async def test_what_was_said_comes_back_from_the_other_side():
    assert "your car makes a strange noise" in (await say("", "my car makes a strange noise")).lower()
    assert "a table for two at seven" in (await say("", "I'd like a table for 2 at 7.")).lower()
    assert "hiking boots" in (await say("You are a shop assistant.", "Do you have any hiking boots?")).lower()


async def test_brief_instructions_shorten_the_answers():
    questions = ["how do bees make honey", "where is my hat", "what is a violin", "why do dogs bark"]
    brief, usual = await talk("Answer very briefly.", *questions), await talk("", *questions)
    assert sum(len(a.split()) for a in brief) < sum(len(a.split()) for a in usual)


async def test_another_language_is_declined_once():
    first, second = await talk("Always answer in French.", "what is jam", "what is butter")
    assert "French" in first and "English" in first and "jam" in first.lower()
    assert "French" not in second and "butter" in second.lower()


@pytest.mark.parametrize(
    ("instructions", "line"),
    [
        ('Say exactly: "The kettle is on."', "The kettle is on."),
        ("Say exactly: The kettle is on.", "The kettle is on."),
        ("Please repeat the following sentence: The kettle is on.", "The kettle is on."),
        ("Ask the caller for their name.", "May I ask for your name?"),
        ("Tell the user that their table is ready.", "Your table is ready."),
    ],
)
async def test_errands_of_one_response(instructions, line):
    lines = {line, line.replace("May I ask", "If I may ask,"), f"Please note: {line[0].lower()}{line[1:]}"}
    assert await say(instructions, "hello", "Hello.", "x") == line or not instructions.startswith(("Say", "Please"))
    reply = [part.text async for part in Rules().reply(Prompt(instructions, (Message("assistant", "Hm."),)))]
    assert reply[0] in lines


async def test_greet_the_user_greets_but_only_to_begin_with():
    instructions = "Greet the user, then answer their questions."
    assert await say(instructions, "hello") in PLAIN["greeting"]
    assert "volcano" in await say(instructions, "hello", "Hello.", "what is a volcano")


async def test_an_opening_line_in_the_instructions_is_used():
    instructions = 'You are Bob. Open the call by saying "Bob here, who is this?"'
    assert [part.text async for part in Rules().reply(Prompt(instructions, ()))] == ["Bob here, who is this?"]


async def test_a_reply_takes_less_than_two_milliseconds():
    history = []
    for question, _ in QUESTIONS:
        history += [Message("user", question), Message("assistant", "Hm.")]
    took = []
    for n in range(50):
        prompt = Prompt(PROFESSOR, (*history, Message("user", f"how do they make marmalade number {n}")))
        began = time.process_time()
        assert [part async for part in Rules().reply(prompt)]
        took.append(time.process_time() - began)
    assert statistics.median(took) < 0.002
