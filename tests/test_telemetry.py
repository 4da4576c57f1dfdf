"""What telemetry says of a conversation, against what the wire says of it; and what it never says."""

import asyncio
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics

from realtime_helpers import telemetry as telemetry_module
from realtime_helpers import telemetry_instruments
from realtime_helpers.mock_server import Call, MockServer
from realtime_helpers.resume import Resuming
from realtime_helpers.story import find_replies
from realtime_helpers.telemetry_outlets import Telemetry, TelemetryError
from realtime_helpers.tools import ToolSet
from realtime_helpers.wire import WireEvent

from .dropped_calls import service_of

TEXT = {"type": "realtime", "output_modalities": ["text"]}
SECRET_WORDS = "My password is swordfish."


def look_up(city: str) -> str:
    """Look the weather up."""
    return "rain in " + city


def fail() -> str:
    """Fail."""
    raise RuntimeError("swordfish")


def user(words):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": words}]}


async def talk(service, tools, *, options=None, then=None):
    """One question, and on to the first reply in words."""
    async with asyncio.timeout(20), service.connect(**(options or {})) as connection:
        await connection.session.update(session={**TEXT, "tools": tools.schema})
        await connection.conversation.item.create(item=user(SECRET_WORDS))
        await connection.response.create()
        async for event in connection:
            await tools.handle(event, connection)
            if event.type == "response.done" and event.response.status == "failed":
                break
            if event.type == "response.done" and any(i.type == "message" for i in event.response.output):
                break
        if then:
            await then(connection)


def by_name(telemetry, name):
    return [span for span in telemetry.spans if span.name.startswith(name)]


async def test_a_conversation_is_a_tree_that_agrees_with_the_wire():
    with MockServer(script=[[Call("look_up", {"city": "Oslo"}), Call("fail", "{}")], "It rains."]) as server:
        service, telemetry = service_of(server), Telemetry()
        with telemetry.observed(service):
            await talk(service, ToolSet([look_up, fail], log=None))
    (root,), chats, tools = (by_name(telemetry, name) for name in ("invoke_agent", "chat", "execute_tool"))
    assert all(span.parent.span_id == root.context.span_id for span in (*chats, *tools))
    assert (
        root.attributes["gen_ai.conversation.id"] == service.wire.received("session.created")[0].event["session"]["id"]
    )
    replies = find_replies(service.wire)
    assert [span.attributes["gen_ai.response.id"] for span in chats] == [reply.id for reply in replies]
    for span, done in zip(chats, service.wire.received("response.done"), strict=True):
        usage = done.event["response"]["usage"]
        assert span.attributes["gen_ai.usage.input_tokens"] == usage["input_tokens"]
        assert span.attributes["gen_ai.usage.output_tokens"] == usage["output_tokens"]
        assert span.attributes["gen_ai.response.finish_reasons"] == ("completed",)
    for span, reply, asked in zip(chats, replies, service.wire.sent("response.create"), strict=True):
        took = (span.end_time - span.start_time) / 1e9
        assert took == pytest.approx(reply.done_at - asked.at, abs=0.02)
    assert {span.attributes["gen_ai.tool.name"]: span.status.is_ok for span in tools} == {
        "look_up": True,
        "fail": False,
    }


async def test_the_metrics_add_up():
    with MockServer(script=["One.", "Two."]) as server:
        service, telemetry = service_of(server), Telemetry()
        for _ in range(2):
            with telemetry.observed(service):
                await talk(service, ToolSet([], log=None))
    wires = service.wires

    def total(metric, **attributes):
        points = [p for p in telemetry.measured(metric) if attributes.items() <= p.attributes.items()]
        return sum(p.count for p in points), sum(p.value for p in points)

    spent = [done.event["response"]["usage"] for wire in wires for done in wire.received("response.done")]
    assert total("gen_ai.client.token.usage", **{"gen_ai.token.type": "input"}) == (
        2,
        sum(usage["input_tokens"] for usage in spent),
    )
    assert total("voice_agent.responses", **{"voice_agent.response.status": "completed"})[1] == 2
    assert total("voice_agent.connections")[1] == 2
    assert total("gen_ai.client.operation.time_to_first_chunk")[0] == 2
    assert total("gen_ai.invoke_agent.duration")[0] == 2
    assert total("voice_agent.turn.latency")[0] == 0, "nobody spoke"


async def test_nothing_that_was_said_leaves_unless_asked():
    told = {}
    for aloud in (False, True):
        with MockServer(script=["The fish is called Wanda."]) as server:
            service, telemetry = service_of(server), Telemetry()
            with telemetry.observed(service, say_what_was_said=aloud):
                await talk(service, ToolSet([], log=None))
        told[aloud] = "".join(span.to_json() for span in telemetry.spans) + str(telemetry.measured())
        assert server.api_key not in told[aloud]
    assert "Wanda" not in told[False] and "swordfish" not in told[False]
    assert "Wanda" in told[True]


