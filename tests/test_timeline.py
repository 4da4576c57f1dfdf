import numpy as np
import pytest
from matplotlib import image

from realtime_helpers.picture import SERVICE, STOP, TURN, YOU
from realtime_helpers.timeline import find_strips, read_conversation, show_timeline
from realtime_helpers.wire import Wire
from tests.test_moments import with_a_loudspeaker
from tests.wires import Script, interrupted

TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


def texts(picture) -> list[str]:
    return [text.get_text().strip() for ax in picture.figure.axes for text in ax.texts]


def text_at(picture, words: str) -> tuple[float, float]:
    (ax,) = picture.figure.axes
    return next(text.get_position() for text in ax.texts if text.get_text().strip() == words)


def marks(picture) -> list[float]:
    """Where a transcript arrived."""
    return [float(line.get_xdata()[0]) for ax in picture.figure.axes for line in ax.lines if line.get_marker() == "D"]


def leaders(picture) -> list[tuple[float, float]]:
    """The dotted lines from a turn to its late transcript."""
    (ax,) = picture.figure.axes
    return [tuple(line.get_xdata()) for line in ax.lines if line.get_color() == YOU and len(line.get_xdata()) == 2]


def lanes(picture) -> list[str]:
    return [name for name in texts(picture) if name in ("you", "service", "tools", "events")]


def test_the_waits_the_interruption_and_the_words_stand_where_they_happened():
    picture = show_timeline(with_a_loudspeaker())
    assert text_at(picture, "800 ms (500 + 300)")[0] == pytest.approx(2.3)
    assert text_at(picture, "590 ms (500 + 90)")[0] == pytest.approx(5.09)
    assert text_at(picture, "interrupted, silent in 170 ms")[0] == pytest.approx(3.72)
    assert text_at(picture, "Explain gravity.")[0] == pytest.approx(0.5)
    assert text_at(picture, "Energy.")[0] == pytest.approx(5.04)
    assert text_at(picture, "item.truncate")[0] == pytest.approx(3.25)


def test_the_legend_explains_what_is_there_and_nothing_else():
    def legend(wire):
        return [text.get_text() for text in show_timeline(wire).figure.legends[0].get_texts()]

    always = ["a turn", "silence it waits for", "you wait"]
    reckoned = ["sound arrives", "as long as it would sound", "never heard", "transcript arrives"]
    assert legend(interrupted()) == [*always, *reckoned]
    assert legend(with_a_loudspeaker()) == [*always, "you cut in", "sound arrives", "is heard", *reckoned[2:]]
    script = Script()
    script.turn(0, 1000, "item_1")
    assert legend(script.wire) == ["a turn"]


def test_says_it_all_in_words():
    picture = show_timeline(with_a_loudspeaker())
    assert (
        "2 turns of yours; 2 replies; an answer 800, 590 ms after the voice fell silent; 1 interrupted" in picture.alt
    )
    assert "silence 170 ms after the voice that cut in" in picture.alt
    head, *rows = picture.rows
    assert head == ("at", "who", "what")
    assert ("0.50 s", "you", "a turn of 1.5 s: Explain gravity.") in rows
    assert ("3.25 s", "you", "conversation.item.truncate") in rows
    reply = next(what for at, _, what in rows if at == "2.25 s")
    assert "cancelled (turn_detected)" in reply and "4.0 s of sound that arrived in 0.8 s" in reply
    assert "waited 800 ms for (500 of silence until the turn was over, 300 more)" in reply
    assert "heard from 2.30 to 3.72 s" in reply and "silent 170 ms after a voice cut in" in reply
    assert "1.0 s of it heard" in reply and reply.endswith("Gravity. Mass bends spacetime.")
    assert [float(at.split()[0]) for at, _, _ in rows] == sorted(float(at.split()[0]) for at, _, _ in rows)


