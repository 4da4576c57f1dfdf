"""One spoken conversation under telemetry: whatever it measured agrees with what the timeline saw on the wire."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from realtime_helpers import draw_dashboard
from realtime_helpers.dashboard import FIRST, TURN, read_figures
from realtime_helpers.mock_server import MockServer
from realtime_helpers.telemetry_outlets import Telemetry
from realtime_helpers.timeline import read_conversation
from realtime_helpers.usage import usage_table

from .dropped_calls import service_of
from .spoken_order import PACE, Clerk, Talk

AGREES_S = 0.05  # two clocks, read one after the other


@pytest.fixture(scope="module")
def held():
    """The wire of the conversation, and the telemetry of it."""
    with MockServer(mind=Clerk(), pace=PACE) as server:
        service, telemetry = service_of(server), Telemetry()
        with telemetry.observed(service):
            asyncio.run(Talk(service).hold())
        yield service.wire, telemetry


def total(telemetry, metric, by):
    return {point.attributes[by]: point.value for point in telemetry.measured(metric)}


def test_the_conversation_has_all_there_is_to_measure(held):
    talk = read_conversation(held[0])
    assert len(talk.turns) == 3 and len(talk.replies) == 4 and len(talk.tools) == 2
    assert [reply.reason for reply in talk.replies] == ["", "", "turn_detected", ""]


def test_responses_interruptions_and_errors_are_the_wires(held):
    wire, telemetry = held
    replies = read_conversation(wire).replies
    assert total(telemetry, "voice_agent.responses", "voice_agent.response.status") == Counter(
        r.status for r in replies
    )
    (interruptions,) = telemetry.measured("voice_agent.interruptions")
    assert interruptions.value == sum(reply.interrupted for reply in replies) == 1
    codes = Counter(error.event["error"]["code"] for error in wire.received("error"))
    assert total(telemetry, "voice_agent.errors", "error.type") == codes == {"response_cancel_not_active": 1}


def test_tokens_are_the_usage_tables(held):
    wire, telemetry = held
    used = usage_table(wire).total
    assert total(telemetry, "gen_ai.client.token.usage", "gen_ai.token.type") == {
        "input": used.tokens_in,
        "output": used.tokens_out,
    }
    cached = [span.attributes.get("gen_ai.usage.cache_read.input_tokens", 0) for span in telemetry.spans]
    assert sum(cached) == used.cached


def test_a_turns_latency_is_the_timelines_wait(held):
    wire, telemetry = held
    waits = [wait.answered_at - wait.asked_at for wait in read_conversation(wire).waits]
    assert len(waits) == 3
    assert read_figures(telemetry).took(TURN).each == pytest.approx(waits, abs=AGREES_S)
    (point,) = telemetry.measured("voice_agent.turn.latency")
    assert point.count == 3 and point.value == pytest.approx(sum(waits), abs=3 * AGREES_S)


def test_time_to_first_audio_counts_from_the_request(held):
    """Where tools were called, that is later than the end of the turn."""
    wire, telemetry = held
    asked = [event.at for event in wire if event.type in ("input_audio_buffer.speech_stopped", "response.create")]
    spoke = [reply for reply in read_conversation(wire).replies if reply.first_at is not None]
    took = [reply.first_at - max(at for at in asked if at <= reply.created_at) for reply in spoke]
    assert read_figures(telemetry).took(FIRST).each == pytest.approx(took, abs=AGREES_S)
    assert took[0] < read_conversation(wire).waits[0].ms / 1000 - 0.2, "the tool's own time"


def test_tools_take_as_long_as_the_timeline_draws_them(held):
    wire, telemetry = held
    drawn = {tool.name: (tool.stop - tool.start, tool.ok) for tool in read_conversation(wire).tools}
    for name, (seconds, ok) in drawn.items():
        (times,) = [times for times in read_figures(telemetry).times if times.name == name]
        assert times.each == pytest.approx([seconds], abs=AGREES_S)
        assert bool(times.failed) is not ok
    assert set(drawn) == {"place_order", "look_into_the_cellar"}


def test_the_dashboard_tells_what_the_timeline_saw(held):
    wire, telemetry = held
    talk, used, picture = read_conversation(wire), usage_table(wire).total, draw_dashboard(telemetry)
    rows = dict(picture.rows)
    assert rows["responses"] == str(len(talk.replies)) and rows["interruptions"] == "1" and rows["errors"] == "1"
    assert rows["tokens, input"] == f"{used.tokens_in:,}" and rows["tokens, output"] == f"{used.tokens_out:,}"
    assert rows["not failed or lost"] == "100 %", "who is interrupted has not failed"
    assert rows["look_into_the_cellar"].endswith("1 failed") and not rows["place_order"].endswith("failed")
    assert rows["reconnects"] == "0" and "1 interruption;" in picture.alt and "0 reconnects" in picture.alt
