"""What is measured of voice agents: the metrics' names, units and buckets. Those with `gen_ai.` are OpenTelemetry's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opentelemetry.metrics import Meter

# As the conventions advise.
_SECONDS = [0.01 * 2**n for n in range(14)]
_CONVERSATIONS_S = [0.1 * 2**n for n in range(13)]
_TOKENS = [4**n for n in range(14)]
# Theirs double; a person who waits notices less than that.
_WAITS_S = [0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.5, 5.0, 8.0, 15.0]


class Instruments:
    """The metrics of all conversations of one process."""

    def __init__(self, meter: Meter) -> None:
        def seconds(name: str, what: str, buckets: Sequence[float] = _SECONDS) -> Any:
            return meter.create_histogram(name, "s", what, explicit_bucket_boundaries_advisory=buckets)

        self.operation = seconds("gen_ai.client.operation.duration", "A response, from the request to its end")
        self.first_chunk = seconds("gen_ai.client.operation.time_to_first_chunk", "To its first audio or text")
        self.turn = seconds(
            "voice_agent.turn.latency",
            "End of the user's turn to the first audio that answers it, tools and all",
            _WAITS_S,
        )
        self.tool = seconds("gen_ai.execute_tool.duration", "A tool at work")
        self.conversation = seconds(
            "gen_ai.invoke_agent.duration", "A conversation, reconnects included", _CONVERSATIONS_S
        )
        self.tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", "Tokens in and out", explicit_bucket_boundaries_advisory=_TOKENS
        )
        self.responses = meter.create_counter("voice_agent.responses", "{response}", "By status")
        self.interruptions = meter.create_counter("voice_agent.interruptions", "{interruption}", "Barge-in")
        self.errors = meter.create_counter("voice_agent.errors", "{error}", "Error events, by code")
        self.connections = meter.create_counter("voice_agent.connections", "{connection}", "Sockets opened")