def test_a_transcript_that_comes_after_the_answer_stands_at_its_turn_and_shows_when_it_came():
    def picture(arrives: float):
        script = Script()
        script.turn(500, 2000, "item_1")
        script.received(arrives, TRANSCRIBED, item_id="item_1", transcript="Explain gravity.")
        script.reply(2.3, "a", "No.", seconds=1, took=0.4)
        script.received(2.7, "response.output_audio_transcript.done", response_id="a", transcript="No.")
        script.received(6, "rate_limits.updated")
        script.wire.sort(key=lambda e: e.at)
        return show_timeline(script.wire)

    late, soon = picture(4.5), picture(2.2)
    assert text_at(late, "Explain gravity.")[0] == text_at(soon, "Explain gravity.")[0] == 0.5
    assert marks(late) == [4.5] and marks(soon) == [2.2]
    assert leaders(late) == [(2.0, 4.5)] and leaders(soon) == []
    assert text_at(late, "2.5 s late")[0] == 4.5 and not any("late" in text for text in texts(soon))
    assert ("4.50 s", "service", "the transcript of your line at 0.50 s, late") in late.rows
    assert "1 transcript later than the answer" in late.alt and "later than" not in soon.alt


def test_a_transcription_that_failed_says_so():
    script = Script()
    script.turn(500, 2000, "item_1")
    script.received(2.2, "conversation.item.input_audio_transcription.failed", item_id="item_1", error={})
    picture = show_timeline(script.wire)
    assert "(the transcription failed)" in texts(picture) and "(the transcription failed)" in str(picture)


def test_tools_have_a_lane_while_they_work_one_below_the_other_and_red_if_they_failed():
    script = Script()
    for n, name in enumerate(("book", "look_up")):
        script.local(1 + n / 10, "tool.started", name=name, call_id=name)
    script.local(3.0, "tool.ended", name="book", call_id="book", ok=True)
    script.local(4.0, "tool.ended", name="look_up", call_id="look_up", ok=False)
    script.local(4.5, "tool.started", name="store", call_id="store")
    picture = show_timeline(script.wire)
    (ax,) = picture.figure.axes
    assert text_at(picture, "book")[0] == 3 and text_at(picture, "look_up failed")[0] == 4
    colours = {text.get_text().strip(): text.get_color() for text in ax.texts}
    assert colours["book"] == TURN and colours["look_up failed"] == STOP
    assert text_at(picture, "book")[1] > text_at(picture, "look_up failed")[1]
    assert ("1.10 s", "tool", "look_up, 2.90 s, failed") in picture.rows
    assert ("4.50 s", "tool", "store, still at work") in picture.rows
    assert "3 tool calls, 1 failed" in picture.alt
    assert lanes(picture) == ["tools"]


def test_lanes_with_nothing_in_them_take_no_space():
    script = Script()
    script.sent(1.0, "session.update")
    events = show_timeline(script.wire)
    assert lanes(events) == ["events"]
    assert lanes(show_timeline(interrupted())) == ["you", "service", "events"]
    assert events.figure.get_figheight() < 0.5 * show_timeline(interrupted()).figure.get_figheight()


def test_time_before_the_first_event_is_not_drawn():
    script = Script()
    script.settings(20, None)
    script.speak(20, 2)
    left, right = show_timeline(script.wire).figure.axes[0].get_xlim()
    assert left == pytest.approx(19.9) and 22 <= right < 22.2


def test_a_hurried_wire_says_so():
    script = Script()
    script.speak(0, 8, pace=4)
    assert "4 times faster than life" in show_timeline(script.wire).figure.axes[0].get_xlabel()
    assert "faster" not in show_timeline(interrupted()).figure.axes[0].get_xlabel()


def test_a_written_conversation_is_written_out():
    script = Script()
    written = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Why is the sky blue?"}]}
    script.sent(0.9, "conversation.item.create", item=written)
    script.sent(1.0, "response.create")
    script.received(1.1, "response.created", response={"id": "a"})
    script.received(1.2, "response.output_text.delta", response_id="a", delta="Blue light scatters.")
    script.received(1.3, "response.done", response={"id": "a", "status": "completed"})
    picture = show_timeline(script.wire)
    assert {"Why is the sky blue?", "Blue light scatters.", "response.create", "200 ms"} <= set(texts(picture))
    assert lanes(picture) == ["you", "service", "events"]
    assert ("0.90 s", "you", "a message: Why is the sky blue?") in picture.rows
    assert "1 message of yours; 1 reply; an answer 200 ms after it was asked for" in picture.alt


