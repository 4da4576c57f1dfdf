"""`POST /v1/chat/completions`: the mind that answers in conversations, asked in writing.

Shapes: openai.types.chat.ChatCompletion, ChatCompletionChunk and CompletionCreateParams.
"""

import logging
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, Response, StreamingResponse

from .chat_history import ChatMessage, ChatTool, prompt_of
from .completion import completion
from .completion_shapes import About, chunks, failure, prompt_tokens, whole
from .events import ProtocolError, check_shape
from .house import House
from .http_body import json_of
from .http_errors import http_error
from .models import check_kind
from .streaming import resumed

log = logging.getLogger(__name__)

LARGEST_BODY = 8 * 1024 * 1024
MOST_TOKENS = 128_000
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
    if (read := prompt_tokens(prompt)) > MOST_TOKENS:
        message = f"This model's maximum context length is {MOST_TOKENS} tokens. However, your messages have {read}."
        raise ProtocolError("context_length_exceeded", message, "messages")
    most = asked.get("max_completion_tokens") or asked.get("max_tokens")
    made = completion(prompt, house.mind, most, house.new_id)
    made_id = house.new_id("chatcmpl").replace("_", "-", 1)
    about = About(made_id, int(house.clock.wall()), asked["model"], read)
    try:
        first = await anext(made)  # before the status is sent: the mind may fail
        if asked.get("stream"):
            with_usage = bool((asked.get("stream_options") or {}).get("include_usage"))
            return StreamingResponse(chunks(about, resumed(first, made), with_usage), media_type="text/event-stream")
        return JSONResponse(await whole(about, resumed(first, made)))
    except Exception as why:
        log.exception("A reply could not be made")
        # Asked again at once, as openai's clients do, it would fail again.
        return http_error(500, failure(why), type="server_error", headers={"x-should-retry": "false"})


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
