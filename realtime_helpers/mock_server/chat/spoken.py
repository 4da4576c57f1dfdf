"""From what a chat model writes to what can be said: no Markdown, no emoji."""

import re
import unicodedata

_RULE_OR_FENCE = re.compile(r"\s*(([-*_=]\s*){3,}|(```|~~~).*|[|\s:-]*-{3}[|\s:-]*)")
_LINE_OPENS = re.compile(r"\s*(>\s*)*(#{1,6}\s+|[-*+•‣◦–]\s+(\[[ xX]\]\s+)?)?")
_LINK = re.compile(r"!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])")
_ADDRESS = re.compile(r"<(https?://[^>\s]+)>")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_CELL_WALL = re.compile(r"\s*\|\s*")
# Marks of emphasis and code. A star between digits or spaces is a product, an underscore within a word is its own.
_EMPHASIS = re.compile(r"\*{2,}|(?<![\s\d])\*|\*(?![\s\d])|~~|`+|(?<!\w)_+(?=\w)|(?<=\S)_+(?!\w)")

_LOST_MARK = re.compile(r" ([.,!?;:])(?=\s|$)")  # a picture stood before it


def spoken(text: str, *, opens_line: bool) -> str:
    """A sentence of Markdown as plain words; "" if nothing of it can be said.

    `opens_line`: it stands at the start of a line, where `#`, `-` and `>` are marks.
    """
    if opens_line:
        if _RULE_OR_FENCE.fullmatch(text.strip()):
            return ""
        text = text[_LINE_OPENS.match(text).end() :]
    if text.lstrip().startswith("|") or text.rstrip().endswith("|"):  # a row of a table
        text = _CELL_WALL.sub(", ", text.strip(" |\n"))
    text = _BREAK.sub(" ", _ADDRESS.sub(r"\1", _LINK.sub(r"\1", text)))
    text = "".join(c for c in _EMPHASIS.sub("", text) if not _is_picture(c))
    text = _LOST_MARK.sub(r"\1", " ".join(text.split()))
    return text if any(c.isalnum() for c in text) else ""


def _is_picture(char: str) -> bool:
    code = ord(char)
    is_symbol = code >= 0x2300 and unicodedata.category(char) == "So"  # below are °, © and №, which can be said
    # what changes the look of a picture, its skin or its country
    return is_symbol or code in (0xFE0F, 0x20E3) or 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F
