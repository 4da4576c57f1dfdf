"""A stream of text, cut into sentences as soon as each is certain to be over."""

import re

import sentencex

from .spoken import spoken

_MAY_END = re.compile(r"[.!?…。！？।؟։]")
# A word that follows, whole or nearly: "U.S. G" may become "U.S. Government", which is no end.
_FOLLOWED = re.compile(r"\s*(\S+\s|\S{3})")
_ONLY_A_NUMBER = re.compile(r"\s*\W*\d+[.)]\s*")
# Nobody ends a sentence here, so the voice takes a breath.
_LONGEST = 400


class Sentences:
    """Feed it text in any pieces; it gives back whole sentences, ready to be said.

    A sentence is over when the next one has begun ("Dr." and "3.5" do not end one), or with its line.
    """

    def __init__(self) -> None:
        self._rest = ""
        self._opens_line = True

    def feed(self, text: str) -> list[str]:
        *lines, self._rest = (self._rest + text).split("\n")
        said = []
        for line in lines:
            said += self._say(*_cut(line))
            self._opens_line = True
        if _MAY_END.search(self._rest):
            *whole, last = _cut(self._rest)
            if whole and _FOLLOWED.match(last):
                said += self._say(*whole)
                self._rest = last
        while len(self._rest) > _LONGEST:
            at = max(self._rest.rfind(", ", 0, _LONGEST), self._rest.rfind(" ", 0, _LONGEST), _LONGEST // 2)
            said += self._say(self._rest[: at + 1])
            self._rest = self._rest[at + 1 :]
        return said

    def end(self) -> list[str]:
        """What is left."""
        return self.feed("\n")

    def _say(self, *sentences: str) -> list[str]:
        said = []
        for sentence in sentences:
            said.append(spoken(sentence, opens_line=self._opens_line))
            self._opens_line = False
        return [words for words in said if words]


def _cut(text: str) -> list[str]:
    """Joined, they are the text. A link stays whole, and a number in front of a list's line stays with its line."""
    pieces = [""]
    for piece in sentencex.segment("en", text):
        before = pieces[-1]
        if before.count("[") > before.count("]") or _ONLY_A_NUMBER.fullmatch(before) or not before.strip():
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces
