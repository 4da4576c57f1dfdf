"""`POST /v1/audio/speech`: a text said aloud by one of the ten voices, while it is still being said.

Shapes and ranges: openai.types.audio.SpeechCreateParams.
"""

import io
import wave
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response, StreamingResponse

from ..audio import SAMPLE_RATE_HZ
from .allowed import between, check_voice
from .events import ProtocolError, check_shape
from .http_body import json_of
from .models import check_kind
from .speech import Speech
from .streaming import resumed

LARGEST_BODY = 128 * 1024
_LONGEST_TEXT = 4096
_SLOWEST, _FASTEST = 0.25, 4.0
_FORMATS = ("pcm", "wav")
_OTHER_FORMATS = ("mp3", "opus", "aac", "flac")


class _Asked(BaseModel):
    model_config = ConfigDict(extra="allow")  # so that `check_shape` can name it
    model: str
    input: str
    voice: str | dict[str, Any]
    instructions: str | None = None
    response_format: str | None = None
    speed: float | None = None
    stream_format: str | None = None


async def answer(body: bytes, speech: Speech, *, any_model: bool) -> Response:
    """PCM16 24 kHz mono as it is made, or a WAV file of it.

    `any_model`: Azure's, which are names of deployments.

    Raises:
        ProtocolError: for what is asked.
        SpeechUnavailable: there is no voice.
    """
    asked = _asked(body, any_model)
    pieces = speech.speak(asked["input"], voice=asked["voice"], speed=asked.get("speed") or 1.0)
    first = await anext(pieces, None)  # before the status is sent: the voice may be missing
    if first is None:
        raise ProtocolError("invalid_value", "Nothing in 'input' can be said aloud: send words.", "input")
    if asked["response_format"] == "wav":
        return Response(_wav(first + b"".join([piece async for piece in pieces])), media_type="audio/wav")
    return StreamingResponse(resumed(first, pieces), media_type="audio/pcm")


def _wav(pcm: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(SAMPLE_RATE_HZ)
        written.writeframes(pcm)
    return file.getvalue()


def _asked(body: bytes, any_model: bool) -> dict[str, Any]:
    asked = json_of(body)
    check_shape(_Asked, asked, ())
    check_kind(asked["model"], "speech", any_model=any_model)
    _check_text(asked["input"])
    check_voice(asked["voice"], "voice")
    between(asked.get("speed"), _SLOWEST, _FASTEST, "speed")
    _check_format(asked.get("response_format"))
    if asked.get("stream_format") not in (None, "audio"):
        message = "This mock server streams the audio itself, without events: leave out 'stream_format'."
        raise ProtocolError("invalid_value", message, "stream_format")
    return asked


def _check_text(text: str) -> None:
    if not text.strip():
        raise ProtocolError("invalid_value", "Invalid 'input': there is no text in it, so nothing to say.", "input")
    if len(text) > _LONGEST_TEXT:
        message = f"Invalid 'input': expected at most {_LONGEST_TEXT} letters, but got {len(text)}: send it in parts."
        raise ProtocolError("string_above_max_length", message, "input")


def _check_format(wanted: str | None) -> None:
    if wanted in _FORMATS:
        return
    given = f"not {wanted!r}" if wanted else "and the real service's default is 'mp3'"
    if wanted in (None, *_OTHER_FORMATS):
        message = f"This mock server makes 'pcm' (24 kHz, 16 bit, mono) and 'wav' alone, {given}: ask for one of them."
    else:
        supported = ", ".join(map(repr, (*_OTHER_FORMATS, *_FORMATS)))
        message = f"Invalid value: {wanted[:40]!r}. Supported values are: {supported}, of which ours are the last two."
    raise ProtocolError("invalid_value", message, "response_format")
