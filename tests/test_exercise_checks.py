"""What the checks say of wires that no wrong answer leads to: a conversation that was too short, a silent speaker."""

import numpy as np
import pytest

from realtime_helpers.checks import CheckFailed
from realtime_helpers.exercise_checks import ch01, ch03, ch04

from .wires import Script, base64

SECOND = base64(np.zeros(24_000))


def test_an_update_that_never_left_is_no_refusal():
    script = Script()
    script.sent(0.1, "session.update", session={"type": "realtime"})
    with pytest.raises(CheckFailed, match="1 of two updates crossed the wire, and no refusal"):
        ch01.each_answer(script.wire, answers=[])


def test_one_answer_is_too_few_to_tell_right_from_lucky():
    script = Script()
    script.received(1, "response.output_audio.delta", response_id="a", delta=SECOND)
    script.received(1, "response.output_audio_transcript.done", response_id="a", transcript="Gravity.")
    with pytest.raises(CheckFailed, match="Answers on the wire: 1,"):
        ch03.mail(script.wire, mail=[("Gravity.", 1)])
    script.received(2, "response.output_audio_transcript.done", response_id="b", transcript="Energy.")
    assert "2 letters" in ch03.mail(script.wire, mail=[["Gravity.", 1], ("Energy.", 0)])


@pytest.mark.parametrize("sound", [False, True])
def test_without_a_sound_there_is_nothing_to_interrupt(sound):
    script = Script()
    if sound:
        script.received(1, "response.output_audio.delta", item_id="a", delta=SECOND)
    with pytest.raises(CheckFailed, match=rf"^{1 if sound else 0}\.0 s of his voice came, and 0\.0 s were heard"):
        ch04.both_halves(script.wire, heard_ms=0, still_playing=False, remembered=None)


def test_a_refused_truncation_is_told_in_the_services_words():
    script = Script()
    script.received(1, "response.output_audio.delta", item_id="a", delta=SECOND)
    script.sent(2, "conversation.item.truncate", item_id="a", content_index=0, audio_end_ms=0.7)
    script.received(2, "error", error={"message": "Expected an integer"})
    with pytest.raises(CheckFailed, match=r"'Expected an integer'.* whole milliseconds"):
        ch04.both_halves(script.wire, heard_ms=700, still_playing=False, remembered=None)
