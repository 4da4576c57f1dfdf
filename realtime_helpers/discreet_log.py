"""Logging that keeps to itself what was said: at DEBUG, other people's libraries log whole messages and headers.

Of a message on the wire its type and size stay, of a request's body its size, of a header that holds a key its name.
REALTIME_LOG_CONTENT=1 asks for the messages and bodies as well, for a developer's own machine. Keys it never shows.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from websockets.frames import Frame, Opcode

from .settings import SettingError, setting

__all__ = ["be_discreet"]

# The ones that are given frames, headers or bodies; uvicorn's is the mock server's, where it runs in this process.
_TALKATIVE = ("websockets.client", "websockets.server", "uvicorn.error", "openai._base_client")
_SECRET = ("authorization", "proxy-authorization", "api-key", "cookie", "set-cookie", "sec-websocket-protocol")
_BODIES = ("json_data", "extra_json", "content", "files", "post_parser")  # of a request, as openai names them
_HIDDEN = "(hidden)"


def be_discreet() -> None:
    """From now on. Once more is no more."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if not any(isinstance(known, _Discreet) for known in logger.filters):
            logger.addFilter(_Discreet())


class _Discreet(logging.Filter):
    """Loses no record, but rewrites what it was given."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, Mapping):  # the one argument, which logging takes out of its tuple
            record.args = _without_bodies(record.args)
        elif record.args:
            name, *rest = record.args
            if rest and str(name).lower() in _SECRET:  # "%s: %s", a header
                record.args = (name, *(_HIDDEN for _ in rest))
            else:
                record.args = tuple(map(_discreetly, record.args))
        return True


def _discreetly(value: Any) -> Any:
    if isinstance(value, Frame):
        return _without_content(value)
    return _without_bodies(value) if isinstance(value, Mapping) else value


def _without_content(frame: Frame) -> Any:
    if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
        return frame  # a ping, or a goodbye and its reason
    if _content_is_wanted() and b'"authorization"' not in bytes(frame.data):  # the key of a tool that runs elsewhere
        return frame
    kind = f"{_kind(frame.data)} " if frame.opcode is Opcode.TEXT and frame.fin else ""
    return f"{frame.opcode.name} {kind}[{len(frame.data)} bytes{'' if frame.fin else ', continued'}]"


def _kind(data: bytes) -> str:
    """An event's type; of an error its code, too."""
    try:
        event = json.loads(bytes(data))
        code = (event.get("error") or {}).get("code") if event["type"] == "error" else None
        return f"{event['type']} {code}" if code else str(event["type"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "(no event)"


def _without_bodies(options: Mapping[Any, Any]) -> dict[Any, Any]:
    """A request's options, or headers."""
    wanted = _content_is_wanted()
    return {key: _shown(str(key).lower(), value, wanted) for key, value in options.items()}


def _shown(key: str, value: Any, wanted: bool) -> Any:
    if key in _SECRET:
        return _HIDDEN
    if isinstance(value, Mapping) and key not in _BODIES:
        return _without_bodies(value)
    return f"({len(str(value))} characters)" if key in _BODIES and value and not wanted else value


def _content_is_wanted() -> bool:
    try:
        return setting("REALTIME_LOG_CONTENT") == "1"
    except SettingError:  # a log must not fail where the work goes on
        return False
