"""What was said, as words that can be used up one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_OPENED = {
    "i'm": "i am", "it's": "it is", "that's": "that is", "what's": "what is", "let's": "let us", "i'd": "i would",
    "we'd": "we would", "i'll": "i will", "we'll": "we will", "we're": "we are", "there's": "there is",
    "name's": "name is", "can't": "can not", "don't": "do not", "doesn't": "does not", "won't": "will not",
    "where's": "where is", "i've": "i have", "how's": "how is", "they're": "they are", "isn't": "is not",
    "when's": "when is", "who's": "who is", "you're": "you are",
}  # fmt: skip
_DIGIT = re.compile(r"(\d|one|two|three|four|five|six|seven|eight|nine|oh|zero)")
HESITATIONS = frozenset(["um", "uh", "er", "erm", "ah", "oh", "hmm", "hm", "mm", "uhm", "eh"])


@dataclass(slots=True)
class Heard:
    """Words in lower case, and as they were written; `used` marks those that a value was made of."""

    text: str
    words: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    used: list[bool] = field(default_factory=list)

    def use(self, start: int, end: int) -> None:
        self.used[start:end] = [True] * (end - start)

    def free(self, start: int, end: int) -> bool:
        return not any(self.used[start:end])

    @property
    def said(self) -> str:
        return " ".join(self.words)


def hear(text: str) -> Heard:
    """`text` apart in words: "It's 7pm, $20!" -> it is 7 pm 20 dollars."""
    text = text.replace("’", "'")
    plain = re.sub(r"[$£€]\s?(\d[\d,.]*\d|\d)", r"\1 dollars", text)
    plain = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?<=\d)\s?([ap]m)\b", r" \1", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    plain = re.sub(r"(?<=\d)\.(?=\d\d\s?[ap]m\b)", ":", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(\d)\s?%", r"\1 percent", plain)
    heard = Heard(text)
    pattern = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\d+(?:[:/.-]\d+)+|[^\W_]+(?:['-][^\W_]+)*"
    for word in re.findall(pattern, plain):
        lower = word.lower()
        opened = _OPENED.get(lower)
        parts = opened.split() if opened else [word]
        if not opened and re.fullmatch(r"[a-z]+(-[a-z]+)+", lower) and _splits(lower):
            parts = word.split("-")
        for part in parts:
            heard.words.append(part.lower())
            heard.raw.append(part)
    for at in range(len(heard.words) - 1, -1, -1):
        digits_follow = heard.words[at] == "oh" and heard.words[at + 1 : at + 2] and _DIGIT.match(heard.words[at + 1])
        if heard.words[at] in HESITATIONS and not digits_follow:
            del heard.words[at], heard.raw[at]
    heard.used = [False] * len(heard.words)
    return heard


def _splits(word: str) -> bool:
    return bool(
        re.match(r"(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|half|mid|one|two|three|four|five|six|"
                 r"seven|eight|nine|ten|eleven|twelve)-", word)
    )  # fmt: skip
