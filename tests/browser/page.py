"""A headless Chromium with a WAV file for a microphone, and a notebook open in it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Locator, sync_playwright

from .lab import Lab

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)


class NoBrowser(Exception):
    """No Chromium, Chrome or Edge on this machine."""


def find_browser() -> str:
    """The path of a Chromium, Chrome or Edge; $BROWSER_FOR_TESTS wins. NoBrowser says how to get one."""
    if named := os.environ.get("BROWSER_FOR_TESTS"):
        if shutil.which(named):
            return str(shutil.which(named))
        raise NoBrowser(f"BROWSER_FOR_TESTS names {named!r}, but no such program is there: correct it, or unset it.")
    places = [path for name in _NAMES if (path := shutil.which(name))]
    if sys.platform == "darwin":
        places += [str(base / app) for base in (Path("/Applications"), Path.home() / "Applications") for app in _MAC]
    if sys.platform == "win32":
        bases = [os.environ[n] for n in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA") if n in os.environ]
        places += [str(Path(base) / exe) for base in bases for exe in _WINDOWS]
    for place in places:
        if Path(place).is_file():
            return place
    how = {
        "darwin": "`brew install --cask chromium`, or get Chrome from google.com/chrome",
        "win32": "Edge comes with Windows; else get Chrome from google.com/chrome",
    }.get(sys.platform, "`sudo apt install chromium` (Fedora: `sudo dnf install chromium`)")
    raise NoBrowser(
        f"The browser tests need Chromium, Chrome or Edge, and none was found: {how}, or set BROWSER_FOR_TESTS to one."
    )


class Browser:
    """`with Browser(microphone=wav) as browser: notebook = browser.open(lab, "x.ipynb")`.

    `microphone`: a WAV played over and over, or None for a machine without one. `allow`: the learner grants it.
    `gesture`: the browser holds sound back until a click, as real ones do.
    """

    def __init__(
        self,
        microphone: Path | None = None,
        *,
        allow: bool = True,
        gesture: bool = False,
        repeat: bool = True,
        size: tuple[int, int] = (1100, 900),
    ) -> None:
        self._size = size
        self._allow = allow
        self.console: list[str] = []  # errors and uncaught exceptions
        self._args = [
            *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
            *("--disable-background-networking", "--disable-component-update"),
        ]
        if microphone:
            end = "" if repeat else "%noloop"
            self._args += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={microphone}{end}"]
        if allow:
            self._args += ["--use-fake-ui-for-media-stream"]
        self._args += ["--autoplay-policy=no-user-gesture-required"]
        self._gesture = gesture

    def __enter__(self) -> Self:
        self._playwright = sync_playwright().start()
        try:
            self._browser = self._playwright.chromium.launch(executable_path=find_browser(), args=self._args)
        except BaseException:
            self._playwright.stop()
            raise
        width, height = self._size
        self.context = self._browser.new_context(viewport={"width": width, "height": height})
        if self._gesture:
            self.context.add_init_script(_NO_SOUND_BEFORE_A_CLICK)
        if not self._allow:
            self.context.grant_permissions([])  # asked for anything, this browser says no
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._browser.close()
        self._playwright.stop()

    def open(self, lab: Lab, name: str) -> NotebookPage:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))
        page.on("console", lambda m: self.console.append(m.text) if m.type == "error" else None)
        page.goto(f"{lab.url}/notebooks/{name}" if lab.classic else f"{lab.url}/lab/tree/{name}?reset")
        return NotebookPage(page).wait_until_ready()


# playwright's own `evaluate` counts as a gesture, so the browser's rule is played here: no sound before a click or key.
_NO_SOUND_BEFORE_A_CLICK = """(() => {
  let clicked = false;
  for (const gesture of ['pointerdown', 'keydown'])
    window.addEventListener(gesture, event => { clicked ||= event.isTrusted; }, true);
  window.AudioContext = class extends window.AudioContext {
    constructor(options) { super(options); if (!clicked) super.suspend(); }
    resume() { return clicked ? super.resume() : new Promise(() => {}); }
  };
})()"""

# The notebook panel, found the same way in JupyterLab and Notebook 7.
_PANEL = """(() => {
  const shell = window.jupyterapp?.shell;
  if (!shell) return null;
  for (const widget of [shell.currentWidget, ...shell.widgets('main')])
    if (widget?.content?.model?.cells && widget.sessionContext) return widget;
  return null;
})()"""


class NotebookPage:
    """An open notebook: run it, click in it, read it. `page` is playwright's own page."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def wait_until_ready(self, timeout_s: float = 60) -> Self:
        """The notebook is on the screen and its kernel idle."""
        self._wait(f"(() => {{ const p = {_PANEL}; return p && p.content.model.cells.length; }})()", timeout_s)
        self._wait(f"{_PANEL}.sessionContext.session?.kernel?.connectionStatus == 'connected'", timeout_s)
        self._wait(f"{_PANEL}.sessionContext.session.kernel.status == 'idle'", timeout_s)
        self.page.evaluate(f"async () => {{ await {_PANEL}.sessionContext.session.kernel.info; }}")
        return self

    def _wait(self, condition: str, timeout_s: float, argument: object = None) -> None:
        self.page.wait_for_function(condition, arg=argument, timeout=timeout_s * 1000)

    # -- running ------------------------------------------------------------------------------------------------------

    def run_all(self) -> None:
        """*Run All Cells*, as the menu does it. Returns at once; `wait_until_done()` waits."""
        self._command("notebook:run-all-cells")

    def run_cell(self, index: int) -> None:
        """Run one cell. Returns at once."""
        self.page.evaluate(
            f"i => {{ const p = {_PANEL}; p.content.deselectAll(); p.content.activeCellIndex = i; }}", index
        )
        self._command("notebook:run-cell")

    def _command(self, name: str) -> None:
        self.page.evaluate(
            """name => { window.__running = (window.__running ?? 0) + 1;
            jupyterapp.commands.execute(name).finally(() => window.__running--); }""",
            name,
        )

    def wait_until_done(self, timeout_s: float = 60) -> None:
        """Every cell that was started is finished, on the screen too: none is left at [*]."""
        self._wait("window.__running === 0", timeout_s)
        # textContent here and below: JupyterLab does not lay out what is scrolled away, and that has no innerText.
        prompts = "[...document.querySelectorAll('.jp-InputPrompt')]"
        self._wait(f"!{prompts}.some(prompt => prompt.textContent.includes('*'))", timeout_s)

    def interrupt(self) -> None:
        """The kernel's stop button."""
        self.page.evaluate(f"async () => {{ await {_PANEL}.sessionContext.session.kernel.interrupt(); }}")

    def restart_kernel(self) -> None:
        self.page.evaluate(f"async () => {{ await {_PANEL}.sessionContext.session.kernel.restart(); }}")

    def reload(self) -> None:
        self.page.reload()
        self.page.wait_for_function(f"(() => {{ const p = {_PANEL}; return p && p.content.model.cells.length; }})()")

    def kernel(self, expression: str) -> Any:
        """The value (anything JSON can carry) of a Python expression in the idle kernel, outside of any cell."""
        code = f"import json as _json; print('\\x02' + _json.dumps({expression}))"
        said = self.page.evaluate(
            f"""async code => {{
                const future = {_PANEL}.sessionContext.session.kernel.requestExecute({{code, store_history: false}});
                let said = '';
                future.onIOPub = m => {{
                    if (m.header.msg_type == 'stream') said += m.content.text;
                    if (m.header.msg_type == 'error') said += m.content.ename + ': ' + m.content.evalue;
                }};
                await future.done;
                return said;
            }}""",
            code,
        )
        if "\x02" not in said:
            raise RuntimeError(said)
        return json.loads(said.partition("\x02")[2])

    # -- what is on the screen ----------------------------------------------------------------------------------------

    def cell(self, index: int) -> Locator:
        return self.page.locator(".jp-Cell").nth(index)

    def button(self, name: str, *, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def wait_for_text(self, text: str, *, timeout_s: float = 60, times: int = 1) -> None:
        """Until `text` stands `times` times in the cells' outputs."""
        self._wait(
            """([text, times]) => [...document.querySelectorAll('.jp-Cell-outputArea')]
            .map(o => o.textContent).join('\\n').split(text).length > times""",
            timeout_s,
            [text, times],
        )

    def outputs(self) -> list[str]:
        """The text below each code cell, as a reader sees it."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('.jp-CodeCell')]
            .map(c => c.querySelector('.jp-Cell-outputArea')?.innerText ?? '')"""
        )

    def errors(self) -> list[str]:
        """`Name: message` of every cell that failed."""
        return self.page.evaluate(
            f"""() => {_PANEL}.content.model.toJSON().cells.flatMap(c => c.outputs ?? [])
            .filter(o => o.output_type == 'error').map(o => o.ename + ': ' + o.evalue)"""
        )

    def set_theme(self, name: str) -> None:
        """ "JupyterLab Dark" or "JupyterLab Light"."""
        self.page.evaluate("name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name)
        self._wait("name => document.body.dataset.jpThemeName == name", 20, name)

    def screenshot(self, path: Path | str) -> None:
        self.page.screenshot(path=str(path))
