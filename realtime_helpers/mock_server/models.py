"""`GET /v1/models`: the names of models that the real service knew in November 2026, with the days it drops them.

A session or a request takes any name of their kind; what answers is the same.
"""

import re
from typing import Any

from .events import ProtocolError

DEFAULT_MODEL = "gpt-realtime-2.1"
_SHUTDOWN_DATES: dict[str, str | None] = {
    DEFAULT_MODEL: None,
    "gpt-realtime-2.1-mini": None,
    "gpt-realtime": "2027-01-20",
    "gpt-realtime-mini": "2027-01-20",
    "gpt-live-transcribe": None,
    "gpt-transcribe": None,
    "gpt-4o-transcribe": "2027-02-26",
    "gpt-4o-mini-transcribe": "2027-02-26",
    "whisper-1": "2027-02-26",
    "gpt-6-astra": None,
    "gpt-6.1-sol": None,
    "gpt-6.1-terra": None,
    "gpt-6-luna": None,
    "gpt-5.5": None,
    "gpt-5.4": None,
    "gpt-5.4-mini": None,
    "gpt-5.4-nano": "2027-04-01",
    "gpt-4.1": "2027-01-14",
    "gpt-4.1-mini": "2027-01-14",
    "gpt-4o": "2027-01-14",
    "gpt-4o-mini": "2027-01-14",
    "gpt-4o-mini-tts": "2027-01-06",
    "tts-1": "2027-01-06",
    "tts-1-hd": "2027-01-06",
    "text-embedding-3-small": None,
    "text-embedding-3-large": None,
    "text-embedding-ada-002": None,
}
# How long their vectors are, and whether a request may have them shorter.
EMBEDDING_DIMENSIONS = {
    "text-embedding-3-small": (1536, True),
    "text-embedding-3-large": (3072, True),
    "text-embedding-ada-002": (1536, False),
}
_KINDS = {
    "chat": (
        re.compile(r"(?!.*(realtime|audio|transcri|tts|image|search|codex|instruct))(gpt-\d|o\d|chatgpt-)[\w.-]*"),
        "does not chat: choose one such as gpt-5.4-mini",
    ),
    "transcription": (
        re.compile(r"whisper-1|gpt-(4o-|4o-mini-)?transcribe(-[\w.-]+)?"),
        "transcribes no files (live ones work in a realtime session alone): choose one such as gpt-transcribe",
    ),
    "speech": (re.compile(r"tts-1(-[\w.-]+)?|gpt-[\w.-]*tts[\w.-]*"), "reads no text aloud: choose gpt-4o-mini-tts"),
}
_CREATED = 1_756_339_200  # the day of the GA interface, 2025-08-28, for all of them


def listing() -> dict[str, Any]:
    return {"object": "list", "data": [_shown(name) for name in _SHUTDOWN_DATES]}


def find(name: str) -> dict[str, Any] | None:
    """A model as openai.types.Model; None: there is no such one."""
    return _shown(name) if name in _SHUTDOWN_DATES else None


def check_kind(name: object, kind: str, *, any_model: bool) -> str:
    """The name, if it is one of a model for "chat", "transcription" or "speech". `any_model`: a deployment's will do.

    Raises:
        ProtocolError: missing_required_parameter, model_not_found.
    """
    if not isinstance(name, str) or not name:
        raise ProtocolError("missing_required_parameter", "Missing required parameter: 'model'.", "model")
    pattern, advice = _KINDS[kind]
    if not any_model and not pattern.fullmatch(name):
        raise ProtocolError("model_not_found", f"The model {name[:80]!r} does not exist, or {advice}.", "model")
    return name


def _shown(name: str) -> dict[str, Any]:
    about = {"id": name, "object": "model", "created": _CREATED, "owned_by": "mock-server"}
    return about | {"shutdown_date": _SHUTDOWN_DATES[name]}
