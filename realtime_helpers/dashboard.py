"""What a dashboard shows, out of what telemetry kept: waits out of its spans, counts out of its metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .telemetry_outlets import Measured, Telemetry

FIRST, TURN = "to first audio or text", "to the answer of a turn"
_BAD = ("failed", "lost")  # as in infra/alerts.bicep
_ENOUGH_FOR_P95 = 20  # of fewer, the twentieth part is nobody


@dataclass(slots=True)
class Times:
    """How long something took, in seconds. Each time, if there are spans; the rest there is in any case."""

    name: str
    each: list[float] = field(default_factory=list)
    failed: list[float] = field(default_factory=list)  # of them
    failures: int = 0
    count: int = 0
    mean: float = 0.0
    least: float = 0.0
    greatest: float = 0.0

    @property
    def median(self) -> float | None:
        return median(self.each) if self.each else None

    @property
    def p95(self) -> float | None:
        """95 of 100 were no slower; None where there are too few to tell."""
        if len(self.each) < _ENOUGH_FOR_P95:
            return None
        import numpy as np

        return float(np.percentile(self.each, 95, method="higher"))


@dataclass(slots=True)
class Figures:
    """The numbers of all conversations together."""

    times: list[Times]
    conversations: int
    responses: dict[str, int]
    errors: dict[str, int]
    tokens: dict[str, int]
    interruptions: int
    reconnects: int
    counted: bool  # there are metrics at all

    @property
    def empty(self) -> bool:
        return not (self.times or self.counted or self.conversations)

    @property
    def succeeded(self) -> float | None:
        """The share of the responses that neither failed nor were lost; who is interrupted has not failed."""
        every = sum(self.responses.values())
        return 1 - sum(self.responses.get(bad, 0) for bad in _BAD) / every if every else None

    def took(self, name: str) -> Times | None:
        return next((times for times in self.times if times.name == name), None)


def read_figures(telemetry: Telemetry) -> Figures:
    """As much as there is, whichever half of telemetry is switched off."""
    spans, measured = telemetry.spans, telemetry.measured()
    tools = sorted({p.attributes["gen_ai.tool.name"] for p in measured if p.metric == "gen_ai.execute_tool.duration"})
    if spans:
        times = _of_spans(spans)
    else:
        times = [
            _of_points(FIRST, _named(measured, "gen_ai.client.operation.time_to_first_chunk")),
            _of_points(TURN, _named(measured, "voice_agent.turn.latency")),
            *(_of_points(tool, _named(measured, "gen_ai.execute_tool.duration", tool)) for tool in tools),
        ]
    begun = _by(measured, "voice_agent.connections", "voice_agent.reconnect")
    used = _by(measured, "gen_ai.client.token.usage", "gen_ai.token.type")
    ended = sum(p.count for p in _named(measured, "gen_ai.invoke_agent.duration"))
    return Figures(
        times=[one for one in times if one.count],
        conversations=ended or sum(span.name == "invoke_agent" for span in spans),
        responses=_by(measured, "voice_agent.responses", "voice_agent.response.status"),
        errors=_by(measured, "voice_agent.errors", "error.type"),
        tokens={kind: used[kind] for kind in ("input", "output") if kind in used},
        interruptions=sum(p.count for p in _named(measured, "voice_agent.interruptions")),
        reconnects=begun.get(True, 0),
        counted=bool(measured),
    )


def _of_spans(spans: Iterable[Any]) -> list[Times]:
    first, turn = Times(FIRST), Times(TURN)
    tools: dict[str, Times] = {}
    for span in spans:
        told = span.attributes
        for times, attribute in ((first, "gen_ai.response.time_to_first_chunk"), (turn, "voice_agent.turn.latency")):
            if (seconds := told.get(attribute)) is not None:
                times.each.append(seconds)
        if told.get("gen_ai.operation.name") == "execute_tool" and told.get("error.type") != "unfinished":
            times = tools.setdefault(told["gen_ai.tool.name"], Times(told["gen_ai.tool.name"]))
            seconds = (span.end_time - span.start_time) / 1e9
            times.each.append(seconds)
            if "error.type" in told:
                times.failed.append(seconds)
    every = [first, turn, *(tools[name] for name in sorted(tools))]
    for times in every:
        if times.each:
            times.failures = len(times.failed)
            times.count, times.mean = len(times.each), sum(times.each) / len(times.each)
            times.least, times.greatest = min(times.each), max(times.each)
    return every


def _of_points(name: str, points: list[Measured]) -> Times:
    if not points:
        return Times(name)
    count = sum(p.count for p in points)
    return Times(
        name,
        failures=sum(p.count for p in points if "error.type" in p.attributes),
        count=count,
        mean=sum(p.value for p in points) / count,
        least=min(p.least for p in points),
        greatest=max(p.greatest for p in points),
    )


def _named(measured: list[Measured], metric: str, tool: str | None = None) -> list[Measured]:
    return [p for p in measured if p.metric == metric and tool in (None, p.attributes.get("gen_ai.tool.name"))]


def _by(measured: list[Measured], metric: str, attribute: str) -> dict[Any, int]:
    """Sums by the value of an attribute, the largest first."""
    sums: dict[Any, int] = {}
    for p in _named(measured, metric):
        key = p.attributes[attribute]
        sums[key] = sums.get(key, 0) + int(p.value)
    return dict(sorted(sums.items(), key=lambda entry: -entry[1]))


def sentence(figures: Figures) -> str:
    """What is to be seen, for somebody who does not."""
    if figures.empty:
        return "Dashboard of nothing: no conversation was held with telemetry.observed(service)."
    parts = []
    if figures.counted:
        parts.append(_count(sum(figures.responses.values()), "response"))
        if figures.succeeded is not None:
            parts.append(f"{_percent(figures.succeeded)} neither failed nor lost")
        parts.append(_count(figures.interruptions, "interruption"))
        parts.append(_count(sum(figures.errors.values()), "error"))
        parts.append(_count(figures.reconnects, "reconnect"))
    parts += [f"{_middle(times)} {times.name}" for times in figures.times if times.name in (FIRST, TURN)]
    return f"Dashboard of {_count(figures.conversations, 'conversation')}: {'; '.join(parts)}."


def table(figures: Figures) -> list[tuple[str, str]]:
    """All that is drawn; the first row is the head."""
    if figures.empty:
        return []
    rows = [("what", "measured"), *headlines(figures)]
    rows += [(times.name, _in_words(times)) for times in figures.times]
    groups: list[tuple[Callable[[str], str], dict[str, int]]] = [
        (lambda status: f"responses {status}", figures.responses),
        (lambda code: f"error {code}", figures.errors),
        (lambda kind: f"tokens, {kind}", figures.tokens),
    ]
    rows += [(name(key), f"{n:,}") for name, counts in groups for key, n in counts.items()]
    return rows


def headlines(figures: Figures) -> list[tuple[str, str]]:
    """The few numbers to look at first."""
    turn = figures.took(TURN)
    rows = [("conversations", f"{figures.conversations:,}")]
    if figures.counted:
        rows += [
            ("responses", f"{sum(figures.responses.values()):,}"),
            ("not failed or lost", "–" if figures.succeeded is None else _percent(figures.succeeded)),
            ("interruptions", f"{figures.interruptions:,}"),
            ("errors", f"{sum(figures.errors.values()):,}"),
            ("reconnects", f"{figures.reconnects:,}"),
        ]
    if turn:
        rows.insert(1, (("mean" if turn.median is None else "median") + " turn wait", _seconds_of(turn)))
    return rows


def told(seconds: float) -> str:
    """12.3 -> "12 s", 1.234 -> "1.2 s", 0.0421 -> "42 ms"."""
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:,.0f} s"


def _in_words(times: Times) -> str:
    if times.count == 1:
        words = f"{told(times.mean)}, once"
    else:
        p95 = "" if times.p95 is None else f"95 of 100 within {told(times.p95)}, "
        words = f"{_middle(times)}, {p95}{told(times.least)} to {told(times.greatest)}, {times.count:,} times"
    return words + (f", {times.failures:,} failed" if times.failures else "")


def _middle(times: Times) -> str:
    return f"{'mean' if times.median is None else 'median'} {_seconds_of(times)}"


def _seconds_of(times: Times) -> str:
    return told(times.mean if times.median is None else times.median)


def _percent(share: float) -> str:
    """Never 100 % where one failed."""
    percent = 100 * share
    return f"{percent:.0f} %" if share == 1 or percent < 99 else f"{math.floor(100 * percent) / 100:g} %"


def _count(n: int, one: str) -> str:
    return f"{n:,} {one}{'s' * (n != 1)}"