@pytest.mark.parametrize("aloud", [False, True])
def test_what_the_user_spoke_is_told_with_the_rest_or_not_at_all(aloud):
    service, telemetry = SimpleNamespace(name="mock", model="m", watchers=[]), Telemetry()
    heard = {"type": "conversation.item.input_audio_transcription.completed", "transcript": SECRET_WORDS}
    with telemetry.observed(service, say_what_was_said=aloud) as observer:
        observer(WireEvent(0, "received", heard))
    (root,) = telemetry.spans
    assert (SECRET_WORDS in root.to_json()) is aloud


async def test_errors_and_failures_are_counted_by_their_kind():
    with MockServer(script=["One."]) as server:
        service, telemetry = service_of(server), Telemetry()

        async def ask_again(connection):
            await connection.response.cancel()
            await connection.response.create()
            async for event in connection:
                if event.type == "response.done":
                    break

        with telemetry.observed(service):
            await talk(service, ToolSet([], log=None), then=ask_again)
    (errors,) = telemetry.measured("voice_agent.errors")
    assert errors.attributes["error.type"] == "response_cancel_not_active" and errors.value == 1
    failed = [span for span in by_name(telemetry, "chat") if not span.status.is_ok]
    assert len(failed) == 1 and failed[0].attributes["error.type"], "the script had no second step"


async def test_a_drop_ends_what_was_open_and_is_one_conversation():
    with MockServer(script=["One, two, three.", "One, two, three."]) as server:
        service, telemetry = service_of(server), Telemetry()
        fault = {"extra_query": {"fault": "drop_after=response.created,times=1"}}
        with telemetry.observed(service):
            async with asyncio.timeout(20), Resuming(service, **fault) as connection:
                await connection.session.update(session=TEXT)
                await connection.conversation.item.create(item=user("Count."))
                await connection.response.create()
                async for event in connection:
                    if event.type == "response.done" and event.response.status == "completed":
                        break
    assert len(by_name(telemetry, "invoke_agent")) == 1
    lost, answered = by_name(telemetry, "chat")
    assert lost.attributes["error.type"] == "connection_lost" and "error.type" not in answered.attributes
    statuses = {
        p.attributes["voice_agent.response.status"]: p.value for p in telemetry.measured("voice_agent.responses")
    }
    assert statuses == {"lost": 1, "completed": 1}


async def test_a_conversation_that_breaks_off_says_so():
    with MockServer() as server:
        service, telemetry = service_of(server), Telemetry()
        with pytest.raises(ZeroDivisionError), telemetry.observed(service):
            raise ZeroDivisionError
    (root,) = telemetry.spans
    assert root.attributes["error.type"] == "ZeroDivisionError" and not root.status.is_ok
    assert service.watchers == [], "the next conversation is nobody's business"


async def test_each_half_can_be_switched_off():
    with MockServer(script=["One.", "One."]) as server:
        service = service_of(server)
        without = {"traces": Telemetry(traces=False), "metrics": Telemetry(metrics=False)}
        for telemetry in without.values():
            with telemetry.observed(service):
                await talk(service, ToolSet([], log=None))
    assert without["traces"].spans == () and without["traces"].measured("gen_ai.invoke_agent.duration")
    assert without["metrics"].measured() == [] and without["metrics"].spans


def test_azure_needs_its_extra_and_a_connection_string(monkeypatch):
    monkeypatch.setenv("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=secret")
    monkeypatch.setitem(sys.modules, "azure.monitor.opentelemetry.exporter", None)
    with pytest.raises(TelemetryError, match="extra `telemetry`") as told:
        Telemetry()
    assert "secret" not in str(told.value)


async def test_conversations_at_the_same_time_are_told_apart():
    """One service, two tasks: each counts what was its own."""
    with MockServer(script=["One, two, three, four, five."]) as server:
        service, telemetry = service_of(server), Telemetry()

        async def one():
            with telemetry.observed(service):
                await talk(service, ToolSet([], log=None))

        await asyncio.gather(*(one() for _ in range(4)))
    roots = by_name(telemetry, "invoke_agent")
    sessions = {wire.received("session.created")[0].event["session"]["id"] for wire in service.wires}
    assert {root.attributes["gen_ai.conversation.id"] for root in roots} == sessions and len(sessions) == 4
    assert sorted(span.parent.span_id for span in by_name(telemetry, "chat")) == sorted(
        root.context.span_id for root in roots
    )
    (responses,) = telemetry.measured("voice_agent.responses")
    assert responses.value == 4 and service.watchers == []


async def test_who_hangs_up_in_mid_reply_leaves_it_unfinished():
    with MockServer(script=["One, two, three."]) as server:
        service, telemetry = service_of(server), Telemetry()
        with telemetry.observed(service):
            async with asyncio.timeout(20), service.connect() as connection:
                await connection.session.update(session=TEXT)
                await connection.conversation.item.create(item=user("Count."))
                await connection.response.create()
                async for event in connection:
                    if event.type == "response.created":
                        break
    (chat,) = by_name(telemetry, "chat")
    assert chat.attributes["gen_ai.response.finish_reasons"] == ("unfinished",)
    assert "error.type" not in chat.attributes, "nobody's fault"
    (responses,) = telemetry.measured("voice_agent.responses")
    assert responses.attributes["voice_agent.response.status"] == "unfinished"


