"""Numbers as people say them: out of words, into words, and sums spoken aloud."""

from __future__ import annotations

import re
from fractions import Fraction

from .words import word_set

_UNITS = tuple(
    re.findall(
        r"\w+",
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen",
    )
)
_TENS_WORDS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS = dict(zip(_TENS_WORDS, range(20, 100, 10), strict=True))
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_VALUES = {word: value for value, word in enumerate(_UNITS)} | _TENS | {"dozen": 12}

_OPERATORS = {"times": "*", "x": "*", "plus": "+", "minus": "-", "over": "/", "*": "*", "+": "+", "-": "-", "/": "/"}
_SUM_WORDS = {"multiplied": "times", "divided": "over", "added": "plus", "÷": "over", "×": "times", "−": "minus"}
_BEFORE_A_SUM = word_set(
    "what is are how much do does can could you tell me work out calculate compute the answer to so and please whats "
    "equals equal of result a give let us know i want need would if"
)
_AFTER_A_SUM = {"please", "equal", "equals", "make", "makes", "is", "then", "now", "professor", "sir"}
_LARGEST = 10**15


def number_in_words(value: Fraction | int) -> str:
    """`Fraction(7, 2)` -> "three point five"; rounded to three places, and said to be so ("about ...")."""
    value = Fraction(value)
    if value < 0:
        return "minus " + number_in_words(-value)
    if value >= _LARGEST:
        return "a very large number"
    rounded = round(value, 3)
    words = _whole_in_words(int(rounded))
    if decimals := f"{float(rounded % 1):.3f}"[2:].rstrip("0"):
        words += " point " + " ".join(_UNITS[int(digit)] for digit in decimals)
    return words if rounded == value else "about " + words


def _whole_in_words(n: int) -> str:
    for scale, size in reversed(_SCALES.items()):
        if n >= size:
            rest = f" {_whole_in_words(n % size)}" if n % size else ""
            return f"{_whole_in_words(n // size)} {scale}{rest}"
    if n >= 100:
        return f"{_UNITS[n // 100]} hundred" + (f" and {_whole_in_words(n % 100)}" if n % 100 else "")
    if n < 20:
        return _UNITS[n]
    tens = next(word for word, value in _TENS.items() if value == n // 10 * 10)
    return tens + (f"-{_UNITS[n % 10]}" if n % 10 else "")


def digits_to_words(text: str) -> str:
    """Every figure written out, so that no voice has to guess how to read it; a name such as V60 keeps its own."""
    return re.sub(
        r"(?<![A-Za-z\d])\d+(?:,\d{3})*(?:\.\d+)?",
        lambda found: number_in_words(Fraction(found[0].replace(",", ""))),
        text,
    )


def read_number(tokens: list[str], start: int = 0) -> tuple[Fraction, int] | None:
    """The number that begins at `start`, and where it ends: ["forty", "two", "cats"] -> (42, 2). None without one."""
    total, group, end, seen = 0, Fraction(0), start, False
    while end < len(tokens):
        word = tokens[end].removesuffix("s") if tokens[end].rstrip("s") in _TENS else tokens[end]
        parts = word.split("-")
        if all(part in _VALUES for part in parts):
            value = sum(_VALUES[part] for part in parts)
            # "five six" is two numbers, "twenty six" is one
            if seen and not (group % 100 == 0 or (value < 10 and group % 100 >= 20 and group % 10 == 0)):
                break
            group += value
        elif re.fullmatch(r"\d+(\.\d+)?", word) and not seen:
            group += Fraction(word)
        elif word == "hundred":
            group = (group if seen else 1) * 100
        elif word in _SCALES:
            total, group = total + (group if seen else 1) * _SCALES[word], Fraction(0)
        elif word == "and" and seen and end + 1 < len(tokens) and group % 100 == 0 and (group or total):
            if read_number(tokens, end + 1) is None:
                break
            end += 1
            continue
        elif word == "point" and seen and end + 1 < len(tokens) and tokens[end + 1] in _UNITS[:10]:
            places = Fraction(1)
            while end + 1 < len(tokens) and tokens[end + 1] in _UNITS[:10]:
                places /= 10
                group += places * _UNITS.index(tokens[end + 1])
                end += 1
        else:
            break
        seen, end = True, end + 1
    return (total + group, end) if seen else None


def read_sum(text: str) -> tuple[str, str] | None:
    """A sum and its answer, both in words: "what's 7 times eight" -> ("seven times eight", "fifty-six").

    None when `text` is not a sum and nothing but a sum. A division by zero has the answer "".
    """
    text = re.sub(r"(?<=\d)\s*([*+/x-])\s*(?=\d)", r" \1 ", text.lower().replace(",", ""))
    tokens = re.findall(r"\d+(?:\.\d+)?|[a-z]+(?:-[a-z]+)*|[*+/÷×−-]", text.replace("what's", "what is"))
    while tokens and tokens[0] in _BEFORE_A_SUM:
        tokens.pop(0)
    while tokens and tokens[-1] in _AFTER_A_SUM:
        tokens.pop()
    if tokens[:2] == ["square", "root"] and (found := read_number(tokens, 3 if "of" in tokens[:3] else 2)):
        number, end = found
        if end == len(tokens) and number < _LARGEST:
            root = Fraction(round(float(number) ** 0.5, 9)).limit_denominator(10**6)
            exact = root * root == number
            answer = number_in_words(
                root if exact else Fraction(round(float(number) ** 0.5, 3)).limit_denominator(1000)
            )
            return f"the square root of {number_in_words(number)}", answer if exact else f"about {answer}"
        return None
    terms = _terms(tokens)
    return None if terms is None else (_sum_in_words(terms), _answer(terms))


def _terms(tokens: list[str]) -> list[Fraction | str] | None:
    """Numbers and operators in turn, or None when anything else is there or there is no operator."""
    terms: list[Fraction | str] = []
    at = 0
    while at < len(tokens):
        if len(terms) % 2 == 0:
            sign = -1 if tokens[at] in ("minus", "negative") else 1
            found = read_number(tokens, at + (sign < 0))
            if found is None:
                return None
            terms.append(sign * found[0])
            at = found[1]
            continue
        word = _SUM_WORDS.get(tokens[at], tokens[at])
        if word == "squared":
            terms[-1] = terms[-1] ** 2 if abs(terms[-1]) < 10**7 else Fraction(_LARGEST)
            return [*terms, "squared"] if at + 1 == len(tokens) and len(terms) == 1 else None
        if word not in _OPERATORS:
            return None
        terms.append(_OPERATORS[word])
        at += 1
        if at < len(tokens) and tokens[at] in ("by", "to"):
            at += 1
    return terms if len(terms) >= 3 and len(terms) % 2 else None


def _sum_in_words(terms: list[Fraction | str]) -> str:
    if terms[-1] == "squared":
        return f"{number_in_words(Fraction(round(float(terms[0]) ** 0.5)))} squared"
    said = {"*": "times", "+": "plus", "-": "minus", "/": "over"}
    return " ".join(said[term] if isinstance(term, str) else number_in_words(term) for term in terms)


def _answer(terms: list[Fraction | str]) -> str:
    if terms[-1] == "squared":
        return number_in_words(terms[0])
    values, signs = [terms[0]], []
    for operator, value in zip(terms[1::2], terms[2::2], strict=True):
        if operator == "*":
            values[-1] *= value
        elif operator == "/":
            if value == 0:
                return ""
            values[-1] /= value
        else:
            signs.append(1 if operator == "+" else -1)
            values.append(value)
    return number_in_words(values[0] + sum(sign * value for sign, value in zip(signs, values[1:], strict=True)))
