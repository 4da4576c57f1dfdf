import numpy as np
import pytest
from matplotlib import image

from realtime_helpers.picture import SERVICE, STOP, TURN, YOU
from realtime_helpers.story import find_replies
from realtime_helpers.timeline import find_bars, show_timeline
from realtime_helpers.wire import Wire
from tests.wires import Script, interrupted


def texts(picture) -> list[str]:
    (ax,) = picture.figure.axes
    return [text.get_text().strip() for text in ax.texts]


def text_at(picture, words: str) -> tuple[float, float]:
    (ax,) = picture.figure.axes
    return next(text.get_position() for text in ax.texts if text.get_text().strip() == words)


def test_bars_are_as_long_as_the_sound_and_stop_where_it_was_cut():
    cut, whole = find_bars(find_replies(interrupted()))
    assert cut.arrives == (2.25, pytest.approx(3.05))
    assert cut.plays == (2.25, 3.25)
    assert cut.unheard == (3.25, pytest.approx(6.25))
    assert whole.plays == (5.04, pytest.approx(7.04)) and whole.unheard is None


def test_in_a_fast_rehearsal_sound_plays_as_fast():
    assert find_bars(find_replies(interrupted()), pace=4)[1].plays == (5.04, pytest.approx(5.54))


def test_a_second_reply_waits_for_the_first_to_have_played():
    script = Script()
    script.reply(1, "a", "One.", seconds=4, took=0.5)
    script.reply(2, "b", "Two.", seconds=1, took=0.2)
    assert find_bars(find_replies(script.wire))[1].plays == (5, 6)


def test_the_wait_the_interruption_and_the_words_stand_where_they_happened():
    picture = show_timeline(interrupted())
    assert text_at(picture, "250 ms")[0] == pytest.approx(2.25)
    assert text_at(picture, "40 ms")[0] == pytest.approx(5.04)
    assert text_at(picture, "interrupted")[0] == pytest.approx(3.25)
    assert text_at(picture, "Explain gravity.")[0] == pytest.approx(0.5)
    assert text_at(picture, "Energy.")[0] == pytest.approx(5.04)
    assert text_at(picture, "item.truncate")[0] == pytest.approx(3.25)
    assert texts(picture).count("interrupted") == 1


def test_the_legend_explains_what_is_there_and_nothing_else():
    def legend(wire):
        return [text.get_text() for text in show_timeline(wire).figure.legends[0].get_texts()]

    assert legend(interrupted()) == ["a turn", "sound arriving", "the same sound, as it plays", "never heard"]
    script = Script()
    script.turn(0, 1000, "item_1")
    assert legend(script.wire) == ["a turn"]


def test_says_it_all_in_words():
    picture = show_timeline(interrupted())
    assert "2 turns of yours; 2 replies; first sound 250, 40 ms after the turn was over; 1 interrupted" in picture.alt
    head, *rows = picture.rows
    assert head == ("at", "who", "what")
    assert ("0.50 s", "you", "a turn of 1.5 s: Explain gravity.") in rows
    assert ("3.25 s", "you", "conversation.item.truncate") in rows
    reply = next(what for at, _, what in rows if at == "2.25 s")
    assert "cancelled (turn_detected)" in reply and "4.0 s of sound that arrived in 0.8 s" in reply
    assert "1.0 s of it heard" in reply and reply.endswith("Gravity. Mass bends spacetime.")
    assert [float(at.split()[0]) for at, _, _ in rows] == sorted(float(at.split()[0]) for at, _, _ in rows)


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


def test_a_text_reply_is_written_out_though_it_has_no_sound():
    script = Script()
    script.sent(1.0, "response.create")
    script.received(1.1, "response.created", response={"id": "a"})
    script.received(1.2, "response.output_text.delta", response_id="a", delta="Blue light scatters.")
    script.received(1.3, "response.done", response={"id": "a", "status": "completed"})
    picture = show_timeline(script.wire)
    assert {"Blue light scatters.", "response.create", "no audio was sent"} <= set(texts(picture))


@pytest.mark.parametrize("seconds", [20, 600])
def test_labels_give_way_in_a_long_conversation(seconds):
    script = Script()
    for n, at in enumerate(range(1, seconds, 4)):
        script.turn(at * 1000, at * 1000 + 1000, f"item_{n}")
        script.reply(at + 1.2, f"{n}", "Yes, quite so.", seconds=1, took=0.2)
    picture = show_timeline(script.wire)
    assert texts(picture).count("200 ms") == (5 if seconds == 20 else 0)
    assert len(picture.rows) == 1 + 2 * len(range(1, seconds, 4))


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
