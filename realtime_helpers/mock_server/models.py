"""`GET /v1/models`: the names of models that the real service knew in November 2026, with the days it drops them.

A session takes any name of their kind; what answers is the same.
"""

from typing import Any

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
_CREATED = 1_756_339_200  # the day of the GA interface, 2025-08-28, for all of them


def listing() -> dict[str, Any]:
    return {"object": "list", "data": [_shown(name) for name in _SHUTDOWN_DATES]}


def find(name: str) -> dict[str, Any] | None:
    """A model as openai.types.Model; None: there is no such one."""
    return _shown(name) if name in _SHUTDOWN_DATES else None


def _shown(name: str) -> dict[str, Any]:
    about = {"id": name, "object": "model", "created": _CREATED, "owned_by": "mock-server"}
    return about | {"shutdown_date": _SHUTDOWN_DATES[name]}
