import pytest

from realtime_helpers.moments import find_barge_ins, find_bars, find_playing, find_tools, find_waits
from realtime_helpers.story import find_replies, find_turns
from realtime_helpers.wire import Wire
from tests.wires import Script, interrupted


def bars(wire, pace: float = 1.0):
    return find_bars(find_replies(wire), find_playing(wire), pace)


def with_a_loudspeaker() -> Wire:
    """`interrupted()`, heard: 50 ms after it came, and silent 170 ms after the voice began."""
    script = Script()
    script.wire = interrupted()
    script.heard("item_a", 2.3, 3.72, 1420, "cleared")
    script.heard("item_b", 5.09, 7.09, 2000)
    script.wire.sort(key=lambda e: e.at)
    return script.wire


def test_without_a_loudspeaker_bars_are_as_long_as_the_sound_and_stop_where_it_was_cut():
    cut, whole = bars(interrupted())
    assert cut.arrives == (2.25, pytest.approx(3.05))
    assert cut.plays == ((2.25, 3.25),) and cut.cut_at == 3.25
    assert cut.unheard == (3.25, pytest.approx(6.25))
    assert whole.plays == ((5.04, pytest.approx(7.04)),) and whole.unheard is None and whole.cut_at is None
    assert not cut.noted


def test_in_a_fast_rehearsal_sound_plays_as_fast():
    assert bars(interrupted(), pace=4)[1].plays == ((5.04, pytest.approx(5.54)),)


def test_a_second_reply_waits_for_the_first_to_have_played():
    script = Script()
    script.reply(1, "a", "One.", seconds=4, took=0.5)
    script.reply(2, "b", "Two.", seconds=1, took=0.2)
    assert bars(script.wire)[1].plays == ((5, 6),)


def test_a_reply_that_the_service_broke_off_without_a_truncate_is_cut_where_it_ended():
    script = Script()
    details = {"status": "cancelled", "status_details": {"reason": "turn_detected"}}
    script.reply(1, "a", "One.", seconds=4, took=0.5, **details)
    assert bars(script.wire)[0].cut_at == 1.5


def test_what_the_loudspeaker_noted_counts():
    cut, whole = bars(with_a_loudspeaker())
    assert cut.plays == ((2.3, 3.72),) and cut.cut_at == 3.72 and cut.noted
    assert cut.unheard == (3.72, pytest.approx(3.72 + 4 - 1.42))
    assert cut.begins == 2.3 and whole.plays == ((5.09, 7.09),) and whole.cut_at is None


def test_silence_without_a_truncate_is_a_cut_too():
    script = Script()
    script.reply(1, "a", "One.", seconds=4, took=0.5)
    script.heard("item_a", 1.1, 2.1, 1000, "cleared")
    (bar,) = bars(script.wire)
    assert bar.cut_at == 2.1 and bar.unheard == (2.1, pytest.approx(5.1))


def test_sound_that_halted_plays_in_two_pieces_and_what_still_plays_is_reckoned():
    script = Script()
    script.reply(1, "a", "One.", seconds=4, took=0.5)
    script.heard("item_a", 1.1, 2.1, 1000)
    script.heard("item_a", 3.0, 6.0, 4000)
    script.reply(7, "b", "Two.", seconds=2, took=0.5)
    script.local(7.1, "speaker.started", item_id="item_b", heard_ms=0)
    one, two = bars(script.wire)
    assert one.plays == ((1.1, 2.1), (3.0, 6.0)) and one.unheard is None
    assert two.plays == ((7.1, pytest.approx(9.1)),)


def test_an_item_that_follows_another_without_a_gap_ended_where_that_began():
    script = Script()
    for name, at in (("a", 1.0), ("b", 1.2)):
        script.reply(at, name, "One.", seconds=2, took=0.1)
    script.local(1.1, "speaker.started", item_id="item_a", heard_ms=0)
    script.local(3.1, "speaker.started", item_id="item_b", heard_ms=0)
    script.local(4.1, "speaker.cleared", item_id="item_b", heard_ms=1000)
    first, second = bars(script.wire)
    assert first.plays == ((1.1, 3.1),) and first.unheard is None
    assert second.unheard == (4.1, pytest.approx(5.1))


def test_a_reply_that_never_got_to_sound():
    script = Script()
    script.reply(1, "a", "One.", seconds=4, took=0.5)
    script.heard("item_a", 1.1, 2.1, 1000, "cleared")
    script.reply(3, "b", "Two.", seconds=2, took=0.5)
    never = bars(script.wire)[1]
    assert never.plays == () and never.unheard == (3, 5) and never.begins == 3


