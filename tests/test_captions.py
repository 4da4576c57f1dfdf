"""Captions without a page: which words are grey, and when they are not any more. The page is tests/browser's."""

import asyncio

from openai.types.realtime import ConversationItemInputAudioTranscriptionDeltaEvent

from realtime_helpers.captions import KEPT, Captions
from realtime_helpers.clock_loudspeaker import ClockLoudspeaker

from .test_utterances import SECOND, TRANSCRIPTION, answer, completed, failed, turn

TRANSCRIBED = {"type": "session.updated", "session": {"audio": {"input": {"transcription": {"model": "m"}}}}}
STARTED = {"type": "input_audio_buffer.speech_started", "item_id": "u1", "audio_start_ms": 0}


class Event:
    """As much of the SDK's events as captions ask for."""

    def __init__(self, event):
        self.type, self._event = event["type"], event

    def to_dict(self):
        return self._event


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def show(captions, *events):
    for event in events:
        for each in event if isinstance(event, list) else [event]:
            captions.show(Event(each))
    return str(captions)


def delta(words, item_id="u1"):
    return {"type": f"{TRANSCRIPTION}.delta", "item_id": item_id, "delta": words}


def test_your_words_are_grey_until_they_are_final():
    captions = Captions()
    assert show(captions, TRANSCRIBED, STARTED) == "User: [\u2026]", "a voice is heard, and no word yet"
    assert show(captions, delta("Why is")) == "User: [Why is]"
    assert show(captions, delta(" the")) == "User: [Why is the]"
    assert show(captions, turn("u1", 0, 900, None), completed("u1", "Why is the sky blue?")) == (
        "User: Why is the sky blue?"
    )
    assert [line["final"] for line in captions.lines] == [True]


def test_without_transcription_there_is_no_line_of_yours():
    assert show(Captions(), turn("u1", 0, 900, None), answer("a1", "u1", "Blue.")) == "Assistant: Blue."


def test_a_failed_transcription_says_so():
    assert show(Captions(), TRANSCRIBED, turn("u1", 0, 900, None), failed("u1")) == ("User: (the transcription failed)")


def test_late_words_come_into_their_own_line():
    captions = Captions()
    late = show(captions, TRANSCRIBED, turn("u1", 0, 900, None), answer("a1", "u1", "Blue."))
    assert late == "User: [\u2026]\nAssistant: Blue."
    assert show(captions, completed("u1", "Why?")) == "User: Why?\nAssistant: Blue."


async def test_an_answer_is_grey_until_the_loudspeaker_has_played_it():
    clock = Clock()
    speaker = ClockLoudspeaker(speed=1, clock=clock)
    captions = Captions(listen_to=speaker)
    assert show(captions, answer("a1", None, "aaaa bbbb cccc")) == "Assistant: [aaaa bbbb cccc]"
    speaker.play(bytes(3 * 48_000), "a1")
    clock.now = 1.5
    assert await change(captions) == "Assistant: aaaa bbbb[ cccc]"
    clock.now = 9.0
    assert await change(captions) == "Assistant: aaaa bbbb cccc"
    assert [line["final"] for line in captions.lines] == [True]


async def change(captions):
    changed = asyncio.Event()
    captions.observe(lambda _: changed.set(), "lines")
    async with asyncio.timeout(5):
        await changed.wait()
    captions.unobserve_all("lines")
    return str(captions)


async def test_when_all_is_heard_it_looks_at_the_loudspeaker_no_more(monkeypatch):
    speaker = ClockLoudspeaker(speed=1000)
    captions = Captions(listen_to=speaker)
    speaker.play(bytes(2 * 48_000), "a1")
    show(captions, answer("a1", None, "One two."))
    while captions._waiting:
        await change(captions)
    assert str(captions) == "Assistant: One two."


async def test_a_word_that_came_behind_its_sound_is_heard_when_all_is_played():
    clock = Clock()
    speaker = ClockLoudspeaker(speed=1, clock=clock)
    captions = Captions(listen_to=speaker)
    speaker.play(bytes(48_000), "a1")
    clock.now = 5.0
    *sound, word, done, over = answer("a1", None, "aaaa bbbb", seconds_each=0)
    slice_ = {"type": "response.output_audio.delta", "item_id": "a1", "delta": SECOND}
    assert show(captions, sound, slice_, word, done, over) == "Assistant: aaaa bbbb"


async def test_of_an_interrupted_answer_the_unheard_words_vanish():
    clock = Clock()
    speaker = ClockLoudspeaker(speed=1, clock=clock)
    captions = Captions(listen_to=speaker)
    speaker.play(bytes(4 * 48_000), "a1")
    show(captions, answer("a1", None, "aaaa bbbb cccc dddd", done=False))
    clock.now = 1.5
    heard = speaker.clear()
    cut = {"type": "conversation.item.truncated", "item_id": "a1", "content_index": 0, "audio_end_ms": heard.ms}
    over = {"type": "response.output_item.done", "item": {"id": "a1", "status": "incomplete"}}
    assert show(captions, over, cut) == "Assistant: aaaa bbbb\u2013"


async def test_what_sounded_before_the_item_that_sounds_now_was_heard():
    clock = Clock()
    speaker = ClockLoudspeaker(speed=1, clock=clock)
    captions = Captions(listen_to=speaker)
    speaker.play(bytes(48_000), "a1")
    speaker.play(bytes(48_000), "a2")
    clock.now = 1.2
    show(captions, answer("a1", None, "aaaa"), answer("a2", "a1", "bbbb cccc"))
    assert str(captions) == "Assistant: aaaa\nAssistant: bbbb[ cccc]"


def test_only_the_last_lines_are_kept_and_a_new_conversation_begins_with_none():
    captions = Captions()
    for n in range(KEPT + 3):
        show(captions, answer(f"a{n}", f"a{n - 1}" if n else None, f"Line {n}."))
    assert [line["words"] for line in captions.lines] == [f"Line {n}." for n in range(3, KEPT + 3)]
    assert show(captions, {"type": "session.created", "session": {"type": "realtime"}}) == ""


def test_the_sdks_own_events_and_no_loop_will_do():
    captions = Captions(listen_to=ClockLoudspeaker(speed=1))
    words = {"event_id": "e", "item_id": "u1", "content_index": 0, "delta": "Why"}
    captions.show(ConversationItemInputAudioTranscriptionDeltaEvent(type=f"{TRANSCRIPTION}.delta", **words))
    show(captions, STARTED, answer("a1", "u1", "Blue."))
    assert str(captions) == "User: [Why]\nAssistant: [Blue.]"
