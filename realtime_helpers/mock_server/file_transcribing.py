"""`POST /v1/audio/transcriptions`: what is said in a recording, by the same ears as in a conversation.

Shapes: openai.types.audio.TranscriptionCreateParams and Transcription.
"""

import asyncio
from dataclasses import dataclass

from starlette.responses import JSONResponse, PlainTextResponse, Response

from ..audio import duration_ms
from .events import ProtocolError
from .http_body import Form, Upload
from .models import check_kind
from .speech import Speech
from .uploaded_audio import check_named, pcm_of
from .usage import transcription_usage

LARGEST_BODY = 25 * 1024 * 1024
_FORMATS = ("json", "text")
_OTHER_FORMATS = ("srt", "verbose_json", "vtt", "diarized_json")
_WITHOUT_EFFECT = {"language", "languages", "keywords", "prompt", "temperature", "include", "chunking_strategy"}
_ONLY_ELSEWHERE = {"timestamp_granularities", "known_speaker_names", "known_speaker_references"}


@dataclass(frozen=True)
class _Asked:
    model: str
    file: Upload
    as_text: bool


async def answer(form: Form, speech: Speech, *, any_model: bool) -> Response:
    """The transcript; its text is "" where nobody speaks.

    `any_model`: Azure's, which are names of deployments.

    Raises:
        ProtocolError: for what is asked, or for the recording.
        SpeechUnavailable: there are no ears.
    """
    asked = _asked(form, any_model)
    pcm = await asyncio.to_thread(pcm_of, asked.file)
    text = await speech.transcribe_recording(pcm)
    if asked.as_text:
        return PlainTextResponse(text + "\n")
    return JSONResponse({"text": text, "usage": transcription_usage(asked.model, round(duration_ms(pcm)), text)})


def _asked(form: Form, any_model: bool) -> _Asked:
    fields = {name.removesuffix("[]"): values for name, values in form.items()}
    if unknown := next((name for name in form if name.removesuffix("[]") not in _KNOWN), None):
        raise ProtocolError("unknown_parameter", f"Unknown parameter: '{unknown[:80]}'.", unknown[:80])
    if elsewhere := next((name for name in fields if name in _ONLY_ELSEWHERE), None):
        message = f"This mock server knows neither times nor speakers: leave out '{elsewhere}'."
        raise ProtocolError("unsupported_parameter", message, elsewhere)
    model = check_kind(_text(fields, "model"), "transcription", any_model=any_model)
    wanted = _text(fields, "response_format") or "json"
    if wanted not in _FORMATS:
        message = f"Invalid value: {wanted[:40]!r}. Supported values are: 'json' and 'text'"
        why = ": this mock server knows no times and no speakers." if wanted in _OTHER_FORMATS else "."
        raise ProtocolError("invalid_value", message + why, "response_format")
    if (_text(fields, "stream") or "false").lower() not in ("false", "0"):
        message = "This mock server sends a transcript in one piece: leave out 'stream'."
        raise ProtocolError("unsupported_parameter", message, "stream")
    return _Asked(model, _file(fields), wanted == "text")


_KNOWN = {"file", "model", "response_format", "stream", *_WITHOUT_EFFECT, *_ONLY_ELSEWHERE}


def _text(fields: Form, name: str) -> str | None:
    value = fields.get(name, [None])[-1]
    if isinstance(value, Upload):
        raise ProtocolError("invalid_type", f"Invalid type for '{name}': expected text, but got a file.", name)
    return value


def _file(fields: Form) -> Upload:
    file = fields.get("file", [None])[-1]
    if file is None:
        raise ProtocolError("missing_required_parameter", "Missing required parameter: 'file'.", "file")
    if not isinstance(file, Upload):
        raise ProtocolError("invalid_type", "Invalid type for 'file': expected a file, but got text.", "file")
    check_named(file)
    return file
