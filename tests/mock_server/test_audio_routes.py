"""`POST /v1/audio/speech` and `/v1/audio/transcriptions`: by openai's client and without it."""

import asyncio
import io
import json
import logging
import threading
import wave
from collections.abc import Iterator

import av
import httpx
import jiwer
import numpy as np
import openai
import pytest
import soundfile
from openai import OpenAI
from openai.types.audio import Transcription
from openai.types.audio.speech_create_params import SpeechCreateParams
from openai.types.audio.transcription_create_params import TranscriptionCreateParamsBase

from realtime_helpers.audio import SAMPLE_RATE_HZ, duration_ms, pcm16_to_float, resample
from realtime_helpers.mock_server import MockServer, engines, file_transcribing, text_to_speech, uploaded_audio
from realtime_helpers.mock_server.allowed import VOICES
from realtime_helpers.mock_server.speech import Speech
from realtime_helpers.mock_server.stretches import LONGEST_S, stretches
from realtime_helpers.mock_server.vad import SpeechUnavailable
from realtime_helpers.mock_server.work_queue import WorkQueue

from .test_http import unpublished

KEY = "secret"
AUTH = {"Authorization": f"Bearer {KEY}"}
READER, WRITER = "gpt-4o-mini-tts", "gpt-transcribe"
LINE = "Why does ice float on water?"


@pytest.fixture(scope="module")
def served() -> Iterator[MockServer]:
    with MockServer(["Hello."], api_key=KEY) as served:
        yield served


@pytest.fixture(scope="module")
def client(served: MockServer) -> Iterator[OpenAI]:
    with served.client(max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def spoken(client: OpenAI) -> bytes:
    """LINE as PCM16."""
    return speak(client)


def speak(client: OpenAI, text: str = LINE, **more) -> bytes:
    asked = {"model": READER, "voice": "marin", "input": text, "response_format": "pcm", **more}
    return client.audio.speech.create(**asked).read()


def file_of(pcm: bytes, format: str = "WAV", rate: int = SAMPLE_RATE_HZ, channels: int = 1, **more) -> bytes:
    samples = resample(pcm16_to_float(pcm), SAMPLE_RATE_HZ, rate)
    file = io.BytesIO()
    soundfile.write(file, np.stack([samples] * channels, axis=1), rate, format=format, **more)
    return file.getvalue()


def write(client: OpenAI, recording: bytes, name: str = "turn.wav", **more):
    return client.audio.transcriptions.create(**{"model": WRITER, "file": (name, recording), **more})


def words(text: str) -> str:
    return " ".join("".join(c for c in text.lower() if c.isalnum() or c == " ").split())


# -- speech


def test_a_wav_file_holds_what_pcm_is(client, spoken):
    with wave.open(io.BytesIO(speak(client, response_format="wav"))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SAMPLE_RATE_HZ)
        assert file.readframes(file.getnframes()) == spoken
    assert 1500 < duration_ms(spoken) < 4000


def test_the_type_of_what_comes(client):
    for form in ("pcm", "wav"):
        asked = {"model": READER, "voice": "cedar", "input": "Hello.", "response_format": form}
        with client.audio.speech.with_streaming_response.create(**asked) as response:
            assert response.headers["content-type"] == f"audio/{form}" and response.read()


def test_each_voice_of_a_session_reads_and_no_two_sound_alike(client):
    assert len({speak(client, "Hello there.", voice=voice) for voice in VOICES}) == len(VOICES)


def test_speed_is_heard(client, spoken):
    assert len(speak(client, speed=1.5)) < 0.8 * len(spoken) < len(spoken) < 0.8 * len(speak(client, speed=0.5))
    assert speak(client, speed=4) == speak(client, speed=2), "the engine speaks no faster"


@pytest.mark.parametrize("text", ["9" * 60, "1,000," * 12 + "000"])
def test_a_number_without_end_is_read_figure_by_figure(client, text):
    assert duration_ms(speak(client, text)) > 5000


def test_a_sentence_without_end_is_said_in_parts():
    parts = [*engines.voices().speak("tent and " * 100)]
    assert len(parts) > 1 and all(duration_ms(part) < 40_000 for part in parts)


def test_the_first_sentence_is_heard_before_the_last_is_made(monkeypatch):
    class Slow:
        name = "slow"

        def speak(self, text, *, voice, speed):
            yield b"\1\0" * 1000
            assert heard.wait(10), "the first sentence did not arrive while the second was made"
            yield b"\2\0" * 1000

    heard = threading.Event()
    monkeypatch.setattr(engines, "voices", Slow)
    asked = {"model": READER, "voice": "cedar", "input": "One. Two.", "response_format": "pcm"}
    with (
        MockServer(["Hello."], api_key=KEY) as served,
        served.client(max_retries=0) as client,
        client.audio.speech.with_streaming_response.create(**asked) as response,
    ):
        pieces = response.iter_bytes(2000)
        assert next(pieces) == b"\1\0" * 1000
        heard.set()
        assert b"".join(pieces) == b"\2\0" * 1000


@pytest.mark.parametrize(
    ("wrong", "param", "says"),
    [
        ({"input": None}, "input", "a string"),
        ({"input": ""}, "input", "no text"),
        ({"input": " \n"}, "input", "no text"),
        ({"input": "🙂"}, "input", "Nothing in 'input' can be said"),
        ({"input": "x" * 4097}, "input", "at most 4096 letters, but got 4097"),
        ({"voice": "nova"}, "voice", "'cedar'"),
        ({"voice": {"id": "voice_1"}}, "voice", "built-in voices only"),
        ({"voice": 5}, "voice", "a string"),
        ({"speed": 0.2}, "speed", ">= 0.25"),
        ({"speed": 4.5}, "speed", "<= 4"),
        ({"speed": "fast"}, "speed", "a number"),
        ({"response_format": None}, "response_format", "default is 'mp3'"),
        ({"response_format": "mp3"}, "response_format", "not 'mp3'"),
        ({"response_format": "tape"}, "response_format", "the last two"),
        ({"stream_format": "sse"}, "stream_format", "leave out"),
        ({"pitch": 3}, "pitch", "Unknown parameter"),
        ({"model": ""}, "model", "Missing"),
        (b"{", None, "not valid JSON"),
    ],
)
def test_what_cannot_be_read_aloud_is_said(served, wrong, param, says):
    asked = {"model": READER, "voice": "cedar", "input": "Hello.", "response_format": "pcm"}
    body = wrong if isinstance(wrong, bytes) else json.dumps(asked | wrong)
    answer = httpx.post(f"{served.url}/audio/speech", content=body, headers=AUTH)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param), error
    assert error["type"] == "invalid_request_error" and says in error["message"]


