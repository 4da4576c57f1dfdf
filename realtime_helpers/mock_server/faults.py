"""Faults on demand: what goes wrong in a connection, so that clients can practise on it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Faults:
    """All off by default. Times in milliseconds of the server's clock, counted from session.created."""

    drop_after_events: int | None = None  # the socket dies, without a close frame, after so many server events
    drop_after_ms: int | None = None
    refuse: int | None = None  # HTTP 429 at the handshake, with this Retry-After in seconds
    transcription_delay_ms: int = 0
    transcription_fails: bool = False
    transcription: str | None = None  # the transcript says this, though the mind heard right
    reply_delay_ms: int = 0
    error_after_events: int | None = None  # one `error` event of type server_error
    malformed_after_events: int | None = None  # one frame that is no JSON
    expires_after_ms: int | None = None  # instead of 60 minutes
