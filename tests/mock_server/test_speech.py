"""speech.py and its engines: what is said is heard, noise is not, and nobody waits for nobody."""

import asyncio
import threading
from collections.abc import Iterator

import jiwer
import numpy as np
import pytest

from benchmarks import sounds
from realtime_helpers.audio import duration_ms, float_to_pcm16, pcm16_to_float
from realtime_helpers.mock_server.ears import Moonshine
from realtime_helpers.mock_server.partials import Partials
from realtime_helpers.mock_server.speech import Speech
from realtime_helpers.mock_server.voice import VOICES, Hibari
from realtime_helpers.mock_server.work_queue import go_on
from tests.voices import hiss, pcm, say, silence

SENTENCES = [
    "Can you explain why the sky is blue?",
    "What happens if I drop a feather and a hammer on the moon?",
    "Please tell me something about black holes.",
    "Do you have a tent that is big enough for a family?",
]


def plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum() or letter in " '")


@pytest.fixture(scope="module")
def ears() -> Moonshine:
    return Moonshine()


@pytest.fixture(scope="module")
def voice() -> Hibari:
    return Hibari()


@pytest.mark.parametrize("noise_db", [60, 15])
def test_ears_hear_what_was_said(ears: Moonshine, noise_db: int) -> None:
    heard = [
        ears.transcribe(float_to_pcm16(hiss(np.concatenate([silence(300), say(text), silence(500)]), noise_db)))
        for text in SENTENCES
    ]
    assert jiwer.wer([plain(text) for text in SENTENCES], [plain(text) for text in heard]) <= 0.05
    assert heard[0][0].isupper() and heard[0].endswith("?")


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0),
        np.zeros(48_000),
        sounds.at_rms(sounds.white_noise(2), -40),
        sounds.at_peak(sounds.typing(3), -10),
        sounds.at_rms(sounds.music(3), -25),
        say("Yes.")[:1000],
    ],
    ids=["nothing", "silence", "noise", "typing", "music", "40 ms of a word"],
)
def test_ears_make_nothing_up(ears: Moonshine, sound: np.ndarray) -> None:
    assert ears.transcribe(float_to_pcm16(sound)) == ""


def test_ears_follow_a_long_speech_and_do_not_loop(ears: Moonshine) -> None:
    speech = " ".join(SENTENCES * 6)
    long = pcm(*[piece for text in SENTENCES * 6 for piece in (say(text), silence(250))])
    assert duration_ms(long) > 45_000
    assert jiwer.wer(plain(speech), plain(ears.transcribe(long))) <= 0.08


def test_ears_in_two_threads_hear_the_same(ears: Moonshine) -> None:
    clips = [pcm(say(text)) for text in SENTENCES]
    alone = [ears.transcribe(clip) for clip in clips]
    together: dict[int, list[str]] = {}

    def hear(who: int) -> None:
        together[who] = [ears.transcribe(clip) for clip in clips]

    threads = [threading.Thread(target=hear, args=(who,)) for who in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == {0: alone, 1: alone}


def test_voice_is_deterministic_and_speaks_sentence_by_sentence(voice: Hibari) -> None:
    pieces = list(voice.speak("Obviously. Read the syllabus, page four."))
    assert len(pieces) == 2
    assert pieces == list(voice.speak("Obviously. Read the syllabus, page four."))
    assert all(0.01 < np.abs(pcm16_to_float(piece)).max() < 0.99 for piece in pieces)


@pytest.mark.parametrize("name", VOICES)
def test_every_voice_is_understood(voice: Hibari, ears: Moonshine, name: str) -> None:
    spoken = [b"".join(voice.speak(sentence, voice=name)) for sentence in SENTENCES]
    heard = [plain(ears.transcribe(pcm)) for pcm in spoken]
    assert jiwer.wer([plain(sentence) for sentence in SENTENCES], heard) <= 0.1
    marin = sum(len(b"".join(voice.speak(sentence))) for sentence in SENTENCES)
    assert sum(map(len, spoken)) == pytest.approx(marin, rel=0.12)  # another speaker, not a slower or faster one


def test_voices_differ_and_a_strange_name_is_not_an_error(voice: Hibari) -> None:
    spoken = {name: b"".join(voice.speak("Yes, yes.", voice=name)) for name in (*VOICES, "nobody")}
    assert len(set(spoken.values())) == len(VOICES)
    assert spoken["nobody"] == spoken["marin"]


def test_speed_is_honoured(voice: Hibari) -> None:
    length = {speed: duration_ms(b"".join(voice.speak(SENTENCES[0], speed=speed))) for speed in (0.25, 0.5, 1.0, 1.5)}
    assert length[0.5] == pytest.approx(2 * length[1.0], rel=0.15)
    assert length[1.5] == pytest.approx(length[1.0] / 1.5, rel=0.15)
    assert length[0.25] > length[0.5] * 1.5


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "😀"])
def test_nothing_to_say_is_silence(voice: Hibari, text: str) -> None:
    assert duration_ms(b"".join(voice.speak(text))) < 700


async def test_speech_says_and_hears(speech: Speech) -> None:
    spoken = b"".join([piece async for piece in speech.speak("Why does ice float?", voice="ash", speed=1.0)])
    assert plain(await speech.transcribe(spoken)) == "why does ice float"
    assert speech.describe() == "ears: moonshine tiny-en; voice: hibari"