# -- transcriptions


def test_what_was_said_is_written(client, spoken):
    made = write(client, file_of(spoken))
    Transcription.model_validate(made.to_dict(), strict=True)
    assert not unpublished(made)
    assert words(made.text) == words(LINE)
    assert made.usage.type == "duration" and made.usage.seconds == pytest.approx(duration_ms(spoken) / 1000, abs=0.001)


def test_usage_is_in_tokens_where_the_model_bills_them(client, spoken):
    usage = write(client, file_of(spoken), model="gpt-4o-transcribe").usage
    assert usage.type == "tokens" and usage.total_tokens == usage.input_tokens + usage.output_tokens
    assert usage.input_token_details.audio_tokens == usage.input_tokens == -(-round(duration_ms(spoken)) // 100)


def test_as_text(client, spoken):
    text = write(client, file_of(spoken), response_format="text")
    assert isinstance(text, str) and words(text) == words(LINE) and text.endswith("\n")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("turn.flac", {"format": "FLAC"}),
        ("turn.mp3", {"format": "MP3"}),
        ("TURN.OGG", {"format": "OGG"}),
        ("turn.oga", {"format": "OGG", "subtype": "OPUS", "rate": 48_000}),
        ("turn.wav", {"rate": 8_000}),
        ("turn.wav", {"rate": 44_100, "channels": 2, "subtype": "FLOAT"}),
    ],
)
def test_files_of_each_kind(client, spoken, name, form):
    assert jiwer.wer(words(LINE), words(write(client, file_of(spoken, **form), name).text)) < 0.2


@pytest.mark.parametrize(("ending", "codec"), [("webm", "libopus"), ("m4a", "aac"), ("mp4", "aac")])
def test_what_browsers_and_telephones_record(client, spoken, ending, codec):
    file = io.BytesIO()
    with av.open(file, "w", format="webm" if ending == "webm" else "mp4") as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        samples = resample(pcm16_to_float(spoken), SAMPLE_RATE_HZ, 48_000)
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    assert jiwer.wer(words(LINE), words(write(client, file.getvalue(), f"turn.{ending}").text)) < 0.2


def test_a_content_type_serves_as_well_as_a_name(client, spoken):
    made = client.audio.transcriptions.create(model=WRITER, file=("turn", file_of(spoken), "audio/x-wav"))
    assert words(made.text) == words(LINE)


def test_silence_has_no_words(client):
    assert write(client, file_of(bytes(96_000))).text == ""


def test_hints_are_accepted_without_effect(client, spoken):
    hints = {"language": "en", "prompt": "A shop.", "temperature": 0, "include": ["logprobs"], "keywords": ["tent"]}
    made = write(client, file_of(spoken), stream=False, chunking_strategy="auto", languages=["en", "de"], **hints)
    assert words(made.text) == words(LINE)


