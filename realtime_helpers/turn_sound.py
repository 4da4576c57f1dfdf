"""The sound that was sent in one session, for as long as somebody may still need it."""

from base64 import b64decode, b64encode

IDLE_KEPT_MS = 30_000  # a network may be dead for so long before anybody notices
LONGEST_KEPT_MS = 30 * 60_000  # as much as the service's own buffer holds


class Sound:
    """Audio in the session's input format, whatever that is: `bytes_per_ms` says how much of it is a millisecond."""

    def __init__(self, bytes_per_ms: int = 48) -> None:
        self.bytes_per_ms = bytes_per_ms
        self._data = bytearray()
        self._before_ms = 0.0  # forgotten
        self.needed_from_ms: float | None = None  # the beginning of a turn that is not committed

    @property
    def end_ms(self) -> float:
        """As the service counts: milliseconds since the session began."""
        return self._before_ms + len(self._data) / self.bytes_per_ms

    def append(self, audio: str) -> None:
        """`audio`: base64, as in `input_audio_buffer.append`."""
        self._data += b64decode(audio)
        kept = LONGEST_KEPT_MS if self.needed_from_ms is not None else IDLE_KEPT_MS
        self.forget_before(self.end_ms - kept)

    def forget_before(self, ms: float) -> None:
        extra = int(max(0.0, ms - self._before_ms)) * self.bytes_per_ms
        extra = min(extra, len(self._data))
        del self._data[:extra]
        self._before_ms += extra / self.bytes_per_ms

    def cut(self, start_ms: float, stop_ms: float) -> bytes:
        """What of that span is still there."""
        first, last = (round((ms - self._before_ms) * self.bytes_per_ms) // 2 * 2 for ms in (start_ms, stop_ms))
        return bytes(self._data[max(first, 0) : max(last, 0)])

    def restart(self) -> list[str]:
        """A new session begins: what it must hear again, as base64 of 200 ms each, which then is all there is."""
        if self.needed_from_ms is not None:
            self.forget_before(self.needed_from_ms)
        self._before_ms, self.needed_from_ms = 0.0, None
        step = 200 * self.bytes_per_ms
        return [b64encode(self._data[at : at + step]).decode() for at in range(0, len(self._data), step)]

    def clear(self) -> None:
        self.forget_before(self.end_ms)
        self.needed_from_ms = None
