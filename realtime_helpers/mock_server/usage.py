"""Usage in the shape the real service bills: estimates, but they add up."""

from typing import Any

from .item import Item
from .tokens import heard_tokens, spoken_tokens, text_tokens


def response_usage(instructions: str, inputs: list[Item], outputs: list[Item]) -> dict[str, Any]:
    """`usage` of `response.done`."""
    text_in = text_tokens(instructions) + sum([item.text_tokens for item in inputs])
    audio_in = sum([heard_tokens(item.audio_ms) for item in inputs if item.audio])
    text_out = sum([item.text_tokens for item in outputs])
    audio_out = sum([spoken_tokens(item.audio_ms) for item in outputs])
    details_in = {"text_tokens": text_in, "audio_tokens": audio_in, "image_tokens": 0}
    nothing_cached = {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0}
    return {
        "total_tokens": text_in + audio_in + text_out + audio_out,
        "input_tokens": text_in + audio_in,
        "output_tokens": text_out + audio_out,
        "input_token_details": {**details_in, "cached_tokens": 0, "cached_tokens_details": nothing_cached},
        "output_token_details": {"text_tokens": text_out, "audio_tokens": audio_out},
    }


def transcription_usage(model: str, audio_ms: int, text: str) -> dict[str, Any]:
    """gpt-4o's transcribers bill tokens, the others seconds (seen on the wire by aimock's authors, 2026)."""
    if not model.startswith("gpt-4o-"):
        return {"type": "duration", "seconds": audio_ms / 1000}
    heard, written = heard_tokens(audio_ms), text_tokens(text)
    return {
        "type": "tokens",
        "total_tokens": heard + written,
        "input_tokens": heard,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
        "output_tokens": written,
    }