def test_a_long_recording_is_written_to_its_end(client):
    lines = ["The first tent is green.", "The second tent is red.", "The third tent is blue.", "That was all of it."]
    whole = b"".join(speak(client, line) + bytes(48_000 * 5) for line in lines)
    assert duration_ms(whole) > 1500 * LONGEST_S
    text = words(write(client, file_of(whole, "FLAC"), "long.flac").text)
    assert jiwer.wer(words(" ".join(lines)), text) < 0.2


@pytest.mark.parametrize("seconds", [0.2, 15.9, 16.1, 70])
def test_stretches_are_short_and_lose_nothing(seconds):
    samples = np.random.default_rng(1).normal(size=int(seconds * SAMPLE_RATE_HZ)).astype(np.float32)
    samples[11 * SAMPLE_RATE_HZ : 12 * SAMPLE_RATE_HZ] = 0
    parts = stretches(samples, SAMPLE_RATE_HZ)
    np.testing.assert_array_equal(np.concatenate(parts), samples)
    assert all(len(part) <= LONGEST_S * SAMPLE_RATE_HZ for part in parts)
    if len(parts) > 1:
        assert 11 < len(parts[0]) / SAMPLE_RATE_HZ < 12, "the first cut lies in the silence"


WAV = file_of(bytes(24_000))


@pytest.mark.parametrize(
    ("wrong", "param", "says"),
    [
        ({"file": ("turn", WAV)}, "file", "called 'turn'"),
        ({"file": WAV}, "file", "('turn.wav', wav_bytes)"),
        ({"file": ("turn.txt", WAV)}, "file", "'turn.txt'"),
        ({"file": ("turn.wav", b"")}, "file", "could not be decoded"),
        ({"file": ("turn.wav", WAV[44:])}, "file", "no header"),
        ({"file": ("turn.mp3", b"\xff\xfb" + b"x" * 500)}, "file", "could not be decoded"),
        ({"file": ("turn.webm", b"\x1aE\xdf\xa3" + b"x" * 500)}, "file", "could not be decoded"),
        ({"file": ("turn.wav", file_of(bytes(4000)))}, "file", "too short"),
        ({"response_format": "srt"}, "response_format", "knows no times"),
        ({"response_format": "xml"}, "response_format", "'json' and 'text'."),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities", "neither times nor speakers"),
        ({"known_speaker_names": ["Ada"]}, "known_speaker_names", "neither times nor speakers"),
        ({"stream": True}, "stream", "in one piece"),
        ({"extra_body": {"mood": "good"}}, "mood", "Unknown parameter"),
        ({"model": ""}, "model", "Missing"),
    ],
)
def test_what_cannot_be_written_is_said(client, wrong, param, says):
    with pytest.raises(openai.BadRequestError) as no:
        client.audio.transcriptions.create(**{"model": WRITER, "file": ("turn.wav", WAV), **wrong})
    assert no.value.param == param and says in no.value.body["message"]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("days.flac", {"pcm": bytes(48_000 * 40), "format": "FLAC"}),
        ("slow.wav", {"pcm": bytes(48_000 * 3), "rate": 24_000}),
    ],
)
def test_a_small_file_of_many_hours_is_not_unpacked(client, monkeypatch, name, file):
    monkeypatch.setattr(uploaded_audio, "LONGEST_S", 2)
    recording = file_of(**file)
    with pytest.raises(openai.BadRequestError, match="longer than 2 seconds") as no:
        write(client, recording, name)
    assert no.value.code == "audio_too_long"


PART = b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + WAV + b"\r\n"


@pytest.mark.parametrize(
    ("kind", "body", "param", "says"),
    [
        ("application/json", b"{}", None, "multipart/form-data"),
        ("", b"{}", None, "multipart/form-data"),
        ("multipart/form-data", FILE, None, "boundary"),
        ("multipart/form-data; boundary=b", b"", "model", "Missing"),
        ("multipart/form-data; boundary=b", b"no form at all", None, "not a multipart form"),
        ("multipart/form-data; boundary=b", FILE + b"--b--", "model", "Missing"),
        ("multipart/form-data; boundary=b", PART % (b"model", b"whisper-1") + b"--b--", "file", "Missing"),
        (
            "multipart/form-data; boundary=b",
            PART % (b"model", b"whisper-1") + PART % (b"file", b"x") + b"--b--",
            "file",
            "expected a file, but got text",
        ),
        ("multipart/form-data; boundary=b", FILE.replace(b'"file"', b'"model"') + b"--b--", "model", "expected text"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: x\r\n\r\n\r\n--b--", None, "name"),
        ("multipart/form-data; boundary=b", PART % (b"prompt", b"x") * 200 + b"--b--", None, "Too many fields"),
        ("multipart/form-data; boundary=b", PART % (b"prompt", b"x" * 2**21) + b"--b--", None, "maximum size"),
    ],
)
def test_broken_forms(served, caplog, kind, body, param, says):
    answer = httpx.post(f"{served.url}/audio/transcriptions", content=body, headers=AUTH | {"Content-Type": kind})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param), error
    assert says in error["message"]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


