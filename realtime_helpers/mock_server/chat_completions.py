"""`POST /v1/chat/completions`: the mind that answers in conversations, asked in writing.

Shapes: openai.types.chat.ChatCompletion, ChatCompletionChunk and CompletionCreateParams.
"""

import logging
from collections.abc import AsyncIterator
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, Response, StreamingResponse

from .chat_history import ChatMessage, ChatTool, prompt_of
from .completion import Completion, End, completion
from .events import ProtocolError, check_shape
from .house import House
from .http_body import json_of
from .http_errors import http_error
from .models import check_kind
from .replies import Call, CallOutput, Message, Prompt
from .response import argument_pieces
from .tokens import text_tokens

log = logging.getLogger(__name__)

LARGEST_BODY = 8 * 1024 * 1024
_WITHOUT_EFFECT = {
    "frequency_penalty",
    "logit_bias",
    "metadata",
    "moderation",
    "presence_penalty",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "safety_identifier",
    "seed",
    "service_tier",
    "store",
    "temperature",
    "top_p",
    "user",
    "verbosity",
}
# What would change the answer, and what is the only value of it here.
_UNSUPPORTED: dict[str, tuple[Any, ...]] = {
    "audio": (),
    "function_call": (),
    "functions": (),
    "logprobs": (False,),
    "modalities": (["text"],),
    "n": (1,),
    "response_format": ({"type": "text"},),
    "stop": (),
    "top_logprobs": (),
    "web_search_options": (),
}


class _StreamOptions(BaseModel):
    model_config = ConfigDict(extra="allow")
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class _Asked(BaseModel):
    model_config = ConfigDict(extra="allow")  # so that `check_shape` can name it
    model: str
    messages: list[ChatMessage]
    tools: list[ChatTool] | None = None
    tool_choice: Any = None
    parallel_tool_calls: bool | None = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None


async def answer(body: bytes, house: House, *, any_model: bool) -> Response:
    """The completion, or the stream of its chunks.

    `any_model`: Azure's, which are names of deployments.

    Raises:
        ProtocolError: for what is asked.
    """
    asked = _asked(body, any_model)
    prompt = prompt_of(asked)
    most = asked.get("max_completion_tokens") or asked.get("max_tokens")
    pieces = completion(prompt, house.mind, most, house.new_id)
    try:
        first = await anext(pieces)  # before the status is sent: the mind may fail
        if not asked.get("stream"):
            whole = Completion()
            whole.add(first)
            async for piece in pieces:
                whole.add(piece)
    except Exception as why:
        log.exception("A reply could not be made")
        # Asked again at once, as openai's clients do, it would fail again.
        return http_error(500, _failure(why), type="server_error", headers={"x-should-retry": "false"})
    about = {
        "id": house.new_id("chatcmpl").replace("_", "-"),
        "created": int(house.clock.wall()),
        "model": asked["model"],
    }
    read = _prompt_tokens(prompt)
    if asked.get("stream"):
        with_usage = bool((asked.get("stream_options") or {}).get("include_usage"))
        chunks = _chunks(about, first, pieces, read, with_usage)
        return StreamingResponse(chunks, media_type="text/event-stream")
    message = {"role": "assistant", "content": whole.text, "refusal": None, "annotations": []}
    if whole.calls:
        message["tool_calls"] = [_call(call) for call in whole.calls]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": whole.end.reason}
    return JSONResponse(
        {"object": "chat.completion", **about, "choices": [choice], "usage": _usage(read, whole.end.tokens)}
    )


def _failure(why: Exception) -> str:
    return f"The reply could not be made: {why}"


def _call(call: Call) -> dict[str, Any]:
    return {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


# -- a stream ----------------------------------------------------------------------------------------------------------


async def _chunks(
    about: dict[str, Any],
    first: str | Call | End,
    others: AsyncIterator[str | Call | End],
    read: int,
    with_usage: bool,
) -> AsyncIterator[bytes]:
    def chunk(delta: dict[str, Any] | None, reason: str | None = None, usage: dict[str, Any] | None = None) -> bytes:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]
        made = {"object": "chat.completion.chunk", **about, "choices": choices}
        return _event(made | {"usage": usage} if with_usage else made)

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    calls = 0
    try:
        async for piece in _all(first, others):
            match piece:
                case str():
                    yield chunk({"content": piece})
                case Call():
                    begun = _call(piece)
                    begun["function"]["arguments"] = ""
                    yield chunk({"tool_calls": [{"index": calls, **begun}]})
                    for more in argument_pieces(piece.arguments):
                        yield chunk({"tool_calls": [{"index": calls, "function": {"arguments": more}}]})
                    calls += 1
                case End(reason, tokens):
                    yield chunk({}, reason)
                    if with_usage:
                        yield chunk(None, usage=_usage(read, tokens))
    except Exception as why:
        log.exception("A reply could not be made")
        yield _event({"error": {"message": _failure(why), "type": "server_error", "param": None, "code": None}})
    yield b"data: [DONE]\n\n"


async def _all(first: str | Call | End, others: AsyncIterator[str | Call | End]) -> AsyncIterator[str | Call | End]:
    yield first
    async for piece in others:
        yield piece


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + JSONResponse(data).body + b"\n\n"


# -- usage: estimates, but they add up ---------------------------------------------------------------------------------


def _prompt_tokens(prompt: Prompt) -> int:
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


# -- what is asked -----------------------------------------------------------------------------------------------------


def _asked(body: bytes, any_model: bool) -> dict[str, Any]:
    asked = {name: value for name, value in json_of(body).items() if name not in _WITHOUT_EFFECT}
    for name, possible in _UNSUPPORTED.items():
        if (given := asked.pop(name, None)) is not None and given not in possible:
            message = f"Unsupported parameter: '{name}' is not supported by this mock server"
            message += f" except as {possible[0]!r}." if possible else ": leave it out."
            raise ProtocolError("unsupported_parameter", message, name)
    check_shape(_Asked, asked, ())
    check_kind(asked["model"], "chat", any_model=any_model)
    for name in ("max_completion_tokens", "max_tokens"):
        if (limit := asked.get(name)) is not None and limit < 1:
            message = f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {limit} instead."
            raise ProtocolError("integer_below_min_value", message, name)
    if asked.get("stream_options") is not None and not asked.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise ProtocolError(None, message, "stream_options")
    return asked
