"""From appended audio to user turns: the input buffer, turn detection, and work begun before a turn is over.

While the silence window still runs, the ears begin to listen and a reply is made ready. If the voice comes back that
work is thrown away; no event and no side effect comes of it before the window ends.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from .config import silence_ms
from .input_buffer import InputBuffer
from .partials import Partials
from .production import Production
from .semantics import LONGEST_MS, SHORTEST_MS, UNSURE, finished, window_ms
from .speech import Speech
from .turns import SpeechPaused, SpeechResumed, SpeechStarted, SpeechStopped, TurnDetector, TurnEvent
from .vad_pool import VadPool

# A partial transcript costs a whole decoding: not more often than this, and only while nobody else needs the ears.
_PARTIAL_EVERY_MS = 600
_MOST_WAITING = 64  # frames: two seconds
# Ears, mind and a first sentence take half of this on a quiet machine. Most pauses inside a turn end sooner.
_HEAD_START_MS = 300
_PAUSE_TRAILS_MS = 96  # at most so much after the voice's end the detector says SpeechPaused


@dataclass
class Guess:
    """Work begun in the silence window. Good only if the conversation is still the one it was made for."""

    heard: asyncio.Task[str]
    reply: Production | None
    made_for: object
    pause_ms: int

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
    paused_ms: int | None = None  # since when the voice is silent, if it is
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
    def silent_until(self, audio_ms: float) -> None: ...
    @property
    def state(self) -> object: ...


class Listener:
    """One session's ears. PCM16, 24 kHz, mono."""

    def __init__(self, session: TurnTaker, speech: Speech, pool: VadPool, new_item_id: Callable[[], str]) -> None:
        self._session, self._speech, self._pool, self._new_item_id = session, speech, pool, new_item_id
        self.buffer = InputBuffer()
        self.detector: TurnDetector | None = None
        self._caught_up = asyncio.Event()
        self._turn: UserTurn | None = None
        self._wants_partials = False
        self._eagerness: str | None = None  # semantic_vad
        self._kept_silence_ms = 0
        self._verdict_by_ms: int | None = None  # hear nothing beyond, until the words before are judged
        self._later: deque[Callable[[], None]] = deque()

    def configure(self, turn_detection: dict[str, Any] | None, *, partials: bool) -> None:
        """Take up (changed) settings; a turn in progress goes on under them."""
        self._wants_partials = partials
        self._eagerness = (turn_detection or {}).get("eagerness")
        self._kept_silence_ms = (turn_detection or {}).get("idle_timeout_ms") or 0
        if turn_detection is None:
            self._forget_turn()
            self.detector = None
            return
        settings = {
            "threshold": turn_detection.get("threshold", 0.5),
            "prefix_padding_ms": turn_detection.get("prefix_padding_ms", 300),
            "silence_duration_ms": silence_ms(turn_detection),
        }
        if self.detector:
            self.detector.reconfigure(**settings)
        else:
            self.detector = TurnDetector(**settings, at_ms=self.buffer.end_ms)
        if self._turn and self._turn.guess:
            self._seek_verdict(self._turn.guess)

    def append(self, pcm: bytes) -> None:
        """What happens in it is told soon after, or at the next `flush`."""
        self.buffer.append(pcm)
        if self.detector:
            self.detector.take(pcm)
            self._pool.hear(self)

    def flush(self) -> None:
        """Tell everything that happened in what was appended, as far as it may be heard now."""
        self._pool.flush(self)

    def in_order(self, work: Callable[[], None], *, is_audio: bool) -> None:
        """Do a client event's work once all audio before it has been heard: at once, unless words are being judged.
        Audio has only to keep its place among the events that wait."""
        if not self._later and not is_audio:
            self.flush()
        if self._later or (self._is_held and not is_audio):
            self._later.append(work)
        else:
            work()

    @property
    def ready(self) -> bool:
        """A frame waits and may be heard."""
        return self.detector is not None and self.detector.waiting > 0 and not self._is_held

    @property
    def _is_held(self) -> bool:
        """Whether audio waits for a verdict on the words before it: the turn may prove to have ended."""
        by_ms, detector = self._verdict_by_ms, self.detector
        return by_ms is not None and detector is not None and detector.waiting > 0 and detector.heard_ms >= by_ms

    async def room(self) -> None:
        """Wait while much more was appended than has been heard, so that a long clip holds up its own session only."""
        while self._later or (self.detector and self.detector.waiting > _MOST_WAITING):
            self._caught_up.clear()
            await self._caught_up.wait()

    def heard(self, events: list[TurnEvent]) -> None:
        """The pool's: a frame was heard, and this happened in it."""
        if not self.detector.waiting:
            self._caught_up.set()
        for event in events:
            match event:
                case SpeechStarted(audio_start_ms):
                    self._turn = UserTurn(self._new_item_id(), max(audio_start_ms, self.buffer.start_ms))
                    self._turn.partial_at_ms = self.detector.heard_ms
                    self._session.turn_started(self._turn)
                case SpeechPaused(audio_ms):
                    if self._turn:
                        self._turn.paused_ms = audio_ms
                case SpeechResumed():
                    self._verdict_by_ms = None
                    if self._turn:
                        self._turn.paused_ms = None
                        self._turn.drop_guess()
                case SpeechStopped(audio_end_ms):
                    self._stop(audio_end_ms)
        self._keep_up()

    @property
    def in_turn(self) -> bool:
        """Somebody speaks, as far as one can tell."""
        return self._turn is not None

    @property
    def heard_ms(self) -> float:
        """How far into the user's audio turn detection has come; 0 without one."""
        return self.detector.heard_ms if self.detector else 0

    def take_silence(self, ms: int) -> tuple[UserTurn, bytes]:
        """The last `ms` of the buffer, in which nobody spoke, as a user turn."""
        turn = UserTurn(self._new_item_id(), max(0, self.buffer.end_ms - ms))
        return turn, self.buffer.between(turn.start_ms, self.buffer.end_ms)

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
        if self.detector:
            self.detector.reset()

    def close(self) -> None:
        self._pool.forget(self)
        self._later.clear()
        self._forget_turn()

    def _forget_turn(self) -> None:
        self._verdict_by_ms = None
        if self._turn:
            self._turn.drop_guess()
            self._turn.stop_partials()
            self._turn = None

    def _guess(self, turn: UserTurn, until_ms: int) -> None:
        audio = self.buffer.between(turn.start_ms, until_ms)
        heard = asyncio.create_task(self._speech.transcribe(audio))
        turn.guess = Guess(heard, self._session.begin_reply(heard), self._session.state, until_ms)
        self._seek_verdict(turn.guess)

    @property
    def _guess_after_ms(self) -> int:
        """How long a pause lasts before it is taken for the turn's end. semantic_vad wants the words at once."""
        wait_ms = self.detector.silence_duration_ms - _PAUSE_TRAILS_MS - _HEAD_START_MS
        return 0 if self._eagerness else max(0, wait_ms)

    def _seek_verdict(self, guess: Guess) -> None:
        """semantic_vad: judge the words when they are there, and hear until then only what ends no turn."""
        self._verdict_by_ms = None
        if self._eagerness:
            self.detector.silence_duration_ms = LONGEST_MS[self._eagerness]
            self._verdict_by_ms = guess.pause_ms + SHORTEST_MS[self._eagerness] - _PAUSE_TRAILS_MS
            guess.heard.add_done_callback(lambda _: self._judge(guess))

    def _judge(self, guess: Guess) -> None:
        if not self._eagerness or not self._turn or self._turn.guess is not guess:
            return
        failed = guess.heard.cancelled() or guess.heard.exception()
        likely = UNSURE if failed else finished(guess.heard.result())
        self.detector.silence_duration_ms = window_ms(likely, self._eagerness)
        self._verdict_by_ms = None
        self._go_on()

    def _go_on(self) -> None:
        """With what was held back."""
        self._pool.hear(self)
        while self._later:
            self.flush()
            if self._is_held:
                return
            self._later.popleft()()
        self._caught_up.set()

    def _stop(self, end_ms: int) -> None:
        turn, self._turn = self._turn, None
        if turn is None:
            return
        turn.stop_partials()
        audio = self.buffer.between(turn.start_ms, end_ms)
        self.buffer.drop_before(end_ms)
        self._session.turn_stopped(turn, audio, end_ms)

    def _keep_up(self) -> None:
        """Between turns keep only what may yet be asked for; within one, listen ahead and make partial transcripts."""
        turn, now_ms = self._turn, self.detector.heard_ms
        if turn is None:
            # The detector says "started" a few frames late, hence the second over the padding.
            self.buffer.drop_before(now_ms - max(self.detector.prefix_padding_ms + 1000, self._kept_silence_ms))
            self._session.silent_until(now_ms)
            return
        if turn.paused_ms is not None and not turn.guess and now_ms - turn.paused_ms >= self._guess_after_ms:
            self._guess(turn, turn.paused_ms)
        due = now_ms - turn.partial_at_ms >= _PARTIAL_EVERY_MS
        if self._wants_partials and due and not turn.guess and self._speech.idle:
            turn.partial_at_ms = now_ms
            turn.partial = asyncio.create_task(self._partial(turn, self.buffer.between(turn.start_ms, now_ms)))

    async def _partial(self, turn: UserTurn, audio: bytes) -> None:
        heard = await self._speech.transcribe_when_idle(audio)
        if heard is not None and (words := turn.partials.feed(heard)):
            self._session.partial_words(turn, words)
