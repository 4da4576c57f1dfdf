"""Ways to do one thing, side by side."""

import pytest

from realtime_helpers.comparison_picture import _told, draw_comparison

MEASURED = {
    "bytes": {"speech": 18_400_000, "text": 52_000, "JSON": 900},
    "seconds": {"speech": 34.2, "text": 20.0, "JSON": 18},
    "errors": {"speech": 2, "text": 0, "JSON": 0},
}


def test_every_value_is_drawn_and_told():
    picture = draw_comparison(MEASURED)
    drawn = [[text.get_text().strip() for text in ax.texts] for ax in picture.figure.axes]
    assert drawn[0] == ["18.4 million", "52,000", "900", "speech", "text", "JSON"]
    assert [len(ax.patches) for ax in picture.figure.axes] == [3, 3, 1], "nothing has no bar"
    assert picture.rows[0] == ("", "bytes", "seconds", "errors")
    assert picture.rows[1] == ("speech", "18.4 million", "34", "2")


def test_the_alternative_text_says_what_the_bars_say():
    alt = draw_comparison(MEASURED).alt
    assert alt.startswith("Bars that compare speech, text and JSON.")
    assert "bytes: speech 18.4 million, text 52,000, JSON 900" in alt and alt.endswith("JSON 0.")


def test_only_what_would_not_show_otherwise_is_logarithmic():
    scales = [ax.get_xscale() for ax in draw_comparison(MEASURED).figure.axes]
    assert scales == ["log", "linear", "linear"]
    labels = [ax.get_xlabel() for ax in draw_comparison(MEASURED).figure.axes]
    assert labels == ["logarithmic", "", ""], "and it says so"


def test_longer_bars_for_more():
    bytes_, seconds, _ = draw_comparison(MEASURED).figure.axes
    for ax in (bytes_, seconds):
        ends = [bar.get_x() + bar.get_width() for bar in ax.patches]
        assert ends == sorted(ends, reverse=True)
        assert ends[0] < ax.get_xlim()[1] and ax.get_xlim()[0] < ends[-1]


def test_all_zero_is_drawn_too():
    picture = draw_comparison({"errors": {"speech": 0, "text": 0}})
    assert "errors: speech 0, text 0" in picture.alt and picture.png


@pytest.mark.parametrize(
    "value, told",
    [(0, "0"), (6, "6"), (0.00213, "0.0021"), (0.5, "0.50"), (34.4, "34"), (12345, "12,345"), (999_999, "1.0 million")],
)
def test_values_in_words(value, told):
    assert _told(value) == told
