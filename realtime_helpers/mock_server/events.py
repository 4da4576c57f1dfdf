"""Checks what a client sends, strictly, against the types that openai's own package publishes.

The real service answers a malformed client event with one `error` event that names the fault, and leaves the socket
open (seen on the wire). `decode` and `validate` raise that error as
`ProtocolError`; they let no other exception out.
"""

import re
from functools import cache
from typing import Any

import orjson
from openai.types.realtime import (
    ConversationItemCreateEvent,
    ConversationItemDeleteEvent,
    ConversationItemRetrieveEvent,
    ConversationItemTruncateEvent,
    InputAudioBufferAppendEvent,
    InputAudioBufferClearEvent,
    InputAudioBufferCommitEvent,
    OutputAudioBufferClearEvent,
    RealtimeSessionCreateRequest,
    RealtimeTranscriptionSessionCreateRequest,
    ResponseCancelEvent,
    ResponseCreateEvent,
    SessionUpdateEvent,
)
from pydantic import BaseModel, TypeAdapter, ValidationError

CLIENT_EVENTS: dict[str, type[BaseModel]] = {
    "session.update": SessionUpdateEvent,
    "input_audio_buffer.append": InputAudioBufferAppendEvent,
    "input_audio_buffer.commit": InputAudioBufferCommitEvent,
    "input_audio_buffer.clear": InputAudioBufferClearEvent,
    "output_audio_buffer.clear": OutputAudioBufferClearEvent,
    "conversation.item.create": ConversationItemCreateEvent,
    "conversation.item.delete": ConversationItemDeleteEvent,
    "conversation.item.retrieve": ConversationItemRetrieveEvent,
    "conversation.item.truncate": ConversationItemTruncateEvent,
    "response.create": ResponseCreateEvent,
    "response.cancel": ResponseCancelEvent,
}
_SESSION_TYPES = {"realtime": RealtimeSessionCreateRequest, "transcription": RealtimeTranscriptionSessionCreateRequest}


class ProtocolError(Exception):
    """A fault in what the client sent, as the `error` event will carry it."""

    def __init__(
        self, code: str | None, message: str, param: str | None = None, type: str = "invalid_request_error"
    ) -> None:
        message, param = _shortened(message), param and _shortened(param)  # both may quote what the client sent
        super().__init__(message)
        self.type, self.code, self.message, self.param = type, code, message, param

    def payload(self, event_id: str | None = None) -> dict[str, Any]:
        """The `error` object of an `error` event."""
        return {
            "type": self.type,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "event_id": event_id,
        }


def decode(frame: str | bytes) -> dict[str, Any]:
    """A text frame's JSON object.

    Raises:
        ProtocolError: `invalid_json`.
    """
    try:
        event = orjson.loads(frame)
    except orjson.JSONDecodeError as why:
        raise ProtocolError("invalid_json", f"The event is not valid JSON: {why}.") from None
    if not isinstance(event, dict):
        raise ProtocolError("invalid_json", f"An event is a JSON object, not {_kind(event)}.")
    return event


def event_id_of(event: dict[str, Any]) -> str | None:
    """The client's own id of its event, to be echoed in an error about it."""
    given = event.get("event_id")
    return given if isinstance(given, str) else None


def validate(event: dict[str, Any]) -> None:
    """Check one client event's fields, types and values.

    Raises:
        ProtocolError: missing_required_parameter, unknown_parameter, invalid_type, invalid_value, …
    """
    name = event.get("type")
    if name == "input_audio_buffer.append" and isinstance(event.get("audio"), str) and len(event) == 2:
        return  # 25 of these a second for every learner: no need for more than this
    if name is None:
        raise ProtocolError("missing_required_parameter", "Missing required parameter: 'type'.", "type")
    if not isinstance(name, str) or name not in CLIENT_EVENTS:
        known = ", ".join(f"'{n}'" for n in CLIENT_EVENTS)
        raise ProtocolError("invalid_value", f"Invalid value: {_short(name)}. Supported values are: {known}.", "type")
    if name == "session.update":
        _validate_session_update(event)
    else:
        check_shape(CLIENT_EVENTS[name], _without_references(event), ())


def _without_references(event: dict[str, Any]) -> dict[str, Any]:
    """`response.input` may name items of the conversation; the published type of an input item leaves that out."""
    response = event.get("response")
    if not isinstance(response, dict) or not isinstance(response.get("input"), list):
        return event
    items = [i for i in response["input"] if not (isinstance(i, dict) and i.get("type") == "item_reference")]
    return {**event, "response": {**response, "input": items}}


def _validate_session_update(event: dict[str, Any]) -> None:
    session = event.get("session")
    if isinstance(session, dict):
        validate_session(session)
        event = {**event, "session": {"type": session["type"]}}
        if session["type"] == "transcription":
            return
    check_shape(SessionUpdateEvent, event, ())


