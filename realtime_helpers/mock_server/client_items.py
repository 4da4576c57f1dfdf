"""What a client hands in: audio as base64, and conversation items that it wrote itself."""

import binascii
from base64 import b64decode
from typing import Any

from .events import ProtocolError
from .formats import Decoder
from .ids import NewId
from .item import Item

_IMAGES = ("data:image/png;base64,", "data:image/jpeg;base64,", "data:image/jpg;base64,")
_LONGEST_ID = 32
_TAKEN = ("message", "function_call", "function_call_output")


def client_audio(audio: str, param: str, decoder: Decoder) -> bytes:
    """Base64 of audio in the decoder's format -> PCM16 24 kHz.

    Raises:
        ProtocolError: not base64, or half a sample.
    """
    try:
        encoded = b64decode(audio, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError(
            "invalid_value", f"Invalid '{param}'. Expected base64-encoded audio bytes ({decoder.kind}, mono).", param
        ) from None
    if len(encoded) % decoder.bytes_per_sample:
        raise ProtocolError(
            "invalid_value", f"Invalid '{param}': {len(encoded)} bytes cannot be PCM16, which has two a sample.", param
        )
    return decoder.process(encoded)


def client_item(given: dict[str, Any], path: str, new_id: NewId, audio_format: str) -> Item:
    """An item that the client wrote, completed with what it left out. Nobody has listened to its audio yet.

    Raises:
        ProtocolError: an item of a kind that is not taken, an id that is too long, a part that lacks its type or
            content, or audio or an image that is none.
    """
    if given["type"] not in _TAKEN:
        raise ProtocolError("invalid_value", f"This mock server takes no {given['type']} items.", f"{path}.type")
    body = {"id": None, "object": "realtime.item", "status": "completed"}
    body |= {name: value for name, value in given.items() if value is not None and name != "content"}
    body["id"] = body["id"] or new_id("item")
    if len(body["id"]) > _LONGEST_ID:
        raise ProtocolError(
            "string_above_max_length",
            f"Invalid '{path}.id': string too long. Expected a string with maximum length {_LONGEST_ID}, but got a "
            f"string with length {len(body['id'])} instead.",
            f"{path}.id",
        )
    if given["type"] == "function_call" and not body.get("call_id"):
        body["call_id"] = new_id("call")
    item = Item(body)
    if "content" in given:
        parts = [_checked(part, f"{path}.content[{index}]") for index, part in enumerate(given["content"])]
        item.images = tuple(part.get("image_url") for part in parts)
        item.audio = b"".join(
            client_audio(part["audio"], f"{path}.content[{index}].audio", Decoder(audio_format))
            for index, part in enumerate(parts)
            if part.get("audio")
        )
        body["content"] = [{k: v for k, v in part.items() if k not in ("audio", "image_url")} for part in parts]
    return item


# What a part must hold. An assistant's audio is only described: its transcript will do.
_CONTENT = {"input_text": "text", "output_text": "text", "input_audio": "audio", "input_image": "image_url"}


def _checked(part: dict[str, Any], path: str) -> dict[str, Any]:
    for name in ("type", _CONTENT.get(part.get("type", ""))):
        if name and part.get(name) is None:
            param = f"{path}.{name}"
            raise ProtocolError("missing_required_parameter", f"Missing required parameter: '{param}'.", param)
    image = part.get("image_url")
    if image is not None and not image.startswith(_IMAGES):
        raise ProtocolError(
            "invalid_value",
            f"Invalid '{path}.image_url'. Expected a data URI of a PNG or JPEG image in base64.",
            f"{path}.image_url",
        )
    return part
