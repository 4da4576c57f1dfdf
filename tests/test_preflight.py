import asyncio
import sys
from typing import ClassVar

import pytest

from realtime_helpers import preflight
from realtime_helpers.microphone import Microphone
from realtime_helpers.preflight import run_preflight
from realtime_helpers.speaker import Speaker


@pytest.fixture(autouse=True)
def rehearsal(monkeypatch):
    monkeypatch.setenv("REALTIME_REHEARSAL", "1")
    monkeypatch.setenv("REALTIME_SERVICE", "mock")


def by_name(report):
    return {line.what: line for line in report.lines}


async def test_all_is_well_here():
    report = await run_preflight(Microphone(rehearsal="00_start_here"), Speaker())
    assert report.ok, report
    lines = by_name(report)
    assert list(lines) == ["Python", "kernel", "front end", "secure page", "loudspeaker", "microphone", "service"]
    assert "mock answered" in lines["service"].found
    assert all(text.count("[ok]") == len(lines) for text in (repr(report), report._repr_html_()))


async def test_a_service_that_is_not_there_is_a_line_with_its_fix(monkeypatch):
    monkeypatch.setenv("REALTIME_MOCK_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("REALTIME_MOCK_API_KEY", "k")
    report = await run_preflight()
    assert not report.ok
    assert "Nothing answers at" in by_name(report)["service"].fix
    assert "[fix]" in repr(report) and "[fix]" in report._repr_html_()


async def test_an_old_kernel_is_named(monkeypatch):
    monkeypatch.setattr(preflight, "version", lambda package: {"ipykernel": "7.3.1"}.get(package, "1.0"))
    line = by_name(await run_preflight())["kernel"]
    assert "7.3.1" in line.found and "workbook.py" in line.fix


async def test_no_page_answers(monkeypatch):
    monkeypatch.delenv("REALTIME_REHEARSAL")
    monkeypatch.setattr(preflight, "_PAGE_WITHIN_S", 0.3)
    line = by_name(await run_preflight(speaker=Speaker()))["front end"]
    assert "JupyterLab" in line.fix


async def test_an_insecure_page_and_a_sleeping_loudspeaker(monkeypatch):
    monkeypatch.delenv("REALTIME_REHEARSAL")
    speaker = Speaker()
    hello = {"kind": "hello", "page": "p", "state": "suspended", "secure": False, "front_end": "JupyterLab"}
    monkeypatch.setattr(speaker, "send", lambda *_: speaker._on_loop("hello", hello, []))
    lines = by_name(await run_preflight(speaker=speaker))
    assert "localhost" in lines["secure page"].fix and "Enable sound" in lines["loudspeaker"].fix
    assert lines["front end"].found == "JupyterLab answers"


def test_it_knows_this_python():
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in preflight._python().found


@pytest.mark.parametrize(("chunks", "says"), [([bytes(3840)] * 20, "Unmute"), ([], "Reload the page")])
async def test_a_microphone_that_gives_nothing(monkeypatch, chunks, says):
    monkeypatch.delenv("REALTIME_REHEARSAL")
    monkeypatch.setattr(preflight, "_PAGE_WITHIN_S", 0.2)

    class Silent:
        device: ClassVar = {"label": "USB"}

        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            pass

        async def __aiter__(self):
            for chunk in chunks:
                yield chunk
            await asyncio.Event().wait()

    assert says in by_name(await run_preflight(Silent()))["microphone"].fix