def validate_session(session: dict[str, Any]) -> None:
    """Check the settings of a session. Only the declared type is tried: errors would otherwise speak of the other too.

    Raises:
        ProtocolError: as `validate`.
    """
    kind = session.get("type")
    if kind is None:
        raise ProtocolError("missing_required_parameter", "Missing required parameter: 'session.type'.", "session.type")
    if not isinstance(kind, str) or kind not in _SESSION_TYPES:
        raise ProtocolError(
            "invalid_value",
            f"Invalid value: {_short(kind)}. Supported values are: 'realtime' and 'transcription'.",
            "session.type",
        )
    check_shape(_SESSION_TYPES[kind], session, ("session",))


@cache
def _adapter(model: type[BaseModel]) -> TypeAdapter:
    return TypeAdapter(model)


def check_shape(model: type[BaseModel], value: Any, where: tuple[str | int, ...]) -> None:
    try:
        parsed = _adapter(model).validate_json(orjson.dumps(value), strict=True)  # strict: "3" is no number
    except orjson.JSONEncodeError:
        raise _too_deep() from None
    except ValidationError as failure:
        raise _as_protocol_error(failure, where) from None
    if extra := _unknown(parsed, where):
        raise ProtocolError("unknown_parameter", f"Unknown parameter: '{extra}'.", extra)


def _unknown(value: Any, where: tuple[str | int, ...]) -> str | None:
    """The path of the first field that no published type knows. (The SDK's models accept any; the service does not.)"""
    if isinstance(value, BaseModel):
        for name in value.model_extra or ():
            return _path((*where, name))
        for name, info in type(value).model_fields.items():
            if found := _unknown(getattr(value, name), (*where, info.alias or name)):
                return found
    elif isinstance(value, list):
        for index, one in enumerate(value):
            if found := _unknown(one, (*where, index)):
                return found
    return None


def _too_deep() -> ProtocolError:
    """orjson reads deeper nesting than it writes, and writes deeper than pydantic reads."""
    return ProtocolError("invalid_json", "The event is nested too deeply.")


def _as_protocol_error(failure: ValidationError, where: tuple[str | int, ...]) -> ProtocolError:
    errors = failure.errors(include_url=False)
    error = _most_telling(errors)
    if error["type"] == "json_invalid":
        return _too_deep()
    param = _path((*where, *_plain(error["loc"])))
    kind, given = error["type"], error.get("input")
    if kind == "missing":
        return ProtocolError("missing_required_parameter", f"Missing required parameter: '{param}'.", param)
    if kind == "literal_error":
        supported = _supported(errors, error)
        return ProtocolError(
            "invalid_value", f"Invalid value: {_short(given)}. Supported values are: {supported}.", param
        )
    wanted = _WANTED.get(kind, kind.removesuffix("_type").removesuffix("_parsing").replace("_", " "))
    return ProtocolError(
        "invalid_type", f"Invalid type for '{param}': expected {wanted}, but got {_kind(given)} instead.", param
    )


_WANTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "a boolean",
    "bool_parsing": "a boolean",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def _supported(errors: list[dict], chosen: dict) -> str:
    """What may stand where `chosen` failed, over all branches of a union."""
    place = _plain(chosen["loc"])
    values = [e["ctx"]["expected"] for e in errors if e["type"] == "literal_error" and _plain(e["loc"]) == place]
    return ", ".join(dict.fromkeys(value for one in values for value in re.split(r", | or ", one)))


def _most_telling(errors: list[dict]) -> dict:
    """Of a union's errors, one from the branch that the value was meant for: the branch whose `type` it names."""
    wrong_branch = {
        error["loc"][:-1]
        for error in errors
        if error["type"] == "literal_error" and error["loc"][-1] in ("type", "role")
    }
    meant = [e for e in errors if not any(e["loc"][: len(branch)] == branch for branch in wrong_branch)]
    return max(meant or errors, key=lambda e: (len(_plain(e["loc"])), e["type"] == "literal_error"))


def _plain(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A pydantic location without the names of union branches, which are classes and type expressions."""
    return tuple(p for p in loc if isinstance(p, int) or not (p[:1].isupper() or "[" in p or p in _SCALARS))


_SCALARS = {"str", "int", "float", "bool", "function-wrap", "function-before", "function-after"}


def _path(parts: tuple[str | int, ...]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in parts).lstrip(".")


def _kind(value: Any) -> str:
    names: dict[type, str] = {
        dict: "an object",
        list: "an array",
        str: "a string",
        bool: "a boolean",
        int: "an integer",
        float: "a decimal",
        type(None): "null",
    }
    return names.get(type(value), type(value).__name__)


def _short(value: Any) -> str:
    return _shortened(repr(value), 60)


def _shortened(text: str, limit: int = 800) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
