"""A mind over any OpenAI-compatible chat completions endpoint: Ollama, LM Studio, vLLM, GitHub Models."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import openai
from openai import AsyncOpenAI, AsyncStream, DefaultAsyncHttpxClient
from openai.types.chat import ChatCompletionChunk

from ..replies import Call, Message, Prompt, Say
from .calls import Calls
from .errors import ChatModelError, Explain
from .messages import chat_messages, chat_tools
from .sentences import Sentences
from .thoughts import Thoughts

_CONNECT_WITHIN_S = 5.0
# Not what an image in the request would change.
_NOT_FOR_THE_IMAGE = (401, 403, 429)


class ChatModel:
    """Asks a chat model, and passes its words on sentence by sentence while it is still writing.

    Unlike the other minds it may answer the same prompt differently each time.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        *,
        early: bool = True,
        patience_s: float = 120.0,
    ) -> None:
        """`base_url`: what `/chat/completions` is appended to, such as http://localhost:11434/v1.

        `early`: may be asked before the user's turn is certain to be over. That saves the silence window and what
        recognition takes, at the price of a request thrown away whenever the user only paused.
        `patience_s`: the longest silence of the endpoint. A local model's first request loads it, which takes long.

        Raises:
            ChatModelError: no address, or a key that cannot be sent.
        """
        self.model, self.early = model, early
        self._base_url, self._patience_s = base_url.strip().rstrip("/"), patience_s
        self._key = (api_key or "").strip() or None
        self._where = _where(self._base_url)
        if self._key and not (self._key.isascii() and self._key.isprintable() and " " not in self._key):
            raise ChatModelError(
                "The chat model's key holds a space, a line break or a strange character: copy it into "
                "REALTIME_MOCK_CHAT_API_KEY again."
            )
        self._explain = Explain(model, self._where, self._key, patience_s)
        self._client = self._make_client(patience_s)

    async def reply(self, prompt: Prompt) -> AsyncIterator[Say | Call]:
        """Sentences as they are written, then the calls. Closing the iterator closes the request.

        Raises:
            ChatModelError: what happened, likely why, what to do; without the key.
        """
        chunks = 0
        thoughts, sentences, calls = Thoughts(), Sentences(), Calls()
        try:
            async with await self._ask(prompt) as stream:
                async for chunk in stream:
                    chunks += 1
                    delta = chunk.choices[0].delta if getattr(chunk, "choices", None) else None
                    for sentence in sentences.feed(thoughts.drop_from(_text(delta))):
                        yield Say(sentence)
                    if delta and delta.tool_calls:
                        for sentence in sentences.feed(thoughts.end()) + sentences.end():
                            yield Say(sentence)
                        calls.feed(delta.tool_calls)
        except (openai.APIError, ValueError) as why:
            raise self._explain(why) from None
        if not chunks:
            raise self._explain(ValueError("no stream of chunks"))
        for sentence in sentences.feed(thoughts.end()) + sentences.end():
            yield Say(sentence)
        for call in calls.made():
            yield call

    async def problem(self) -> str | None:
        """What seems to be wrong with the endpoint, in a sentence; None if it answers.

        It asks for the list of models, which costs nothing. Runs in any event loop.
        """
        explain = Explain(self.model, self._where, self._key, _CONNECT_WITHIN_S)
        async with self._make_client(_CONNECT_WITHIN_S) as client:
            try:
                listed = [model.id for model in (await client.models.list()).data or []]
            except openai.APIStatusError as why:  # not every endpoint has such a list
                return str(explain(why)) if why.status_code in (401, 403) else None
            except openai.APIError as why:
                return str(explain(why))
            except (ValueError, TypeError, AttributeError):  # a list in another shape
                return None
        if not listed or any(name in (self.model, f"{self.model}:latest") for name in listed):
            return None
        return (
            f"The chat model {self.model} is not among those that the endpoint lists ({', '.join(listed[:8])}"
            f"{', ...' if len(listed) > 8 else ''}): check its name, or load it."
        )

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        await self._client.close()

    async def _ask(self, prompt: Prompt) -> AsyncStream[ChatCompletionChunk]:
        try:
            return await self._request(prompt, with_images=True)
        except openai.APIStatusError as refusal:
            shown = any(isinstance(item, Message) and item.images for item in prompt.history)
            if not shown or refusal.status_code in _NOT_FOR_THE_IMAGE:
                raise
        return await self._request(prompt, with_images=False)

    async def _request(self, prompt: Prompt, *, with_images: bool) -> AsyncStream[ChatCompletionChunk]:
        messages: Any = chat_messages(prompt, with_images=with_images)
        return await self._client.chat.completions.create(
            model=self.model, messages=messages, stream=True, **chat_tools(prompt)
        )

    def _make_client(self, patience_s: float) -> AsyncOpenAI:
        # A company's proxy cannot reach this computer.
        here = DefaultAsyncHttpxClient(trust_env=False) if _is_loopback(self._base_url) else None
        return AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._key or "none",  # not OPENAI_API_KEY, which is nobody else's business; nor the two below
            default_headers={"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()},
            timeout=openai.Timeout(patience_s, connect=min(_CONNECT_WITHIN_S, patience_s)),
            max_retries=0,  # the user waits: better a word of what is wrong than a minute's silence
            http_client=here,
        )


def _text(delta: Any) -> str:
    """The words of one chunk; a refusal is words, too."""
    content = getattr(delta, "content", None) or getattr(delta, "refusal", None) or ""
    if isinstance(content, list):  # Mistral's reasoning models: typed parts
        parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
        content = "".join(str(part.get("text") or "") for part in parts)
    return content


def _where(base_url: str) -> str:
    """Host and port, for people: no password that may stand in an address.

    Raises:
        ChatModelError: it is no address.
    """
    try:
        parts = urlsplit(base_url)
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts.hostname + (f":{parts.port}" if parts.port else "")
    except ValueError:
        pass
    raise ChatModelError(
        "The chat model's base URL is not an address: one looks like http://localhost:11434/v1 (Ollama), or "
        "https://host.example/v1."
    )


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
