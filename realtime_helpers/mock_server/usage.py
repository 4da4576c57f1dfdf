"""Token counts in the shape the real service bills: estimates, but they add up.

Audio: about ten tokens a second heard and twenty a second spoken; text: about four letters a token.
"""

from typing import Any

from .item import Item

_HEARD_MS_PER_TOKEN = 100
_SPOKEN_MS_PER_TOKEN = 50


def text_tokens(text: str) -> int:
    return -(-len(text) // 4)


def response_usage(instructions: str, inputs: list[Item], outputs: list[Item]) -> dict[str, Any]:
    """`usage` of `response.done`."""
    text_in, audio_in = _count(inputs, _HEARD_MS_PER_TOKEN)
    text_out, audio_out = _count(outputs, _SPOKEN_MS_PER_TOKEN)
    text_in += text_tokens(instructions)
    details_in = {"text_tokens": text_in, "audio_tokens": audio_in, "image_tokens": 0}
    nothing_cached = {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0}
    return {
        "total_tokens": text_in + audio_in + text_out + audio_out,
        "input_tokens": text_in + audio_in,
        "output_tokens": text_out + audio_out,
        "input_token_details": {**details_in, "cached_tokens": 0, "cached_tokens_details": nothing_cached},
        "output_token_details": {"text_tokens": text_out, "audio_tokens": audio_out},
    }


def heard_tokens(item: Item) -> int:
    """What an item costs as input."""
    return text_tokens(item.written) + (-(-item.audio_ms // _HEARD_MS_PER_TOKEN) if item.audio else 0)


def spoken_tokens(audio_ms: int) -> int:
    return -(-audio_ms // _SPOKEN_MS_PER_TOKEN)


def _count(items: list[Item], ms_per_token: int) -> tuple[int, int]:
    text = audio = 0
    for item in items:
        text += text_tokens(item.written)
        if item.audio:
            audio += -(-item.audio_ms // ms_per_token)
    return text, audio
