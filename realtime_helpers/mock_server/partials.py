"""Partial transcripts: which words of a transcript that still changes are safe to send."""

from __future__ import annotations


class Partials:
    """Feed it each full decoding of a growing buffer; it gives back only words that two decodings in a row agree on.

    Deltas cannot be taken back, and joined they must equal the `completed` transcript.
    """

    def __init__(self) -> None:
        self.sent = ""
        self._before: list[str] = []

    def feed(self, decoding: str) -> str:
        """The next full decoding -> the new stable words with their spaces, or "" if there are none."""
        words = decoding.split()
        stable = 0
        for before, now in zip(self._before, words, strict=False):
            if before != now:
                break
            stable += 1
        self._before = words
        # The last word may still grow ("sun" -> "Sunday"), and its full stop may go.
        text = " ".join(words[: min(stable, len(words) - 1)])
        if not text.startswith(self.sent) or len(text) <= len(self.sent):
            return ""
        delta, self.sent = text[len(self.sent) :], text
        return delta

    def finish(self, final: str) -> str | None:
        """What is still missing of the completed transcript, or None if what was sent is not a beginning of it."""
        return final[len(self.sent) :] if final.startswith(self.sent) else None
