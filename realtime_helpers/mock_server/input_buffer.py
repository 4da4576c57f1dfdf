"""The input audio buffer: what the client appended, addressed in milliseconds since the session began."""

from ..audio import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ

BYTES_PER_MS = SAMPLE_RATE_HZ * BYTES_PER_SAMPLE // 1000
# An hour of silence with turn detection off must not eat the machine: half an hour is far beyond any utterance.
MAX_BYTES = 30 * 60 * 1000 * BYTES_PER_MS


class InputBuffer:
    """PCM16, 24 kHz, mono."""

    def __init__(self) -> None:
        self._pcm = bytearray()
        self._start = 0  # bytes that came before the first one kept

    def __len__(self) -> int:
        return len(self._pcm)

    @property
    def start_ms(self) -> int:
        return self._start // BYTES_PER_MS

    @property
    def end_ms(self) -> int:
        """Everything ever appended, kept or not."""
        return (self._start + len(self._pcm)) // BYTES_PER_MS

    @property
    def duration_ms(self) -> int:
        return len(self._pcm) // BYTES_PER_MS

    def append(self, pcm: bytes) -> None:
        self._pcm += pcm
        if len(self._pcm) > MAX_BYTES:
            self.drop_before((self._start + len(self._pcm) - MAX_BYTES) // BYTES_PER_MS)

    def between(self, start_ms: int, end_ms: int) -> bytes:
        first = max(0, start_ms * BYTES_PER_MS - self._start)
        return bytes(self._pcm[first : max(first, end_ms * BYTES_PER_MS - self._start)])

    def drop_before(self, ms: int) -> None:
        count = min(len(self._pcm), max(0, ms * BYTES_PER_MS - self._start))
        del self._pcm[:count]
        self._start += count

    def clear(self) -> None:
        self.drop_before(self.end_ms + 1)
