"""A JupyterLab or Notebook 7 server to throw away: its own folders, a free port, the tests' own Python."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import Request, urlopen

REPOSITORY = Path(__file__).resolve().parents[2]
_STARTS_WITHIN_S = 90


class Lab:
    """`with Lab(folder) as lab:` serves `folder` at `lab.url`. `classic`: Notebook 7; `env`: for its kernels too."""

    def __init__(
        self, folder: Path | None = None, *, classic: bool = False, env: Mapping[str, str] | None = None
    ) -> None:
        self.own = Path(tempfile.mkdtemp(prefix="lab-"))
        self.folder = folder or self.own / "notebooks"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.classic = classic
        self._env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "JUPYTER_PREFER_ENV_PATH": "1",
            **{
                name: str(self.own / name.lower())
                for name in (
                    *("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"),
                    *("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"),
                )
            },
            **(env or {}),
        }

    def write(self, name: str, *cells: str) -> str:
        """A notebook of these code cells in the served folder; returns its name, for `Browser.open`."""
        (self.folder / name).write_text(json.dumps(notebook(cells)), encoding="utf-8")
        return name

    def __enter__(self) -> Self:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = (self.own / "server.log").open("wb")
        settings = self.own / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True, exist_ok=True)
        # No question about news, which would lie over the buttons, and no look-up of updates.
        quiet = {"fetchNews": "false", "checkForUpdates": False}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet), encoding="utf-8")
        app = "notebook" if self.classic else "jupyterlab"
        expose = "JupyterNotebookApp" if self.classic else "LabApp"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", app, "--no-browser", "--ip=127.0.0.1", f"--port={port}"),
                *("--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.allow_root=True"),
                *("--ServerApp.disable_check_xsrf=True", f"--{expose}.expose_app_in_browser=True"),
                f"--ServerApp.root_dir={self.folder}",
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=self._env,
            start_new_session=True,
        )
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                self.get("/api/status")
                return self
            except (URLError, OSError):
                time.sleep(0.1)  # a server that does not listen yet has no event to wait for
        self.__exit__(None, None, None)
        raise RuntimeError(f"{app} did not start:\n{self.log()[-3000:]}")

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(URLError, OSError):
            self.stop_kernels()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        if error is None:
            shutil.rmtree(self.own, ignore_errors=True)

    def get(self, path: str):
        with urlopen(self.url + path, timeout=5) as answer:
            return json.load(answer)

    def kernels(self) -> list[dict]:
        return self.get("/api/kernels")

    def stop_kernels(self) -> None:
        for kernel in self.kernels():
            urlopen(Request(f"{self.url}/api/kernels/{kernel['id']}", method="DELETE"), timeout=10).close()

    def log(self) -> str:
        return (self.own / "server.log").read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def notebook(cells: Iterable[str]) -> dict:
    """nbformat 4 out of the source of code cells."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
        "cells": [
            {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": c, "outputs": [], "execution_count": None}
            for i, c in enumerate(cells)
        ],
    }
