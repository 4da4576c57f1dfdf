"""Where telemetry goes: memory (tests, the chapter's picture), the console, Azure Application Insights."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, InMemoryMetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.trace import NoOpTracerProvider

from .errors import LearnerError
from .service import Service
from .settings import setting
from .telemetry import observed
from .telemetry_instruments import Instruments

_NAME = "realtime-voice-workbook"
_SPANS_KEPT = 10_000  # an agent that runs for weeks must not grow
_CONNECTION = "APPLICATIONINSIGHTS_CONNECTION_STRING"


class TelemetryError(LearnerError):
    """Telemetry cannot go where it was to go."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One data point of a metric: `value` is a counter's sum, or a histogram's; `count` how many were measured.

    `least` and `greatest` are a histogram's, None for a counter.
    """

    metric: str
    attributes: dict[str, Any]
    count: int
    value: float
    least: float | None = None
    greatest: float | None = None


class Telemetry:
    """Telemetry of all conversations that run `with telemetry.observed(service):`.

    Always kept in memory, for `spans` (the last 10,000) and `measured()`; `console=True` prints it too. It goes to
    Azure Application Insights if APPLICATIONINSIGHTS_CONNECTION_STRING is set, which needs the extra `telemetry`.
    `traces` and `metrics` switch each off. Sends nothing anywhere else.

    Raises TelemetryError where the extra is missing or the connection string is malformed.
    """

    def __init__(self, *, traces: bool = True, metrics: bool = True, console: bool = False) -> None:
        resource = Resource.create({"service.name": _NAME})
        self._spans, self._reader = _Recent(), InMemoryMetricReader()
        processors: list[SpanProcessor] = [SimpleSpanProcessor(self._spans)]
        readers: list[Any] = [self._reader]
        if console:
            processors.append(SimpleSpanProcessor(ConsoleSpanExporter()))
            readers.append(PeriodicExportingMetricReader(ConsoleMetricExporter()))
        self._tracers = TracerProvider(resource=resource) if traces else NoOpTracerProvider()
        if connection_string := setting(_CONNECTION):
            span_exporter, metric_exporter = _azure(connection_string, self._tracers)
            processors.append(BatchSpanProcessor(span_exporter))  # a network must not hold up the conversation
            readers.append(PeriodicExportingMetricReader(metric_exporter))
        self._meters = MeterProvider(readers, resource) if metrics else NoOpMeterProvider()
        for processor in processors if traces else ():
            self._tracers.add_span_processor(processor)
        self._counts = metrics
        self._instruments = Instruments(self._meters.get_meter(_NAME))

    def observed(self, service: Service, *, say_what_was_said: bool = False) -> Any:
        """A context manager around one conversation; `say_what_was_said` puts transcripts into its spans."""
        tracer = self._tracers.get_tracer(_NAME)
        return observed(service, tracer, self._instruments, say_what_was_said=say_what_was_said)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """The spans that have ended, in the order of their ends."""
        return tuple(self._spans.kept)

    def measured(self, metric: str | None = None) -> list[Measured]:
        """What was measured so far, of one metric or of all."""
        return [point for point in self._points() if metric in (None, point.metric)]

    def _points(self) -> Iterator[Measured]:
        data = self._reader.get_metrics_data() if self._counts else None
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.data.data_points:
                        attributes = dict(point.attributes)
                        if hasattr(point, "count"):
                            yield Measured(metric.name, attributes, point.count, point.sum, point.min, point.max)
                        else:
                            yield Measured(metric.name, attributes, point.value, point.value)

    def close(self) -> None:
        """Send what is still to be sent."""
        for provider in (self._tracers, self._meters):
            if shutdown := getattr(provider, "shutdown", None):
                shutdown()


class _Recent(SpanExporter):
    """Memory, with an end."""

    def __init__(self) -> None:
        self.kept: deque[ReadableSpan] = deque(maxlen=_SPANS_KEPT)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.kept.extend(spans)
        return SpanExportResult.SUCCESS


def _azure(connection_string: str, tracers: Any) -> tuple[Any, Any]:
    try:
        from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter, AzureMonitorTraceExporter
    except ImportError:
        raise TelemetryError(
            f"{_CONNECTION} is set, and sending there needs the extra `telemetry`: install "
            "azure-monitor-opentelemetry, or take the setting away."
        ) from None
    try:
        # The provider by name: this one is nobody's global, and the exporter would look for that.
        return (
            AzureMonitorTraceExporter(connection_string=connection_string, tracer_provider=tracers),
            AzureMonitorMetricExporter(connection_string=connection_string),
        )
    except ValueError:
        raise TelemetryError(
            f"{_CONNECTION} is no connection string: copy it anew from the resource's overview page."
        ) from None
