"""What of a long conversation still reaches the model: the session's `truncation`.

Tokens are the estimates of tokens.py. Instructions do not count, as the service's `post_instructions` limit has it.
"""

from typing import Any

from .events import ProtocolError
from .item import Item
from .tokens import heard_tokens

# A 128k context less the longest reply.
_CONTEXT_TOKENS = 128_000 - 4_096


def kept(items: list[Item], truncation: str | dict[str, Any]) -> list[Item]:
    """The newest items that fit: all of them, as a rule.

    Raises:
        ProtocolError: context_length_exceeded, where truncation is "disabled" and they do not fit.
    """
    limit, ratio = _CONTEXT_TOKENS, 1.0
    if isinstance(truncation, dict):
        limit = min(limit, (truncation.get("token_limits") or {}).get("post_instructions") or limit)
        ratio = truncation["retention_ratio"]
    tokens = [item.text_tokens + (heard_tokens(item.audio_ms) if item.audio else 0) for item in items]
    if sum(tokens) <= limit:
        return list(items)
    if truncation == "disabled":
        raise ProtocolError(
            "context_length_exceeded",
            f"The conversation has {sum(tokens)} tokens, more than the {limit} that the model takes. Delete items, or "
            "set truncation to 'auto'.",
        )
    room = int(limit * ratio)
    for start, count in reversed(list(enumerate(tokens))):
        room -= count
        if room < 0:
            return items[start + 1 :]
    return list(items)
