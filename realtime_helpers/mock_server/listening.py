"""From appended audio to user turns: the input buffer, turn detection, and work begun before a turn is over.

As soon as the voice falls silent, while the silence window still runs, the ears begin to listen and a reply is made
ready. If the voice comes back that work is thrown away; no event and no side effect comes of it before the window ends.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from .config import silence_ms
from .input_buffer import InputBuffer
from .partials import Partials
from .production import Production
from .speech import Speech
from .turns import SpeechPaused, SpeechResumed, SpeechStarted, SpeechStopped, TurnDetector

# A partial transcript costs a whole decoding: not more often than this, and only while nobody else needs the ears.
_PARTIAL_EVERY_MS = 600


@dataclass
class Guess:
    """Work begun in the silence window. Good only if the conversation is still the one it was made for."""

    heard: asyncio.Task[str]
    reply: Production | None
    made_for: object

    def cancel(self) -> None:
        self.heard.cancel()
        if self.reply:
            self.reply.cancel()


@dataclass
class UserTurn:
    """Something the user is saying."""

    item_id: str
    start_ms: int
    partials: Partials = field(default_factory=Partials)
    partial: asyncio.Task | None = None
    partial_at_ms: int = 0
    guess: Guess | None = None

    def drop_guess(self) -> None:
        if self.guess:
            self.guess.cancel()
            self.guess = None

    def stop_partials(self) -> None:
        if self.partial:
            self.partial.cancel()


class TurnTaker(Protocol):
    """What a listener tells its session."""

    def turn_started(self, turn: UserTurn) -> None: ...
    def turn_stopped(self, turn: UserTurn, audio: bytes, end_ms: int) -> None: ...
    def begin_reply(self, heard: asyncio.Task[str]) -> Production | None: ...
    def partial_words(self, turn: UserTurn, words: str) -> None: ...
    @property
    def state(self) -> object: ...


class Listener:
    """One session's ears. PCM16, 24 kHz, mono."""

    def __init__(self, session: TurnTaker, speech: Speech, new_item_id: Callable[[], str]) -> None:
        self._session, self._speech, self._new_item_id = session, speech, new_item_id
        self.buffer = InputBuffer()
        self._detector: TurnDetector | None = None
        self._turn: UserTurn | None = None
        self._wants_partials = False

    def configure(self, turn_detection: dict[str, Any] | None, *, partials: bool) -> None:
        """Take up (changed) settings; a turn in progress goes on under them."""
        self._wants_partials = partials
        if turn_detection is None:
            self._forget_turn()
            self._detector = None
            return
        settings = {
            "threshold": turn_detection.get("threshold", 0.5),
            "prefix_padding_ms": turn_detection.get("prefix_padding_ms", 300),
            "silence_duration_ms": silence_ms(turn_detection),
        }
        if self._detector:
            self._detector.reconfigure(**settings)
        else:
            self._detector = TurnDetector(**settings, at_ms=self.buffer.end_ms)

    def append(self, pcm: bytes) -> None:
        self.buffer.append(pcm)
        if not self._detector:
            return
        for event in self._detector.feed(pcm):
            match event:
                case SpeechStarted(audio_start_ms):
                    self._turn = UserTurn(self._new_item_id(), max(audio_start_ms, self.buffer.start_ms))
                    self._turn.partial_at_ms = self.buffer.end_ms
                    self._session.turn_started(self._turn)
                case SpeechPaused(audio_ms):
                    self._guess(audio_ms)
                case SpeechResumed():
                    if self._turn:
                        self._turn.drop_guess()
                case SpeechStopped(audio_end_ms):
                    self._stop(audio_end_ms)
        self._keep_up()

    def commit(self) -> tuple[UserTurn, bytes]:
        """Take the whole buffer as a user turn, whatever turn detection thinks."""
        turn = self._turn or UserTurn(self._new_item_id(), self.buffer.start_ms)
        audio = self.buffer.between(self.buffer.start_ms, self.buffer.end_ms)
        turn.drop_guess()
        turn.stop_partials()
        self.clear()
        return turn, audio

    def clear(self) -> None:
        """input_audio_buffer.clear"""
        self._forget_turn()
        self.buffer.clear()
        if self._detector:
            self._detector.reset()

    def close(self) -> None:
        self._forget_turn()

    def _forget_turn(self) -> None:
        if self._turn:
            self._turn.drop_guess()
            self._turn.stop_partials()
            self._turn = None

    def _guess(self, until_ms: int) -> None:
        turn = self._turn
        if turn is None:
            return
        turn.drop_guess()
        audio = self.buffer.between(turn.start_ms, until_ms)
        heard = asyncio.create_task(self._speech.transcribe(audio))
        turn.guess = Guess(heard, self._session.begin_reply(heard), self._session.state)

    def _stop(self, end_ms: int) -> None:
        turn, self._turn = self._turn, None
        if turn is None:
            return
        turn.stop_partials()
        audio = self.buffer.between(turn.start_ms, end_ms)
        self.buffer.drop_before(end_ms)
        self._session.turn_stopped(turn, audio, end_ms)

    def _keep_up(self) -> None:
        """Between turns keep only what a prefix may still need; within one, make partial transcripts."""
        turn = self._turn
        if turn is None:
            # The detector says "started" a few frames late, hence the second over the padding.
            self.buffer.drop_before(self.buffer.end_ms - self._detector.prefix_padding_ms - 1000)
            return
        due = self.buffer.end_ms - turn.partial_at_ms >= _PARTIAL_EVERY_MS
        if self._wants_partials and due and not turn.guess and self._speech.idle:
            turn.partial_at_ms = self.buffer.end_ms
            turn.partial = asyncio.create_task(self._partial(turn))

    async def _partial(self, turn: UserTurn) -> None:
        text = await self._speech.transcribe(self.buffer.between(turn.start_ms, self.buffer.end_ms))
        if words := turn.partials.feed(text):
            self._session.partial_words(turn, words)