async def test_an_event_unlike_ours_costs_nobody_the_conversation(caplog):
    with MockServer(script=["One."]) as server:
        service, telemetry = service_of(server), Telemetry()

        async def note(connection):
            connection._connection._wire.note("received", {"type": "response.done", "response": "swordfish"})

        with telemetry.observed(service):
            await talk(service, ToolSet([], log=None), then=note)
    assert "Telemetry cannot read a response.done: TypeError" in caplog.text and "swordfish" not in caplog.text


async def test_an_agent_that_runs_for_weeks_keeps_the_last_spans(monkeypatch):
    monkeypatch.setattr("realtime_helpers.telemetry_outlets._SPANS_KEPT", 3)
    with MockServer(script=["One."] * 3) as server:
        service, telemetry = service_of(server), Telemetry()
        for _ in range(3):
            with telemetry.observed(service):
                await talk(service, ToolSet([], log=None))
    assert [span.name.split()[0] for span in telemetry.spans] == ["invoke_agent", "chat", "invoke_agent"]
    (responses,) = telemetry.measured("voice_agent.responses")
    assert responses.value == 3, "nothing is forgotten by what counts"


def test_a_response_begins_when_it_is_asked_for(monkeypatch):
    """Not when the service says that it has begun."""
    clock = SimpleNamespace(time_ns=lambda: clock.now)
    monkeypatch.setattr(telemetry_module, "time", clock)
    service, telemetry = SimpleNamespace(name="mock", model="m", watchers=[]), Telemetry()
    clock.now = 0
    with telemetry.observed(service) as observer:
        for seconds, event in (
            (1, {"type": "input_audio_buffer.speech_stopped"}),
            (3, {"type": "response.created", "response": {"id": "r"}}),
            (4, {"type": "response.output_audio.delta", "response_id": "r"}),
            (9, {"type": "response.done", "response": {"id": "r", "status": "completed"}}),
        ):
            clock.now = seconds * 10**9
            observer(WireEvent(seconds, "received", event))
    measured = {point.metric: point.value for point in telemetry.measured()}
    assert measured["gen_ai.client.operation.time_to_first_chunk"] == 3
    assert measured["gen_ai.client.operation.duration"] == 8
    assert measured["gen_ai.invoke_agent.duration"] == 9


async def test_with_a_connection_string_all_of_it_goes_to_azure(monkeypatch):
    """Through exporters of the shape of Azure's."""
    sent = {"spans": [], "metrics": [], "asked": []}

    class Traces(SpanExporter):
        def __init__(self, **asked):
            sent["asked"].append(asked)

        def export(self, spans):
            sent["spans"] += spans
            return SpanExportResult.SUCCESS

    class Metrics(MetricExporter):
        def __init__(self, connection_string):
            super().__init__()

        def export(self, metrics_data, timeout_millis=0, **_):
            scopes = [scope for resource in metrics_data.resource_metrics for scope in resource.scope_metrics]
            sent["metrics"] += [metric.name for scope in scopes for metric in scope.metrics]
            return MetricExportResult.SUCCESS

        def force_flush(self, timeout_millis=0):
            return True

        def shutdown(self, timeout_millis=0, **_):
            pass

    monkeypatch.setenv("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=x")
    exporters = SimpleNamespace(AzureMonitorTraceExporter=Traces, AzureMonitorMetricExporter=Metrics)
    for name in ("azure.monitor", "azure.monitor.opentelemetry", "azure.monitor.opentelemetry.exporter"):
        monkeypatch.setitem(sys.modules, name, exporters)
    with MockServer(script=["One."]) as server:
        service, telemetry = service_of(server), Telemetry()
        with telemetry.observed(service):
            await talk(service, ToolSet([], log=None))
    telemetry.close()
    assert [span.name for span in sent["spans"]] == [span.name for span in telemetry.spans] and len(sent["spans"]) == 2
    assert {"voice_agent.responses", "gen_ai.invoke_agent.duration"} <= set(sent["metrics"])
    (asked,) = sent["asked"]
    assert asked["tracer_provider"].resource.attributes["service.name"] == "realtime-voice-workbook"


def test_names_that_claim_to_be_opentelemetrys_are():
    """Those of tools and of whole conversations are newer than the package that lists the rest."""
    newer = {"gen_ai.execute_tool.duration", "gen_ai.invoke_agent.duration"}
    listed = (*vars(gen_ai_attributes).values(), *vars(gen_ai_metrics).values())
    known = {value for value in listed if isinstance(value, str)}
    sources = [Path(module.__file__).read_text("utf-8") for module in (telemetry_module, telemetry_instruments)]
    used = {name for source in sources for name in re.findall(r'"(gen_ai\.[\w.]+)"', source)}
    assert len(used) > 12 and used - newer <= known
