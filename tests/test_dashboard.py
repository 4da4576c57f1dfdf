"""The dashboard: every figure that telemetry keeps, drawn and told, whichever half of it is switched off."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from realtime_helpers import draw_dashboard, telemetry
from realtime_helpers.dashboard import FIRST, TURN, _percent, read_figures, told
from realtime_helpers.picture import STOP
from realtime_helpers.telemetry_outlets import Telemetry
from realtime_helpers.wire import WireEvent

CUT = {"status": "cancelled", "status_details": {"type": "cancelled", "reason": "turn_detected"}}
FAILED = {"status": "failed", "status_details": {"error": {"code": "server_error"}}}
USAGE = {"input_tokens": 500_000, "output_tokens": 40}


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(telemetry, "time", SimpleNamespace(time_ns=lambda: round(clock.now * 1e9)))
    return clock


class Held:
    """A conversation, turn by turn, whose clock stands still unless it is told."""

    def __init__(self, clock, measured: Telemetry) -> None:
        self.clock, self.telemetry = clock, measured
        self.service = SimpleNamespace(name="mock", model="m", watchers=[])
        self._n = 0

    def __enter__(self):
        self._observed = self.telemetry.observed(self.service)
        self._observer = self._observed.__enter__()
        self.connected()
        return self

    def __exit__(self, *problem):
        self._observed.__exit__(*problem)

    def note(self, after: float, type: str, **fields) -> None:
        self.clock.now += after
        self._observer(WireEvent(self.clock.now, "received", {"type": type, **fields}))

    def connected(self) -> None:
        self.note(0, "session.created", session={"id": "s"})

    def turn(self, wait: float | None, **done) -> None:
        self._n += 1
        self.note(0, "input_audio_buffer.speech_stopped")
        self.note(0, "response.created", response={"id": str(self._n), "output_modalities": ["audio"]})
        if wait is not None:
            self.note(wait, "response.output_audio.delta", response_id=str(self._n))
        self.note(1, "response.done", response={"id": str(self._n), "status": "completed", "usage": USAGE, **done})

    def tool(self, name: str, seconds: float, ok: bool = True) -> None:
        self.note(0, "tool.started", name=name, call_id=name)
        self.note(seconds, "tool.ended", call_id=name, ok=ok)


@pytest.fixture
def three_turns(clock):
    """A function: two conversations, in all three turns and a failure, two tools, a reconnect, two errors."""

    def hold(**switches) -> Telemetry:
        measured = Telemetry(**switches)
        with Held(clock, measured) as held:
            held.turn(0.2)
            held.turn(0.4, **CUT)
            held.connected()
            held.turn(None, **FAILED)
            held.tool("look_up", 0.1)
            held.tool("look_up", 0.3, ok=False)
            held.tool("order", 0.5)
        with Held(clock, measured) as held:
            held.turn(3.0)
            held.note(0, "error", error={"code": "response_cancel_not_active"})
            held.note(0, "error", error={"code": "response_cancel_not_active"})
        return measured

    return hold


def texts(picture) -> list[str]:
    every = [*picture.figure.texts, *(text for ax in picture.figure.axes for text in ax.texts)]
    return [text.get_text().strip() for text in every]


def test_all_is_told_in_words(three_turns):
    picture = draw_dashboard(three_turns())
    assert dict(picture.rows) == {
        "what": "measured",
        "conversations": "2",
        "median turn wait": "400 ms",
        "responses": "4",
        "not failed or lost": "75 %",
        "interruptions": "1",
        "errors": "2",
        "reconnects": "1",
        FIRST: "median 400 ms, 200 ms to 3.0 s, 3 times",
        TURN: "median 400 ms, 200 ms to 3.0 s, 3 times",
        "look_up": "median 200 ms, 100 ms to 300 ms, 2 times, 1 failed",
        "order": "500 ms, once",
        "responses completed": "2",
        "responses cancelled": "1",
        "responses failed": "1",
        "error response_cancel_not_active": "2",
        "tokens, input": "2,000,000",
        "tokens, output": "160",
    }
    assert picture.alt.startswith("Dashboard of 2 conversations: 4 responses; 75 % neither failed nor lost; 1 interr")
    assert f"<td>{TURN}</td>" in picture._repr_mimebundle_()["text/html"]


def test_what_is_told_is_drawn(three_turns):
    drawn = texts(draw_dashboard(three_turns()))
    for text in (
        "75 %",
        "400 ms",
        "3.0 s",
        "look_up",
        "completed",
        "failed",
        "response_cancel_not_acti…",
        "2.0 million",
    ):
        assert text in drawn


def test_a_dot_for_each_time_and_a_cross_for_each_failure(three_turns):
    plot = draw_dashboard(three_turns()).figure.axes[0]
    dots = {(line.get_ydata()[0], *line.get_xdata()) for line in plot.lines if line.get_marker() == "o"}
    assert dots == {(0, 0.2, 0.4, 3.0), (1, 0.2, 0.4, 3.0), (2, 0.1), (3, 0.5)}
    (cross,) = [line for line in plot.lines if line.get_marker() == "x"]
    assert (*cross.get_xdata(), *cross.get_ydata(), cross.get_color()) == (0.3, 2, STOP)
    assert plot.get_xlim()[0] <= 0.1 and plot.get_xlim()[1] >= 3


def test_without_traces_the_histograms_say_what_they_can(three_turns):
    picture = draw_dashboard(three_turns(traces=False))
    rows = dict(picture.rows)
    assert rows[TURN] == "mean 1.2 s, 200 ms to 3.0 s, 3 times" and rows["mean turn wait"] == "1.2 s"
    assert rows["look_up"] == "mean 200 ms, 100 ms to 300 ms, 2 times, 1 failed"
    assert rows["conversations"] == "2" and "mean" in texts(picture)


def test_without_metrics_nothing_is_counted_and_it_says_so(three_turns):
    picture = draw_dashboard(three_turns(metrics=False))
    assert "nothing was counted: metrics are off" in texts(picture)
    assert dict(picture.rows)[TURN].startswith("median 400 ms") and "responses" not in dict(picture.rows)
    assert picture.alt.startswith("Dashboard of 2 conversations: median 400 ms")


def test_nothing_measured_is_a_sentence():
    for switches in ({}, {"traces": False, "metrics": False}):
        picture = draw_dashboard(Telemetry(**switches))
        assert str(picture) == "Dashboard of nothing: no conversation was held with telemetry.observed(service)."
        assert texts(picture) == ["nothing was measured"] and picture.png


def test_a_conversation_without_a_word(clock):
    measured = Telemetry()
    with Held(clock, measured):
        pass
    picture = draw_dashboard(measured)
    assert dict(picture.rows)["not failed or lost"] == "–" and len(picture.figure.axes) == 0 and picture.png


def test_the_slowest_twentieth_needs_twenty(clock):
    measured = Telemetry()
    with Held(clock, measured) as held:
        for n in range(19):
            held.turn((n + 1) / 10)
        assert read_figures(measured).took(TURN).p95 is None
        assert "p95" not in texts(draw_dashboard(measured))
        held.turn(2.0)
    assert read_figures(measured).took(TURN).p95 == pytest.approx(2.0), "of twenty, one is slower than 95 of 100"
    assert "p95" in texts(draw_dashboard(measured)) and "95 of 100 within 2.0 s" in str(draw_dashboard(measured))


def test_nothing_is_written_over_anything_else(three_turns, clock):
    """However long the names are."""
    measured = three_turns()
    with Held(clock, measured) as held:
        held.tool("order_total_of_everything_in_the_basket", 0.2)
        held.note(0, "error", error={"code": "conversation_already_has_active_response"})
        for _ in range(20):
            held.turn(0.3)
    figure = draw_dashboard(measured).figure
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(figure).get_renderer()
    written = [text for text in (*figure.texts, *(t for ax in figure.axes for t in ax.texts)) if text.get_text()]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in written]
    for n, (one, box) in enumerate(boxes):
        assert box.x0 >= 0 and box.x1 <= figure.bbox.x1, one
        assert [other for other, there in boxes[n + 1 :] if box.overlaps(there)] == [], one


@pytest.mark.parametrize("seconds, words", [(0.0421, "42 ms"), (0.9996, "1.0 s"), (1.25, "1.2 s"), (12.3, "12 s")])
def test_times_in_words(seconds, words):
    assert told(seconds) == words


@pytest.mark.parametrize(
    "share, words", [(1, "100 %"), (0, "0 %"), (0.9999, "99.99 %"), (0.995, "99.5 %"), (0.5, "50 %")]
)
def test_one_failure_is_not_a_hundred_percent(share, words):
    assert _percent(share) == words
