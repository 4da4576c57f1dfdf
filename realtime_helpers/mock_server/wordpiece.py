"""Text to the numbers a BERT network reads: WordPiece, in lower case, as BERT's own `uncased` tokeniser does it.

`embedding_vocabulary.txt` is that tokeniser's vocabulary (Google, Apache-2.0): one piece a line, its number the line's.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

_VOCABULARY = Path(__file__).with_name("embedding_vocabulary.txt")
_UNKNOWN, _START, _END = "[UNK]", "[CLS]", "[SEP]"
_LONGEST_WORD = 100
_CHINESE = re.compile("[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff]")


@cache
def vocabulary() -> dict[str, int]:
    pieces = _VOCABULARY.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return {piece: number for number, piece in enumerate(pieces)}


def encode(text: str, most: int) -> list[int]:
    """The numbers of a text's pieces between start and end; what is beyond `most` numbers in all is left out."""
    numbers = [number for word in _words(text) for number in _pieces(word)]
    known = vocabulary()
    return [known[_START], *numbers[: most - 2], known[_END]]


def _words(text: str) -> list[str]:
    """Without accents and control characters, every punctuation mark and Chinese character a word of its own."""
    plain = []
    for letter in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(letter)
        if letter.isspace():
            plain.append(" ")
        elif kind[0] == "P" or (letter.isascii() and kind[0] == "S") or _CHINESE.match(letter):
            plain.append(f" {letter} ")
        elif kind not in ("Mn", "Cc", "Cf"):
            plain.append(letter)
    return "".join(plain).split()


def _pieces(word: str) -> list[int]:
    """The longest piece that the word begins with, then the longest of the rest, and so on."""
    known, numbers, at = vocabulary(), [], 0
    while at < len(word):
        start = "##" if at else ""
        end = next((end for end in range(len(word), at, -1) if start + word[at:end] in known), None)
        if end is None or len(word) > _LONGEST_WORD:
            return [known[_UNKNOWN]]
        numbers.append(known[start + word[at:end]])
        at = end
    return numbers
