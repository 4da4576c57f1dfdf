"""The body of a request, as bytes, JSON or a form: read with patience, and no further than it may go."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from .events import ProtocolError

_MOST_READ = 16 * 1024 * 1024
_PATIENCE_S = 30
_MOST_FIELDS = 100


class BadBody(Exception):
    """A body that is too large (413) or too slow (408)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Upload:
    """A file in a form. `kind`: its content type, "" if it has none."""

    name: str
    kind: str
    data: bytes


Form = dict[str, list[str | Upload]]


async def body_of(request: Request, largest: int) -> bytes:
    """Raises BadBody."""
    body, size, most_read = bytearray(), 0, max(_MOST_READ, 2 * largest)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most_read:
                    break
                if size <= largest:  # the rest is read all the same: who still writes does not hear an answer
                    body += chunk
    except TimeoutError:
        raise BadBody(408, f"The request's body did not arrive within {_PATIENCE_S} seconds.") from None
    if size > largest:
        raise BadBody(413, f"The request's body is larger than {_size(largest)}.")
    return bytes(body)


def json_of(body: bytes) -> dict[str, Any]:
    """Raises ProtocolError: invalid_json."""
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as why:
        raise ProtocolError("invalid_json", f"The request's body is not valid JSON: {why}.") from None
    if not isinstance(asked, dict):
        raise ProtocolError("invalid_json", "The request's body must be a JSON object.")
    return asked


async def form_of(request: Request, largest: int) -> Form:
    """The fields of a multipart form by name, each with all its values. Raises BadBody, ProtocolError."""
    body = await body_of(request, largest)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ProtocolError(
            "invalid_content_type", "The request's body must be a form with a file: send it as multipart/form-data."
        )
    parser = MultiPartParser(request.headers, _at_once(body), max_files=_MOST_FIELDS, max_fields=_MOST_FIELDS)
    parser.spool_max_size = len(body) + 1  # in memory: nothing of a learner's voice on the disk
    try:
        fields = await parser.parse()
    except MultiPartException as why:
        raise ProtocolError("invalid_form", f"The request's body is not a multipart form: {why.message}") from None
    form: Form = {}
    try:
        for name, value in fields.multi_items():
            form.setdefault(name, []).append(await _uploaded(value) if isinstance(value, UploadFile) else value)
    finally:
        await fields.close()
    return form


async def _uploaded(file: UploadFile) -> Upload:
    return Upload(file.filename or "", file.content_type or "", await file.read())


async def _at_once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def _size(count: int) -> str:
    return f"{count // 1024**2} MiB" if count >= 1024**2 else f"{count // 1024} KiB"