def test_push_to_talk_is_drawn_where_it_was_committed():
    script = Script()
    script.speak(0, 2)
    script.sent(2.0, "input_audio_buffer.commit")
    script.received(2.1, "input_audio_buffer.committed", item_id="item_1")
    script.received(2.6, TRANSCRIBED, item_id="item_1", transcript="Hello there.")
    picture = show_timeline(script.wire)
    assert text_at(picture, "Hello there.")[0] == 2.1 and marks(picture) == [2.6]
    assert ("2.10 s", "you", "a turn committed by hand: Hello there.") in picture.rows


def test_an_agent_that_speaks_first_is_waited_for_from_the_request_on():
    script = Script()
    script.sent(0.5, "response.create")
    script.reply(0.9, "a", "Good morning.", seconds=2, took=0.5)
    script.heard("item_a", 1.0, 3.0, 2000)
    picture = show_timeline(script.wire)
    assert text_at(picture, "500 ms")[0] == 1.0
    assert "0 turns of yours; 1 reply; an answer 500 ms after it was asked for" in picture.alt


def test_nothing_at_all():
    picture = show_timeline(Wire())
    assert "nothing was recorded" in texts(picture) and "no event" in picture.alt and picture.rows == []


def talk(turns: int, every: float) -> Wire:
    script = Script()
    for n in range(turns):
        at = 1 + n * every
        script.turn(round(at * 1000), round(at * 1000) + 1000, f"item_{n}")
        script.reply(at + 1.2, f"{n}", "Yes, quite so.", seconds=1, took=0.2)
    return script.wire


def test_a_long_conversation_is_drawn_in_strips_of_one_scale_that_begin_where_somebody_begins():
    wire = talk(30, 10)
    strips = find_strips(read_conversation(wire))
    assert 4 <= len(strips) <= 6 and strips[0][0] == 0.9
    assert [start for start, _ in strips[1:]] == [stop for _, stop in strips[:-1]]
    assert all((start + 0.3 - 1) % 10 == pytest.approx(0) for start, _ in strips[1:]), "where a turn begins"
    picture = show_timeline(wire)
    scales = {round(np.ptp(ax.get_xlim()) / ax.get_position().width, 3) for ax in picture.figure.axes}
    assert len(picture.figure.axes) == len(strips) and len(scales) == 1
    assert texts(picture).count("200 ms") == 30 and texts(picture).count("Yes, quite so.") == 30
    assert len(picture.rows) == 1 + 2 * 30
    assert len(find_strips(read_conversation(talk(7, 10)))) == 1


def test_labels_give_way_where_there_is_no_room():
    picture = show_timeline(talk(150, 4))
    assert len(picture.figure.axes) <= 8
    assert texts(picture).count("200 ms") < 10 and len(picture.rows) == 1 + 2 * 150


def test_an_error_is_red_and_a_half_recorded_wire_still_draws():
    script = Script()
    script.received(0.0, "error", error={"message": "No."})
    script.turn(0, None, "item_1")
    script.received(1.0, "response.created", response={"id": "a"})
    script.received(1.1, "response.output_audio.delta", response_id="a", item_id="x", delta="AAAA")
    script.received(1.2, "some.new.event")
    picture = show_timeline(script.wire)
    label = next(text for text in picture.figure.axes[0].texts if text.get_text() == "error")
    assert label.get_color() == STOP
    assert "a turn that did not end" in str(picture) and "a reply, in_progress" in str(picture)
    assert show_timeline(Wire()).png.startswith(b"\x89PNG")


def test_the_picture_has_an_alternative_text_and_escapes_what_was_said():
    script = Script()
    script.reply(1, "a", "<script>alert(1)</script>", seconds=1, took=0.2)
    bundle = show_timeline(script.wire)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    html = bundle["text/html"]
    assert '<img alt="Timeline of' in html and "<details>" in html and 'scope="col"' in html
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_the_ground_is_transparent_and_the_ink_reads_on_white_and_on_black(tmp_path):
    (tmp_path / "t.png").write_bytes(show_timeline(interrupted()).png)
    pixels = image.imread(tmp_path / "t.png")
    assert (pixels[..., 3] == 0).mean() > 0.5
    for colour in (YOU, SERVICE, TURN, STOP):
        assert contrast(colour, "#ffffff") > 4.2 and contrast(colour, "#111111") > 4.2


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        return float(np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
