"""Partial transcripts: which words of a transcript that still changes are safe to send."""

from __future__ import annotations

# Spelled out while they are being said, written in digits once the number is complete: "twenty three" -> "23".
_NUMBERS = """
zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half quarter
first second third fourth fifth sixth seventh eighth ninth tenth twelfth twentieth thirtieth
"""
_NUMBER_WORDS = frozenset(_NUMBERS.split())
_HELD_BACK = 2  # the last words heard: the next one may still change them ("sun" -> "Sunday", "it." -> "it is")


class Partials:
    """Feed it each full decoding of a growing buffer; it gives back only words that two decodings in a row agree on.

    A delta cannot be taken back, and joined they must equal the completed transcript; so what is likely to be rewritten
    (the last words, numbers) is held back, and case and punctuation stay as they were sent.
    """

    def __init__(self) -> None:
        self.sent = ""  # all deltas joined; after `finish` gave a delta, the completed transcript
        self._before: list[str] = []

    def feed(self, decoding: str) -> str:
        """The next full decoding -> the new stable words, with the space before them, or "" if there are none."""
        words = decoding.split()
        sent = self.sent.split()
        stable = _common_prefix(self._before, words)
        self._before = words
        if _common_prefix(sent, words) < len(sent):
            return ""
        end = min(stable, len(words) - _HELD_BACK)
        fresh = words[len(sent) : end]
        number = next((at for at, word in enumerate(fresh) if _is_number(word)), len(fresh))
        return self._send(fresh[:number])

    def finish(self, final: str) -> str | None:
        """What is still to send, or None if the words sent are not the beginning of `final`.

        With a delta, `sent` is then the transcript to complete with: the words of `final`, spelled as they were sent.
        """
        words = final.split()
        sent = self.sent.split()
        if _common_prefix(sent, words) < len(sent):
            return None
        return self._send(words[len(sent) :])

    def _send(self, words: list[str]) -> str:
        if not words:
            return ""
        delta = (" " if self.sent else "") + " ".join(words)
        self.sent += delta
        return delta


def _common_prefix(some: list[str], others: list[str]) -> int:
    """How many words agree from the start on, whatever their case and punctuation."""
    count = 0
    for one, other in zip(some, others, strict=False):
        if _bare(one) != _bare(other):
            break
        count += 1
    return count


def _bare(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum() or letter == "'")


def _is_number(word: str) -> bool:
    parts = "".join(letter if letter.isalnum() else " " for letter in word.casefold()).split()
    return any(part in _NUMBER_WORDS or part[0].isdigit() for part in parts)
