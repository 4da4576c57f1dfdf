"""A reply as openai.types.chat.ChatCompletion, and as a stream of ChatCompletionChunk."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson

from .completion import End, Piece
from .replies import Call, CallOutput, Message, Prompt
from .response import argument_pieces
from .tokens import text_tokens

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class About:
    """What all parts of one completion say of it. `created`: Unix seconds; `read`: tokens of the prompt."""

    id: str
    created: int
    model: str
    read: int

    def shown(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model, "choices": choices}


async def whole(about: About, pieces: AsyncIterator[Piece]) -> dict[str, Any]:
    said, calls, end = "", [], End("stop", 0)
    async for piece in pieces:
        match piece:
            case str():
                said += piece
            case Call():
                calls.append(_call(piece))
            case End():
                end = piece
    message = {"role": "assistant", "content": said or (None if calls else ""), "refusal": None, "annotations": []}
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": end.reason}
    return about.shown("chat.completion", [choice]) | {"usage": _usage(about.read, end.tokens)}


async def chunks(about: About, pieces: AsyncGenerator[Piece, None], with_usage: bool) -> AsyncIterator[bytes]:
    """Server-sent events. A mind that fails on the way is one of them, as the status has been sent."""
    calls = 0

    def chunk(delta: dict[str, Any] | None, reason: str | None = None, usage: dict[str, Any] | None = None) -> bytes:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]
        shown = about.shown("chat.completion.chunk", choices)
        return _event(shown | {"usage": usage} if with_usage else shown)

    async with aclosing(pieces):
        yield chunk({"role": "assistant", "content": "", "refusal": None})
        try:
            async for piece in pieces:
                match piece:
                    case str():
                        yield chunk({"content": piece})
                    case Call(name, arguments, call_id):
                        begun = {"index": calls, **_call(Call(name, "", call_id))}
                        yield chunk({"tool_calls": [begun]})
                        for more in argument_pieces(arguments):
                            yield chunk({"tool_calls": [{"index": calls, "function": {"arguments": more}}]})
                        calls += 1
                    case End(reason, tokens):
                        yield chunk({}, reason)
                        if with_usage:
                            yield chunk(None, usage=_usage(about.read, tokens))
        except Exception as why:
            log.exception("A reply could not be made")
            yield _event({"error": {"message": failure(why), "type": "server_error", "param": None, "code": None}})
            return
    yield b"data: [DONE]\n\n"


def failure(why: Exception) -> str:
    return f"The reply could not be made: {why}"


def prompt_tokens(prompt: Prompt) -> int:
    """An estimate, as all counts here; but they add up."""
    told = [prompt.instructions, *map(repr, prompt.tools)]
    for item in prompt.history:
        match item:
            case Message(_, text):
                told.append(text)
            case Call(name, arguments):
                told.append(name + arguments)
            case CallOutput(_, output):
                told.append(output)
    return sum(map(text_tokens, told))


def _call(call: Call) -> dict[str, Any]:
    return {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"


def _usage(read: int, written: int) -> dict[str, Any]:
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
