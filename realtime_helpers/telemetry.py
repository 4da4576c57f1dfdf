"""OpenTelemetry of a voice agent: traces and metrics, made from its wire, in the GenAI semantic conventions.

Names that begin with `gen_ai.` are OpenTelemetry's (semantic conventions for generative AI, in development as of 2026);
what they have no name for begins with `voice_agent.`. No audio, no transcript, no tool's arguments and no key is in any
of it; `say_what_was_said=True` adds the transcripts, and is for a developer's own machine.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from opentelemetry import context, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from .service import Service
from .telemetry_instruments import Instruments
from .wire import WireEvent

log = logging.getLogger("realtime_helpers")

_PROVIDERS = {"openai": "openai", "azure": "azure.ai.openai", "mock": "mock"}
_FIRST = ("response.output_audio.delta", "response.output_text.delta")


@contextmanager
def observed(
    service: Service, tracer: Tracer, instruments: Instruments, *, say_what_was_said: bool = False
) -> Iterator[Observer]:
    """`with observed(service, ...):` around a conversation, however many sockets it needs."""
    observer = Observer(service, tracer, instruments, say_what_was_said)
    service.watchers.append(observer)
    _observing.set((*_observing.get(), observer))
    try:
        yield observer
    except BaseException as problem:
        observer.end(problem)
        raise
    finally:
        service.watchers.remove(observer)
        _observing.set(tuple(one for one in _observing.get() if one is not observer))
        observer.end()


class Observer:
    """Turns the events of one conversation, as they come, into spans and measurements.

    Of several conversations at a time with one service, each in a task of its own, each sees its own.
    """

    def __init__(self, service: Service, tracer: Tracer, instruments: Instruments, say_what_was_said: bool) -> None:
        self._tracer, self._is, self._say = tracer, instruments, say_what_was_said
        self._common = {
            "gen_ai.provider.name": _PROVIDERS[service.name],
            "gen_ai.request.model": service.model,
        }
        self._began = time.time_ns()
        self._root = tracer.start_span(
            "invoke_agent", attributes={**self._common, "gen_ai.operation.name": "invoke_agent"}, start_time=self._began
        )
        self._within = trace.set_span_in_context(self._root, context.get_current())
        self._sockets = 0
        self._over = False
        self._asked: int | None = None
        self._turn_ended: int | None = None
        self._responses: dict[str, _Response] = {}
        self._tools: dict[str, tuple[Span, int, str]] = {}

    def __call__(self, noted: WireEvent) -> None:
        others = _observing.get()
        if self._over or (others and self not in others):
            return
        try:
            self._watch(noted.event, time.time_ns())
        except Exception as why:  # of an event unlike ours; it must not cost the conversation
            log.warning("Telemetry cannot read a %s: %s", noted.type, type(why).__name__)

    def _watch(self, event: dict[str, Any], now: int) -> None:
        match event.get("type"):
            case "session.created":
                self._give_up("lost", now)
                self._connected(now)
                self._root.set_attribute("gen_ai.conversation.id", event["session"]["id"])
            case "input_audio_buffer.speech_stopped" | "input_audio_buffer.commit":
                self._asked = self._turn_ended = now
            case "response.create":
                self._asked = now
            case "response.created":
                self._begin(event["response"], now)
            case "response.done":
                self._finish(event["response"], now)
            case "conversation.item.input_audio_transcription.completed" if self._say:
                self._root.add_event("the user said", {"voice_agent.transcript": event["transcript"]}, now)
            case "error":
                self._error(event["error"], now)
            case "tool.started":
                self._tool_started(event, now)
            case "tool.ended":
                self._tool_ended(event, now)
            case kind if kind in _FIRST:
                self._first(event["response_id"], now)

    def _connected(self, now: int) -> None:
        """The first time, or once more after a drop."""
        self._is.connections.add(1, {**self._common, "voice_agent.reconnect": self._sockets > 0})
        if self._sockets:
            self._root.add_event("reconnected", timestamp=now)
        self._sockets += 1

    def _begin(self, response: dict[str, Any], now: int) -> None:
        began = now if self._asked is None else self._asked
        attributes = {**self._common, "gen_ai.operation.name": "chat", "gen_ai.response.id": response["id"]}
        attributes["gen_ai.output.type"] = "speech" if response.get("output_modalities") == ["audio"] else "text"
        span = self._tracer.start_span(
            f"chat {self._common['gen_ai.request.model']}",
            self._within,
            SpanKind.CLIENT,
            attributes,
            start_time=began,
        )
        self._responses[response["id"]] = _Response(span, began)
        self._asked = None

    def _first(self, response_id: str, now: int) -> None:
        response = self._responses.get(response_id)
        if response is None or response.spoke:
            return
        response.spoke = True
        response.span.add_event("first chunk", timestamp=now)
        waited = _seconds(response.began, now)
        response.span.set_attribute("gen_ai.response.time_to_first_chunk", waited)
        self._is.first_chunk.record(waited, {**self._common, "gen_ai.operation.name": "chat"})
        if self._turn_ended is not None:
            waited = _seconds(self._turn_ended, now)
            response.span.set_attribute("voice_agent.turn.latency", waited)
            self._is.turn.record(waited, self._common)
            self._turn_ended = None

    def _finish(self, done: dict[str, Any], now: int) -> None:
        response = self._responses.pop(done["id"], None)
        if response is None:
            return
        details, usage = done.get("status_details") or {}, done.get("usage") or {}
        reason = details.get("reason") or done["status"]
        problem = (details.get("error") or {}).get("code") if done["status"] == "failed" else None
        chat = {**self._common, "gen_ai.operation.name": "chat"}
        cached = (usage.get("input_token_details") or {}).get("cached_tokens")
        if cached:
            response.span.set_attribute("gen_ai.usage.cache_read.input_tokens", cached)
        for kind in ("input", "output"):
            if tokens := usage.get(f"{kind}_tokens"):
                response.span.set_attribute(f"gen_ai.usage.{kind}_tokens", tokens)
                self._is.tokens.record(tokens, {**chat, "gen_ai.token.type": kind})
        if not response.spoke and all(item["type"] != "function_call" for item in done.get("output") or ()):
            self._turn_ended = None  # this turn gets no answer; the next answer is another's
        response.span.set_attribute("gen_ai.response.finish_reasons", [reason])
        if self._say:
            response.span.set_attribute("voice_agent.transcript", _transcript(done))
        if done["status"] == "failed":
            chat["error.type"] = problem or "failed"
            response.span.set_attribute("error.type", chat["error.type"])
            response.span.set_status(Status(StatusCode.ERROR))
        if reason == "turn_detected":
            self._is.interruptions.add(1, self._common)
        self._is.responses.add(1, {**self._common, "voice_agent.response.status": done["status"]})
        self._is.operation.record(_seconds(response.began, now), chat)
        response.span.end(now)

    def _give_up(self, status: str, now: int) -> None:
        """What is still open: "lost" with its connection, of which no session comes back; or hung up on."""
        for response in self._responses.values():
            self._is.responses.add(1, {**self._common, "voice_agent.response.status": status})
            response.span.set_attribute("gen_ai.response.finish_reasons", [status])
            if status == "lost":
                response.span.set_attribute("error.type", "connection_lost")
                response.span.set_status(Status(StatusCode.ERROR))
            response.span.end(now)
        self._responses.clear()

    def _error(self, error: dict[str, Any], now: int) -> None:
        kind = error.get("code") or error.get("type") or "error"
        self._is.errors.add(1, {**self._common, "error.type": kind})
        self._root.add_event("error", {"error.type": kind}, now)

    def _tool_started(self, event: dict[str, Any], now: int) -> None:
        attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": event["name"]}
        attributes |= {"gen_ai.tool.type": "function", "gen_ai.tool.call.id": event["call_id"]}
        span = self._tracer.start_span(
            f"execute_tool {event['name']}", self._within, SpanKind.INTERNAL, attributes, start_time=now
        )
        self._tools[event["call_id"]] = span, now, event["name"]

    def _tool_ended(self, event: dict[str, Any], now: int) -> None:
        span, began, name = self._tools.pop(event["call_id"])
        measured = {"gen_ai.tool.name": name, "gen_ai.tool.type": "function"}
        if not event["ok"]:
            measured["error.type"] = "tool_error"
            span.set_attribute("error.type", "tool_error")
            span.set_status(Status(StatusCode.ERROR))
        self._is.tool.record(_seconds(began, now), measured)
        span.end(now)

    def end(self, problem: BaseException | None = None) -> None:
        """The conversation is over. What is still open ends with it; harmless the second time."""
        if self._over:
            return
        self._over = True
        now = time.time_ns()
        self._give_up("lost" if isinstance(problem, Exception) else "unfinished", now)
        for span, *_ in self._tools.values():
            span.set_attribute("error.type", "unfinished")
            span.end(now)
        if isinstance(problem, Exception):
            self._root.set_attribute("error.type", type(problem).__name__)
            self._root.set_status(Status(StatusCode.ERROR))
        ended = {**self._common, **({"error.type": type(problem).__name__} if isinstance(problem, Exception) else {})}
        self._is.conversation.record(_seconds(self._began, now), ended)
        self._root.end(now)


_observing: ContextVar[tuple[Observer, ...]] = ContextVar("the observers of this task's conversation", default=())


class _Response:
    __slots__ = ("began", "span", "spoke")

    def __init__(self, span: Span, began: int) -> None:
        self.span, self.began, self.spoke = span, began, False


def _transcript(done: dict[str, Any]) -> str:
    parts = [part for item in done.get("output") or () for part in item.get("content") or ()]
    return " ".join(filter(None, (part.get("transcript") or part.get("text") for part in parts)))


def _seconds(began_ns: int, ended_ns: int) -> float:
    return (ended_ns - began_ns) / 1e9