class Gate:
    """Ears and a voice that wait until they are let go."""

    name = "gate"

    def __init__(self) -> None:
        self.open = threading.Event()
        self.heard: list[bytes] = []
        self.pieces_made = 0

    def transcribe(self, pcm: bytes) -> str:
        self.open.wait(10)
        self.heard.append(pcm)
        return "heard"

    def speak(self, text: str, *, voice: str = "marin", speed: float = 1.0) -> Iterator[bytes]:
        for word in text.split():
            self.pieces_made += 1
            yield word.encode()


async def until_idle(speech: Speech) -> None:
    async with asyncio.timeout(5):
        while not speech.idle:  # noqa: ASYNC110  a thread pool has no event to wait for
            await asyncio.sleep(0.001)


async def test_idle_means_that_no_thread_works() -> None:
    gate = Gate()
    speech = Speech(gate, gate)
    assert speech.idle
    job = asyncio.create_task(speech.transcribe(b"a"))
    await asyncio.sleep(0)
    assert not speech.idle
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert not speech.idle  # its task is gone, its thread is not
    gate.open.set()
    await until_idle(speech)
    speech.close()


async def test_work_that_is_cancelled_in_the_queue_is_never_begun() -> None:
    gate = Gate()
    speech = Speech(gate, gate)
    jobs = [asyncio.create_task(speech.transcribe(bytes([n]))) for n in range(3)]
    await asyncio.sleep(0)
    jobs[2].cancel()
    await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(*jobs, return_exceptions=True)
    await until_idle(speech)
    assert sorted(gate.heard) == [b"\0", b"\1"]
    speech.close()


async def test_two_jobs_run_side_by_side() -> None:
    both = threading.Barrier(2, timeout=5)

    class Pair(Gate):
        def transcribe(self, pcm: bytes) -> str:
            both.wait()
            return "met"

    speech = Speech(Pair(), Pair())
    assert await asyncio.gather(speech.transcribe(b""), speech.transcribe(b"")) == ["met", "met"]
    speech.close()


async def test_a_partial_makes_room_for_what_someone_waits_for() -> None:
    begun, room = threading.Barrier(3, timeout=5), threading.Event()

    class Slow(Gate):
        def transcribe(self, pcm: bytes) -> str:
            if pcm == b"final":
                return "final"
            begun.wait()
            room.wait(5)
            go_on()
            return "partial"

    speech = Speech(Slow(), Slow())
    partials = [asyncio.create_task(speech.transcribe_when_idle(b"partial")) for _ in range(2)]
    await asyncio.to_thread(begun.wait)
    final = asyncio.create_task(speech.transcribe(b"final"))
    await asyncio.sleep(0)
    room.set()
    assert await asyncio.gather(*partials, final) == [None, None, "final"]
    speech.close()


async def test_a_client_with_much_to_say_does_not_make_another_wait() -> None:
    gate = Gate()
    speech = Speech(gate, gate)
    greedy, other = speech.for_client(), speech.for_client()
    jobs = [asyncio.create_task(greedy.transcribe(bytes([n]))) for n in range(50)]
    await asyncio.sleep(0)
    last = asyncio.create_task(other.transcribe(b"other"))
    await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(last, *jobs)
    assert gate.heard.index(b"other") <= 4  # two ran already, one was next; two threads finish in any order
    await until_idle(speech)
    speech.close()


async def test_a_speaker_that_is_interrupted_makes_no_more() -> None:
    gate = Gate()
    speech = Speech(gate, gate)
    async for _ in speech.speak("one two three four"):
        break
    await until_idle(speech)
    assert gate.pieces_made == 1
    speech.close()


def test_partials_send_only_words_two_decodings_agree_on() -> None:
    partials = Partials()
    assert partials.feed("Why does") == ""
    assert partials.feed("Why does the sun") == "Why does"
    assert partials.feed("Why does the Sunday rise") == " the"
    assert partials.feed("Why does the sun rise in the east") == ""  # "sun" is new
    assert partials.feed("Why does the sun rise") == ""  # the last two words are held back
    assert partials.finish("Why does the sun rise in the east?") == " sun rise in the east?"
    assert partials.sent == "Why does the sun rise in the east?"


def test_partials_hold_numbers_back_until_they_are_complete() -> None:
    partials = Partials()
    for decoding in ("A table on the twenty", "A table on the twenty third", "A table on the twenty third of March at"):
        sent = partials.feed(decoding)
    assert (partials.sent, sent) == ("A table on the", "")
    assert partials.finish("A table on the 23rd of March at nine.") == " 23rd of March at nine."


def test_partials_keep_the_spelling_they_sent() -> None:
    partials = Partials()
    for decoding in ("No. Thank you.", "No. Thank you. That is"):
        partials.feed(decoding)
    assert partials.sent == "No. Thank you."
    assert partials.finish("No, thank you, that is all.") == " that is all."
    assert partials.sent == "No. Thank you. that is all."


def test_partials_own_up_when_the_words_changed() -> None:
    partials = Partials()
    for decoding in ("I scream every day", "I scream every day now"):
        partials.feed(decoding)
    assert partials.sent == "I scream every"
    assert partials.finish("Ice cream every day now and then.") is None


def test_partials_of_real_speech_join_to_the_completed_transcript(ears: Moonshine) -> None:
    for text in SENTENCES:
        audio = pcm(silence(200), say(text), silence(400))
        partials, deltas = Partials(), []
        for end in range(24_000, len(audio), 16_800):
            deltas.append(partials.feed(ears.transcribe(audio[:end])))
        assert len("".join(deltas).split()) >= 3  # something came before the end
        deltas.append(partials.finish(ears.transcribe(audio)))
        assert plain("".join(deltas)) == plain(text)
