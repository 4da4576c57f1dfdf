"""infra/ without Azure: what it names is there, in telemetry, in the settings, and in its own files.

That Azure accepts it, only Azure can tell; infra/README.md says so.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from realtime_helpers import service
from realtime_helpers.telemetry_instruments import Instruments

INFRA = Path(__file__).resolve().parents[1] / "infra"
MAIN, ALERTS, PARAMETERS, README = (
    (INFRA / name).read_text(encoding="utf-8")
    for name in ("main.bicep", "alerts.bicep", "main.bicepparam", "README.md")
)
QUERIES = re.findall(r"'''(.*?)'''", ALERTS, re.DOTALL)
DEPLOYMENTS = dict(re.findall(r"\{ name: '([\w-]+)', model: '([\w.-]+)'", PARAMETERS))


def declared(bicep: str) -> set[str]:
    return set(re.findall(r"^param (\w+)", bicep, re.MULTILINE))


class Meter:
    """Takes the names of what is asked of it."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def create_histogram(self, name, *_, **__):
        self.names.add(name)

    create_counter = create_histogram


def test_alerts_ask_for_metrics_that_there_are():
    meter = Meter()
    Instruments(meter)
    asked = [name for query in QUERIES for name in re.findall(r'name == "([\w.]+)"', query)]
    assert len(asked) == len(QUERIES) == 3
    assert set(asked) <= meter.names


def test_alerts_ask_for_attributes_and_statuses_that_there_are():
    telemetry = (INFRA.parent / "realtime_helpers" / "telemetry.py").read_text(encoding="utf-8")
    asked = re.findall(r'customDimensions\["([\w.]+)"\]', ALERTS)
    statuses = re.findall(r'"(\w+)"', re.search(r"status in \((.*?)\)", ALERTS)[1])
    assert set(asked) == {"voice_agent.response.status", "error.type"} and statuses == ["failed", "lost"]
    assert all(f'"{name}"' in telemetry for name in (*asked, *statuses))


def test_every_query_is_somebodys_alert_on_a_column_that_it_has():
    named = re.findall(r"^var (\w+) = format\('''(.*?)''', atLeast\)", ALERTS, re.DOTALL | re.MULTILINE)
    used = re.findall(r"query: (\w+)\s+metricMeasureColumn: '(\w+)'", ALERTS)
    assert len(used) == 3 and {name for name, _ in used} == {name for name, _ in named}
    for name, column in used:
        assert re.search(rf"\b{column} = ", dict(named)[name]) and "{0}" in dict(named)[name]


def test_everything_that_is_passed_is_asked_for_and_the_other_way_round():
    passed = re.search(r"module alerts .*?params: \{(.*?)\n  \}", MAIN, re.DOTALL)[1]
    assert set(re.findall(r"^    (\w+):", passed, re.MULTILINE)) == declared(ALERTS)
    assert declared(PARAMETERS) <= declared(MAIN)
    needed = set(re.findall(r"^param (\w+) \S+$", MAIN, re.MULTILINE))
    assert needed == {"deployments"} <= declared(PARAMETERS), "the rest has a default"
    assert all(f"`{name}`" in README for name in declared(MAIN) - {"principalType"})


@pytest.mark.parametrize(
    ("deployment", "field"),
    [
        ("realtime", "model"),
        ("transcription", "transcription_model"),
        ("embeddings", "embedding_model"),
        ("file-transcription", "file_transcription_model"),
        ("chat", "chat_model"),
        ("speech", "speech_model"),
    ],
)
def test_every_job_has_its_deployment(deployment, field):
    """Of the very model that the chapters were written for, under a name that the README says to set."""
    setting, model = service._MODELS[field]
    assert DEPLOYMENTS[deployment] == model
    assert f"| `{setting}` | `{deployment}` |" in README
    assert len(DEPLOYMENTS) == 6
