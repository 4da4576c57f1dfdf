"""Numbers and sums in words."""

from fractions import Fraction

import pytest

from realtime_helpers.mock_server.rules.numbers import digits_to_words, number_in_words, read_number, read_sum


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (20, "twenty"),
        (42, "forty-two"),
        (101, "one hundred and one"),
        (1_000, "one thousand"),
        (2_345_678, "two million three hundred and forty-five thousand six hundred and seventy-eight"),
        (-3, "minus three"),
        (Fraction(5, 2), "two point five"),
        (Fraction(1, 3), "about zero point three three three"),
        (10**15, "a very large number"),
    ],
)
def test_numbers_in_words(value, words):
    assert number_in_words(value) == words


@pytest.mark.parametrize("n", [0, 7, 19, 20, 21, 99, 100, 105, 342, 1_000, 1_013, 20_500, 999_999, 3_000_001])
def test_words_are_read_back(n):
    words = number_in_words(n).split()
    assert read_number(words) == (n, len(words))


def test_two_numbers_in_a_row_are_two():
    assert read_number(["five", "six"]) == (5, 1)
    assert read_number(["twenty", "six"]) == (26, 2)
    assert read_number(["cats"]) is None


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("what is seven times eight", "fifty-six"),
        ("What's 7 x 8?", "fifty-six"),
        ("how much is 2+3*4", "fourteen"),
        ("twelve divided by five please", "two point four"),
        ("ten minus twelve", "minus two"),
        ("three multiplied by minus three", "minus nine"),
        ("1,000 times 1,000", "one million"),
        ("the square root of sixteen", "four"),
        ("square root of two", "about one point four one four"),
        ("five squared", "twenty-five"),
        ("ten over zero", ""),
    ],
)
def test_sums(said, answer):
    assert read_sum(said)[1] == answer


@pytest.mark.parametrize("said", ["what is seven", "two plus", "gravity times two", "who is one", "", "times", "a - b"])
def test_what_is_no_sum(said):
    assert read_sum(said) is None


def test_figures_are_written_out():
    assert (
        digits_to_words("a table for 12 at 7.5, or 1,200")
        == "a table for twelve at seven point five, or one thousand two hundred"
    )
