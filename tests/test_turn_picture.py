import subprocess
import sys

import numpy as np
import pytest

from realtime_helpers.audio import float_to_pcm16
from realtime_helpers.turn_picture import draw_turns
from tests.wires import Script


def spans(picture) -> list[tuple[float, float, str | None]]:
    """Every shaded span of the picture, with its hatch."""
    (ax,) = picture.figure.axes
    found = [(p.get_x(), p.get_x() + p.get_width(), p.get_hatch()) for p in ax.patches]
    return [(round(start, 3), round(stop, 3), hatch) for start, stop, hatch in found]


def conversation(*turns: tuple[int, int | None], settings: dict | None = None) -> Script:
    script = Script()
    vad = {"type": "server_vad", "prefix_padding_ms": 300, "silence_duration_ms": 500}
    script.settings(0, vad if settings is None else settings)
    script.speak(0, 10, pace=100)
    for n, (start, stop) in enumerate(turns):
        script.turn(start, stop, f"item_{n}")
    return script


def test_a_turn_its_padding_and_its_silence_window():
    picture = draw_turns(conversation((1000, 4000)).wire)
    assert spans(picture) == [(1.0, 4.0, None), (1.0, 1.3, None), (3.5, 4.0, "////")]
    labels = [text.get_text() for text in picture.figure.legends[0].get_texts()]
    assert labels == ["a turn", "prefix padding, 300 ms", "silence window, 500 ms"]


def test_settings_are_the_sessions_own():
    vad = {"type": "server_vad", "prefix_padding_ms": 100, "silence_duration_ms": 1200}
    assert (2.8, 4.0, "////") in spans(draw_turns(conversation((1000, 4000), settings=vad).wire))


def test_semantic_turn_detection_has_neither():
    vad = {"type": "semantic_vad", "eagerness": "auto"}
    assert spans(draw_turns(conversation((1000, 4000), settings=vad).wire)) == [(1.0, 4.0, None)]


def test_padding_that_had_no_room_is_not_drawn():
    picture = draw_turns(conversation((0, 2000), (2000, 4000)).wire)
    assert spans(picture) == [(0, 2, None), (1.5, 2, "////"), (2, 4, None), (3.5, 4, "////")]


def test_the_axis_is_sound_however_fast_it_was_sent_and_the_same_for_two_runs():
    one, none = draw_turns(conversation((1000, 4000)).wire), draw_turns(conversation().wire)
    (a,), (b,) = one.figure.axes, none.figure.axes
    assert a.get_xlim() == b.get_xlim() == (0, 10)
    assert a.get_ylim() == b.get_ylim() and a.get_position().bounds == b.get_position().bounds


def test_a_turn_that_never_stopped_lasts_to_the_end_and_has_no_silence():
    picture = draw_turns(conversation((1000, 4000), (6000, None)).wire)
    assert spans(picture)[3:] == [(6.0, 10.0, None), (6.0, 6.3, None)]
    assert "did not end" in picture.figure.legends[0].get_texts()[0].get_text()
    assert picture.rows[1:] == [("1", "1.00 s", "4.00 s", ""), ("2", "6.00 s", "did not end", "2.00 s")]


def test_turns_are_counted_in_the_title_or_said_to_be_off():
    assert "2 turns." in draw_turns(conversation((0, 1000), (2000, 3000)).wire).alt
    off = Script()
    off.settings(0, None)
    assert "Turn detection is off" in draw_turns(off.wire).alt
    assert "Mine." in draw_turns(off.wire, title="Mine").alt


@pytest.mark.parametrize("as_bytes", [True, False])
def test_bare_audio_is_a_waveform_alone(as_bytes):
    samples = 0.5 * np.sin(np.arange(48_000) / 10)
    picture = draw_turns(float_to_pcm16(samples) if as_bytes else samples)
    assert picture.alt == "Waveform of 2.0 s of audio, loudest at 0.50 of 1."
    assert not spans(picture) and not picture.figure.legends and not picture.rows
    assert picture.figure.axes[0].get_xlim() == (0, 2)


def test_silence_and_nothing():
    assert "loudest at 0.00" in draw_turns(bytes(48_000)).alt
    assert draw_turns(b"").png.startswith(b"\x89PNG")
    assert "<img alt=" in draw_turns(b"")._repr_mimebundle_()["text/html"]


def test_pyplot_is_never_imported():
    draw = "import sys; from realtime_helpers import draw_turns; draw_turns(bytes(4800)).png"
    code = f"{draw}; print('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
