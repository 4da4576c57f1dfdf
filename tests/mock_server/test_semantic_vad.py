"""semantic_vad: the words decide how long a silence ends the turn."""

import asyncio
from base64 import b64encode

import pytest

from realtime_helpers.mock_server.semantics import FINISHED, LONGEST_MS, SHORTEST_MS, TRAILING, finished, window_ms

from .talk import silence

COMPLETE = "Tell me about gravity."
OPEN = "I would like to book a table for,"


@pytest.mark.parametrize(
    "transcript",
    [
        "Friday.",
        "Friday,",  # the recogniser's comma means nothing
        "Yes, please.",
        "We're ready to order.",
        "Four people,",
        "No, I don't.",
        "Yes, I'd love to.",
        "Where are you from?",
        "Who is it for?",
        "Do you know where it is?",
        "Turn it on.",
        "I think so.",
        "At 7:30.",
        "It was in May.",
        "Please turn it on.",
        "You don't like it, do you?",
        "My number is 0207 946 0958.",
        "If it rains on Saturday, we will come on Sunday.",
    ],
)
def test_finished(transcript):
    assert finished(transcript) == FINISHED


@pytest.mark.parametrize(
    "transcript",
    [
        "I would like to book a table for.",  # nor does its full stop
        "My name is,",
        "We are four people, and.",
        "Um.",
        "It was late because,",
        "I'd like to order um.",
        "I want to come on the",
        "Let me think.",
        "At half-past,",
        "Could you tell me that,",
        "If it rains on Saturday,",
        "Yes, I was wondering if you could.",
        "Before we start, could you?",
        "I would like to book",
        "And then...",
        "So basically,",
        "Can you deliver it by?",
    ],
)
def test_trailing(transcript):
    assert finished(transcript) == TRAILING


@pytest.mark.parametrize(
    "transcript", ["", "...", "Do they?", "I want to come on that.", "Can I have it?", "My number is 020."]
)
def test_unsure(transcript):
    assert TRAILING < finished(transcript) < FINISHED


@pytest.mark.parametrize("eagerness", ["low", "medium", "auto", "high"])
def test_the_surer_the_shorter(eagerness):
    sure, unsure, trailing = (window_ms(likely, eagerness) for likely in (0.9, 0.5, 0.1))
    assert SHORTEST_MS[eagerness] == sure < unsure < trailing == LONGEST_MS[eagerness]


def listen(talk, eagerness="auto", **options):
    vad = {"type": "semantic_vad", "eagerness": eagerness, **options}
    talk.configure(audio={"input": {"turn_detection": vad}})


async def ends(talk, *parts, chunk=None):
    """Where the turns ended in these stretches of audio, in ms, once all of it has been heard."""
    pcm = silence(0.5) + b"".join(parts)
    chunk = chunk or len(pcm)
    for start in range(0, len(pcm), chunk):
        talk.send("input_audio_buffer.append", audio=b64encode(pcm[start : start + chunk]).decode())
        if chunk < len(pcm):
            await asyncio.sleep(0)
    talk.send("input_audio_buffer.clear")
    await talk.until("input_audio_buffer.cleared")
    return [e["audio_end_ms"] for e in talk.of("input_audio_buffer.speech_stopped")]


@pytest.mark.parametrize(
    ("eagerness", "soonest", "latest"), [("high", 2000, 250), ("auto", 4000, 400), ("low", 8000, 800)]
)
async def test_a_finished_sentence_ends_early_and_an_open_one_waits(talk, say, eagerness, soonest, latest):
    done, still_open = say(COMPLETE), say(OPEN)
    one, other = talk(), talk()
    listen(one, eagerness, create_response=False)
    listen(other, eagerness, create_response=False)
    (end,) = await ends(one, done, silence(9))
    assert latest - 40 <= end - 500 - len(done) / 48 <= latest + 150
    (end,) = await ends(other, still_open, silence(9))
    assert soonest - 100 <= end - 500 - len(still_open) / 48 <= soonest + 150


async def test_a_hesitation_does_not_end_the_turn(talk, say):
    pcm = [say(OPEN), silence(1.5), say("four people on Friday."), silence(2)]
    semantic, plain = talk(), talk()
    listen(semantic, create_response=False)
    plain.configure(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
    assert len(await ends(semantic, *pcm)) == 1
    assert len(await ends(plain, *pcm)) == 2


@pytest.mark.parametrize("chunk", [960, 1922, 48_000])
async def test_any_chunks_the_same_turns(talk, say, chunk):
    pcm = [say(COMPLETE), silence(1), say(OPEN), silence(1.5), say("four people."), silence(3)]
    whole, cut = talk(), talk()
    for one in (whole, cut):
        listen(one, create_response=False)
    assert await ends(whole, *pcm) == await ends(cut, *pcm, chunk=chunk)
    kinds = [[e["type"] for e in one.events if "input_audio_buffer" in e["type"]] for one in (whole, cut)]
    assert kinds[0] == kinds[1]


async def test_client_events_wait_behind_the_audio_before_them(talk, say):
    one = talk()
    listen(one, create_response=False)
    pcm = silence(0.5) + say(COMPLETE) + silence(1)
    one.send("input_audio_buffer.append", audio=b64encode(pcm).decode())
    one.type("Hello.")
    one.send("input_audio_buffer.append", audio=b64encode(pcm).decode())
    one.send("input_audio_buffer.clear")
    await one.until("input_audio_buffer.cleared")
    told = [e["type"].split(".")[-1] for e in one.events if e["type"].split(".")[-1] in ("committed", "cleared")]
    assert told == ["committed", "committed", "cleared"]
    roles = [e["item"]["content"][0]["type"] for e in one.of("conversation.item.added")]
    assert roles == ["input_audio", "input_text", "input_audio"]


async def test_the_words_are_recognised_once(talk, say, speech, monkeypatch):
    lengths, transcribe = [], speech.transcribe

    async def counted(pcm):
        lengths.append(len(pcm))
        return await transcribe(pcm)

    monkeypatch.setattr(speech, "transcribe", counted)
    one = talk("Gladly.")
    listen(one)
    await one.speak(silence(0.5) + say("Friday.") + silence(1))
    await one.until("response.done")
    assert len(lengths) == len(set(lengths)) == 1


async def test_ears_that_fail_leave_it_to_the_silence(talk, say, speech, monkeypatch):
    async def fail(pcm):
        raise RuntimeError("no ears")

    monkeypatch.setattr(speech, "transcribe", fail)
    one, pcm = talk(), say(COMPLETE)
    listen(one, create_response=False)
    (end,) = await ends(one, pcm, silence(5))
    assert 1400 <= end - 500 - len(pcm) / 48 <= 1700


async def test_whoever_goes_on_after_an_early_end_interrupts(talk, say):
    one = talk("Gladly, and at great length, as you will hear.", "Very well.", pace=1)
    listen(one, "high")
    await one.speak(silence(0.5) + say("I would like a table.") + silence(0.6))
    await one.until("response.output_audio.delta")
    await one.speak(say("For four people, please.") + silence(0.6))
    first = await one.until("response.done")
    assert first["response"]["status_details"]["reason"] == "turn_detected"
    await one.until("input_audio_buffer.committed", count=2)


async def test_new_settings_hold_for_a_pause_that_has_begun(talk, say):
    one = talk()
    listen(one, "low", create_response=False)
    pcm = silence(0.5) + say(COMPLETE) + silence(0.6)
    await one.speak(pcm)
    listen(one, "high", create_response=False)
    (end,) = await ends(one, silence(3))
    assert end - len(pcm) / 48 < 100