def waits(wire):
    replies = find_replies(wire)
    return find_waits(wire, find_turns(wire), replies, find_bars(replies, find_playing(wire)))


def test_a_wait_runs_from_the_end_of_the_voice_over_the_end_of_the_turn_to_the_first_sound_heard():
    first, second = waits(with_a_loudspeaker())
    assert (first.voice_ended, first.asked_at, first.answered_at) == (pytest.approx(1.5), 2.0, 2.3)
    assert first.ms == pytest.approx(800) and second.ms == pytest.approx(590)
    assert [w.ms for w in waits(interrupted())] == [pytest.approx(750), pytest.approx(540)], "as it came, if none heard"


def test_semantic_turn_detection_tells_no_silence_window_so_the_wait_begins_with_the_turns_end():
    script = Script()
    script.settings(0, {"type": "semantic_vad"})
    script.turn(0, 1000, "item_1")
    script.reply(1.3, "a", "Yes.", seconds=1, took=0.2)
    (wait,) = waits(script.wire)
    assert wait.voice_ended is None and wait.ms == pytest.approx(300)


def test_the_window_is_the_one_in_force_then():
    script = Script()
    script.settings(0, {"type": "server_vad", "silence_duration_ms": 500})
    script.speak(0, 3)
    script.turn(0, 2000, "item_1")
    script.settings(2.5, {"type": "server_vad", "silence_duration_ms": 100})
    script.reply(2.3, "a", "Yes.", seconds=1, took=0.1)
    script.wire.sort(key=lambda e: e.at)
    assert waits(script.wire)[0].voice_ended == pytest.approx(1.5)


def test_a_tool_does_not_stop_the_clock_of_a_person_who_waits():
    script = Script()
    script.turn(0, 1000, "item_1")
    script.received(1.1, "response.created", response={"id": "a"})
    script.received(1.2, "response.function_call_arguments.done", response_id="a", name="look", arguments="{}")
    script.received(1.3, "response.done", response={"id": "a", "status": "completed"})
    script.sent(3.0, "response.create")
    script.reply(3.5, "b", "Found.", seconds=1, took=0.2)
    assert [w.ms for w in waits(script.wire)] == [pytest.approx(2500)]


def test_a_written_answer_is_waited_for_until_its_first_word():
    script = Script()
    script.sent(1.0, "response.create")
    script.received(1.1, "response.created", response={"id": "a"})
    script.received(1.4, "response.output_text.delta", response_id="a", delta="Blue.")
    assert [w.ms for w in waits(script.wire)] == [pytest.approx(400)]


def barge_ins(wire):
    return find_barge_ins(wire, find_turns(wire), bars(wire))


def test_barge_in_from_where_the_voice_began_which_is_after_the_padding_to_silence():
    (cut,) = barge_ins(with_a_loudspeaker())
    assert (cut.voice_began, cut.silent_at) == (pytest.approx(3.55), 3.72) and cut.ms == pytest.approx(170)


def test_a_reply_that_was_cut_with_nobody_speaking_is_no_barge_in():
    script = Script()
    script.turn(0, 900, "item_1")
    script.reply(1, "a", "One.", seconds=4, took=0.5)
    script.heard("item_a", 1.1, 2.1, 1000, "cleared")
    assert barge_ins(script.wire) == []


def test_where_nobody_listened_there_was_no_silence_to_measure():
    script = Script()
    script.speak(0, 5)
    cancelled = {"status": "cancelled", "status_details": {"reason": "turn_detected"}}
    script.reply(1, "a", "One.", seconds=4, took=1, **cancelled)
    script.turn(1500, 3000, "item_1")
    script.wire.sort(key=lambda e: e.at)
    assert barge_ins(script.wire) == []


def test_tools_as_noted_or_else_from_the_call_to_the_output():
    script = Script()
    for n, call in enumerate(("noted", "by_hand", "open")):
        script.received(1 + n, "response.function_call_arguments.done", call_id=call, name=call, response_id="a")
    script.local(1.1, "tool.started", name="noted", call_id="noted")
    script.local(1.5, "tool.ended", name="noted", call_id="noted", ok=False)
    for call in ("noted", "by_hand"):
        script.sent(4, "conversation.item.create", item={"type": "function_call_output", "call_id": call})
    noted, by_hand, still = find_tools(script.wire)
    assert (noted.name, noted.start, noted.stop, noted.ok) == ("noted", 1.1, 1.5, False)
    assert (by_hand.start, by_hand.stop, by_hand.ok) == (2, 4, None)
    assert (still.start, still.stop) == (3, None)
