"""Who said what: events in the orders in which they really come, late and failed transcripts included."""

from base64 import b64encode

from realtime_helpers.utterances import Utterances

SECOND = b64encode(bytes(48_000)).decode()
TRANSCRIPTION = "conversation.item.input_audio_transcription"


def append(seconds):
    return [{"type": "input_audio_buffer.append", "audio": SECOND}] * seconds


def turn(item_id, start_ms, end_ms, previous):
    return [
        {"type": "input_audio_buffer.speech_started", "item_id": item_id, "audio_start_ms": start_ms},
        {"type": "input_audio_buffer.speech_stopped", "item_id": item_id, "audio_end_ms": end_ms},
        {"type": "input_audio_buffer.committed", "item_id": item_id, "previous_item_id": previous},
        added(item_id, "user", previous, content=[{"type": "input_audio", "transcript": None}]),
    ]


def added(item_id, role, previous, **item):
    item = {"id": item_id, "type": "message", "role": role, **item}
    return {"type": "conversation.item.added", "item": item, "previous_item_id": previous}


def answer(item_id, previous, words, *, done=True, seconds_each=1):
    events = [added(item_id, "assistant", previous, content=[])]
    for word in words.split():
        delta = word if len(events) == 1 else f" {word}"
        events.append({"type": "response.output_audio_transcript.delta", "item_id": item_id, "delta": delta})
        events += [{"type": "response.output_audio.delta", "item_id": item_id, "delta": SECOND}] * seconds_each
    if done:
        events.append({"type": "response.output_audio_transcript.done", "item_id": item_id, "transcript": words})
        item = {"id": item_id, "status": "completed"}
        events.append({"type": "response.output_item.done", "item": item})
    return events


def completed(item_id, transcript):
    return {"type": f"{TRANSCRIPTION}.completed", "item_id": item_id, "transcript": transcript}


def failed(item_id):
    return {"type": f"{TRANSCRIPTION}.failed", "item_id": item_id, "error": {"message": "no"}}


def seen(*events):
    said = Utterances()
    for event in events:
        for each in event if isinstance(event, list) else [event]:
            said.see(each)
    return said


def in_words(said):
    return [(each.who, each.words) for each in said]


def test_late_words_stand_where_their_item_stands():
    said = seen(
        turn("u1", 0, 1000, None), answer("a1", "u1", "Blue scatters."),
        turn("u2", 4000, 5000, "a1"), answer("a2", "u2", "Mass."),
        completed("u2", " And gravity? "), completed("u1", "Why blue?\n"),
    )  # fmt: skip
    assert in_words(said) == [
        ("User", "Why blue?"),
        ("Assistant", "Blue scatters."),
        ("User", "And gravity?"),
        ("Assistant", "Mass."),
    ]


def test_an_item_put_in_front_or_between_goes_there():
    typed = {"content": [{"type": "input_text", "text": "typed"}]}
    said = seen(
        turn("u1", 0, 1000, None),
        answer("a1", "u1", "One."),
        added("first", "user", "root", **typed),
        added("between", "user", "u1", **typed),
        added("nobody knows", "user", "gone", **typed),
    )
    assert [each.item_id for each in said] == ["first", "u1", "between", "a1", "nobody knows"]
    assert [each.final for each in said] == [True, False, True, True, True]


def test_a_call_holds_a_place_and_says_nothing():
    call = {"type": "conversation.item.added", "item": {"id": "c", "type": "function_call"}, "previous_item_id": "u1"}
    said = seen(turn("u1", 0, 1000, None), call, answer("a1", "c", "Booked."), completed("u1", "Book."))
    assert [each.item_id for each in said] == ["u1", "a1"]


def test_words_are_partial_until_the_last_word_on_them():
    said = seen(turn("u1", 0, 1000, None), {"type": f"{TRANSCRIPTION}.delta", "item_id": "u1", "delta": "Why"})
    (user,) = said
    assert (user.words, user.partial, user.final) == ("", "Why", False)
    said.see(failed("u1"))
    assert user.failed and user.final and user.words == ""


def test_whether_anybody_transcribes():
    assert not seen().transcribing
    on = {"type": "session.updated", "session": {"audio": {"input": {"transcription": {"model": "m"}}}}}
    assert seen(on).transcribing
    assert not seen(on, {"type": "session.updated", "session": {"type": "realtime", "audio": {}}}).transcribing


def test_of_an_interrupted_answer_the_words_that_were_heard():
    said = seen(
        turn("u1", 0, 1000, None), answer("a1", "u1", "aaaa bbbb cccc dddd", done=False),
        {"type": "response.output_audio_transcript.done", "item_id": "a1", "transcript": "aaaa bbbb cccc dddd"},
        {"type": "response.output_item.done", "item": {"id": "a1", "status": "incomplete"}},
    )  # fmt: skip
    answered = said.get("a1")
    assert answered.interrupted and answered.heard == "aaaa bbbb cccc dddd", "nobody said how much was heard"
    said.see({"type": "conversation.item.truncated", "item_id": "a1", "content_index": 0, "audio_end_ms": 1500})
    assert answered.heard == "aaaa bbbb" and answered.end_ms - answered.start_ms == 1500


def test_words_sent_ahead_of_all_their_sound_are_spread_over_it():
    text = [{"type": "response.output_audio_transcript.delta", "item_id": "a1", "delta": d} for d in ("aaaa", " bbb")]
    sound = [{"type": "response.output_audio.delta", "item_id": "a1", "delta": SECOND}] * 4
    said = seen(added("a1", "assistant", None), text, sound).get("a1")
    assert [said.said_by(ms) for ms in (0, 1, 1999, 2001)] == ["", "aaaa", "aaaa", "aaaa bbb"]


def test_times_count_the_sound_that_was_sent():
    said = seen(
        append(3), turn("u1", 500, 2800, None), answer("a1", "u1", "One two.", seconds_each=2),
        append(1), answer("a2", "a1", "Three."),
    )  # fmt: skip
    times = {each.item_id: (each.start_ms, each.end_ms) for each in said}
    assert times["u1"] == (500, 2800)
    assert times["a1"] == (3000, 7000), "from its first slice, for as long as it sounds"
    assert times["a2"] == (7000, 8000), "the loudspeaker plays one after the other"


def test_what_the_loudspeaker_says_counts_more_than_reckoning():
    heard = {"item_id": "a1", "heard_ms": 900}
    sounding = [append(1), answer("a1", None, "One two."), append(1), {"type": "speaker.started", "item_id": "a1"}]
    (said,) = seen(*sounding)
    assert (said.start_ms, said.end_ms, said.heard) == (2000, 4000, "One two.")
    (said,) = seen(*sounding, {"type": "speaker.cleared", **heard})
    assert (said.start_ms, said.end_ms, said.heard, said.interrupted) == (2000, 2900, "One", True)


def test_with_push_to_talk_all_since_the_last_commit_is_one_turn():
    said = seen(
        append(2), {"type": "input_audio_buffer.committed", "item_id": "u1", "previous_item_id": None},
        append(3), {"type": "input_audio_buffer.committed", "item_id": "u2", "previous_item_id": "u1"},
    )  # fmt: skip
    assert [(each.start_ms, each.end_ms) for each in said] == [(0, 2000), (2000, 5000)]
