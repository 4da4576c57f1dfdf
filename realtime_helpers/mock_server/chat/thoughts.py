"""What a reasoning model thinks aloud before it answers is not for the user's ears."""

import re

_TAG = re.compile(r"<(/?)(think|thinking|thought|reasoning)>", re.IGNORECASE)
_PERHAPS_A_TAG = re.compile(r"</?[a-z]{0,9}$", re.IGNORECASE)


class Thoughts:
    """Drops `<think>...</think>` out of a stream, also where a tag is split between two chunks.

    Most servers send thoughts in a field of their own; this is for those that leave them in the text.
    """

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False

    def drop_from(self, text: str) -> str:
        """The part of the stream so far that is no thought, and was not given back before."""
        text, answer = self._held + text, ""
        while tag := _TAG.search(text):
            answer += "" if self._thinking else text[: tag.start()]
            self._thinking = not tag[1]
            text = text[tag.end() :]
        half = _PERHAPS_A_TAG.search(text)
        whole, self._held = (text[: half.start()], half[0]) if half else (text, "")
        return answer + ("" if self._thinking else whole)

    def end(self) -> str:
        """What was held back, as no tag came of it."""
        return "" if self._thinking else self._held
