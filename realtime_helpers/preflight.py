"""One line for each thing that must be right on this machine, with its fix."""

import asyncio
import html
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from ._bridge import WidgetError, route_messages
from .audio import duration_ms
from .errors import LearnerError
from .microphone import Microphone
from .rehearsal_setting import rehearsing
from .service import choose_service
from .speaker import Speaker

_IPYKERNEL = (7, 4)
_NO_PAGE = "rehearsal: no browser needed"
_PAGE_WITHIN_S = 10
_SILENCE_S = 1  # a room is never this quiet: not one bit in a second
_MUTED = "Unmute it, and let the browser use it in the system's privacy settings; or choose another beside the address."
_SPEECH_PARTS = {"ears": "moonshine-voice", "voice": "hibari-tts"}


@dataclass(frozen=True)
class Line:
    """`fix` is empty where all is well."""

    what: str
    found: str
    fix: str = ""

    def __str__(self) -> str:
        mark = "[fix]" if self.fix else "[ok] "
        return f"{mark} {self.what}: {self.found}" + (f" {self.fix}" if self.fix else "")


@dataclass(frozen=True)
class Preflight:
    """The lines, in the order they were checked."""

    lines: list[Line] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not any(line.fix for line in self.lines)

    def __repr__(self) -> str:
        return "\n".join(map(str, self.lines))

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='color:var(--jp-{'error' if line.fix else 'success'}-color1,inherit);text-align:left'>"
            f"<strong>{'[fix]' if line.fix else '[ok]'}</strong></td>"
            f"<td style='text-align:left'>{html.escape(line.what)}</td>"
            f"<td style='text-align:left'>{html.escape(line.found)} <strong>{html.escape(line.fix)}</strong></td></tr>"
            for line in self.lines
        )
        return f"<table>{rows}</table>"


async def run_preflight(mic: Microphone | None = None, speaker: Speaker | None = None) -> Preflight:
    """Check this machine: kernel, front end, page, devices, service.

    Pass the widgets that are on the page; what belongs to one that was not passed is not checked. The microphone is
    turned on for a moment, which makes the browser ask. Nothing is raised: what fails becomes a line with its fix.
    """
    lines = [_python(), _kernel()]
    if speaker is not None:
        lines += await _page(speaker)
    if mic is not None:
        lines.append(await _guarded("microphone", lambda: _microphone(mic)))
    lines.append(await _guarded("service", _service))
    return Preflight(lines)


async def _guarded(what: str, check: Callable[[], Awaitable[Line]]) -> Line:
    try:
        return await check()
    except (LearnerError, WidgetError) as trouble:
        return Line(what, "not working.", str(trouble))


def _python() -> Line:
    found = f"{platform.python_version()} on {platform.system()}"
    old = sys.version_info < (3, 11)
    return Line("Python", found, "Install Python 3.11 or newer and run workbook.py again." if old else "")


def _kernel() -> Line:
    try:
        installed = version("ipykernel")
    except PackageNotFoundError:
        return Line("kernel", "no ipykernel", "Open the workbook with workbook.py, which installs what it needs.")
    if tuple(int(part) for part in installed.split(".")[:2]) < _IPYKERNEL:
        return Line(
            "kernel",
            f"ipykernel {installed}, which lets no sound in while a cell waits.",
            "Open the workbook with workbook.py, or `pip install 'ipykernel>=7.4'` and restart the kernel.",
        )
    return Line("kernel", f"ipykernel {installed}, widget messages {route_messages()}")


async def _page(speaker: Speaker) -> list[Line]:
    if rehearsing():
        return [Line(what, _NO_PAGE) for what in ("front end", "secure page", "loudspeaker")]
    try:
        await speaker.ready(_PAGE_WITHIN_S)
    except WidgetError as trouble:
        return [Line("front end", "no answer.", str(trouble))]
    lines = [Line("front end", f"{speaker.front_end} answers")]
    if speaker.secure_page:
        lines.append(Line("secure page", "yes"))
    else:
        fix = "Open it as http://localhost:... or over https: elsewhere the browser gives no microphone."
        lines.append(Line("secure page", "no.", fix))
    if speaker.state == "running":
        lines.append(Line("loudspeaker", "sound is enabled"))
    else:
        lines.append(
            Line("loudspeaker", "the browser waits for a click.", "Press Enable sound, then run this cell again.")
        )
    return lines


async def _microphone(mic: Microphone) -> Line:
    if rehearsing():
        return Line("microphone", _NO_PAGE)
    listened_s, chunk = 0.0, b""
    async with mic:
        try:
            async with asyncio.timeout(_PAGE_WITHIN_S):
                async for chunk in mic:
                    listened_s += duration_ms(chunk) / 1000
                    if any(chunk) or listened_s > _SILENCE_S:
                        break
        except TimeoutError:
            return Line("microphone", "on, but no sound arrives.", "Reload the page and run the cells from the top.")
        label = mic.device.get("label") or "the recording"
    if not any(chunk):
        return Line("microphone", f"{label} gives no sound at all.", _MUTED)
    return Line("microphone", f"{label} is heard")


async def _service() -> Line:
    service = choose_service()
    began = time.perf_counter()
    async with service.connect():
        seconds = time.perf_counter() - began
    found = f"{service.name} answered in {seconds:.1f} s, model {service.model}"
    if service.name == "mock":
        found += "; " + ", ".join(f"{job} {_installed(package)}" for job, package in _SPEECH_PARTS.items())
    return Line("service", found)


def _installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return "a stand-in, which hears less well" if package == "moonshine-voice" else "missing"
