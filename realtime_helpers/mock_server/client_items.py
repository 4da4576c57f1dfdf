"""What a client hands in: audio as base64, and conversation items that it wrote itself."""

import binascii
from base64 import b64decode
from typing import Any

from .conversation import Item
from .events import ProtocolError
from .ids import NewId

_TAKEN = ("message", "function_call", "function_call_output")


def client_audio(audio: str, param: str) -> bytes:
    """Base64 -> PCM16 bytes.

    Raises:
        ProtocolError: not base64, or half a sample.
    """
    try:
        pcm = b64decode(audio, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError(
            "invalid_value", f"Invalid '{param}'. Expected base64-encoded audio bytes (mono PCM16 at 24 kHz).", param
        ) from None
    if len(pcm) % 2:
        raise ProtocolError(
            "invalid_value", f"Invalid '{param}': {len(pcm)} bytes cannot be PCM16, which has two a sample.", param
        )
    return pcm


def client_item(given: dict[str, Any], path: str, new_id: NewId) -> Item:
    """An item that the client wrote, completed with what it left out. Nobody has listened to its audio yet.

    Raises:
        ProtocolError: an item of a kind that is not taken, a part without a type, or audio that is none.
    """
    if given["type"] not in _TAKEN:
        raise ProtocolError("invalid_value", f"This mock server takes no {given['type']} items.", f"{path}.type")
    body = {"id": None, "object": "realtime.item", "status": "completed"}
    body |= {name: value for name, value in given.items() if value is not None and name != "content"}
    body["id"] = body["id"] or new_id("item")
    if given["type"] == "function_call" and not body.get("call_id"):
        body["call_id"] = new_id("call")
    item = Item(body)
    if "content" in given:
        item.audio = b"".join(_audio_parts(given["content"], f"{path}.content"))
        body["content"] = [{k: v for k, v in part.items() if k != "audio"} for part in given["content"]]
    return item


def _audio_parts(content: list[dict[str, Any]], path: str) -> list[bytes]:
    for index, part in enumerate(content):
        if part.get("type") is None:
            param = f"{path}[{index}].type"
            raise ProtocolError("missing_required_parameter", f"Missing required parameter: '{param}'.", param)
    return [client_audio(part["audio"], path) for part in content if part.get("audio")]