# -- both


def test_unknown_models(client, spoken):
    for name in ("gpt-live-transcribe", "gpt-realtime", READER, "elvis"):
        with pytest.raises(openai.NotFoundError, match=f"'{name}' does not exist, or transcribes no files"):
            write(client, file_of(spoken), model=name)
    for name in (WRITER, "gpt-realtime", "elvis"):
        with pytest.raises(openai.NotFoundError, match=f"'{name}' does not exist, or reads no text"):
            speak(client, model=name)


def test_keys(client, spoken):
    for key, says in (("wrong", "Incorrect"), (client.realtime.client_secrets.create().value, "nothing else")):
        other = client.with_options(api_key=key)
        with pytest.raises(openai.AuthenticationError, match=says):
            speak(other)
        with pytest.raises(openai.AuthenticationError, match=says):
            write(other, file_of(spoken))


def test_bodies_beyond_all_measure(client):
    with pytest.raises(openai.APIStatusError, match="larger than 25 MiB") as no:
        write(client, bytes(file_transcribing.LARGEST_BODY))
    assert no.value.status_code == 413
    with pytest.raises(openai.APIStatusError, match="larger than 128 KiB") as no:
        speak(client, "x" * text_to_speech.LARGEST_BODY)
    assert no.value.status_code == 413


def test_azures_door_takes_any_name_of_a_deployment(served, spoken):
    with OpenAI(base_url=served.url.removesuffix("/v1") + "/openai/v1", api_key=KEY) as azure:
        assert speak(azure, model="my-voice") == spoken
        assert words(write(azure, file_of(spoken), model="my-ears").text) == words(LINE)


def test_a_missing_engine_is_one_sentence(monkeypatch, spoken):
    def missing():
        raise SpeechUnavailable("No voice here; install the workbook's requirements again.")

    monkeypatch.setattr(engines, "voices", missing)
    monkeypatch.setattr(engines, "ears", missing)
    with MockServer(["Hello."]) as served, served.client(max_retries=0) as client:
        for asking in (lambda: speak(client), lambda: write(client, file_of(spoken))):
            with pytest.raises(openai.InternalServerError, match="requirements again") as no:
                asking()
            assert no.value.status_code == 501


def test_every_parameter_of_the_sdk_is_known_by_name():
    assert set(SpeechCreateParams.__annotations__) == set(text_to_speech._Asked.model_fields)
    assert {*TranscriptionCreateParamsBase.__annotations__, "stream"} == file_transcribing._KNOWN


def test_these_models_are_listed(client):
    assert {READER, WRITER, "gpt-5.4-mini"} <= {model.id for model in client.models.list()}


# -- in company


class Ears:
    """Notes how long what they hear is; the first time they wait to be let go."""

    name = "slow"

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.begun, self.let_go = threading.Event(), threading.Event()

    def transcribe(self, pcm: bytes) -> str:
        self.heard.append(round(duration_ms(pcm) / 1000))
        self.begun.set()
        assert self.let_go.wait(10)
        return f"{self.heard[-1]} seconds"


async def test_a_turn_is_heard_between_two_stretches_of_a_recording():
    ears = Ears()
    speech = Speech(ears, None, WorkQueue(1, "test"))
    long = asyncio.create_task(speech.for_client().transcribe_recording(bytes(48_000 * 40)))
    await asyncio.to_thread(ears.begun.wait, 10)
    turn = asyncio.create_task(speech.for_client().transcribe(bytes(48_000 * 2)))
    await asyncio.sleep(0)  # it stands in the queue
    ears.let_go.set()
    assert await turn == "2 seconds"
    text = await long
    assert ears.heard[1] == 2 and len(ears.heard) > 3 and text.count("seconds") == len(ears.heard) - 1
    speech.close()


async def test_nothing_more_is_heard_for_who_hung_up(monkeypatch):
    ears = Ears()
    monkeypatch.setattr(engines, "ears", lambda: ears)
    given_up, give_up = threading.Event(), WorkQueue.give_up
    monkeypatch.setattr(WorkQueue, "give_up", lambda self, job: (give_up(job), given_up.set()))
    recording = file_of(bytes(48_000 * 40), "FLAC")
    async with MockServer(["Hello."]) as served, served.async_client() as client:
        asking = asyncio.create_task(client.audio.transcriptions.create(model=WRITER, file=("a.flac", recording)))
        await asyncio.to_thread(ears.begun.wait, 10)
        asking.cancel()
        assert await asyncio.to_thread(given_up.wait, 10)
        ears.let_go.set()
    assert len(ears.heard) == 1
