#!/usr/bin/env python3
"""Open or test the workbook. The first time it sets everything up, in .venv beside this file.

    python3 workbook.py lab      open the workbook in JupyterLab
    python3 workbook.py test     run every notebook and every test

Further words are passed on: `lab --no-browser --port 9999`, `test tests/test_audio.py -q`.
On Windows write `py` for `python3`. All it needs is Python 3.11 to 3.14.
"""

# Standard library only, and nothing that an older Python cannot read: it has to live long enough to say what is wrong.
import hashlib
import os
import platform
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NOTEBOOKS = ROOT / "notebooks"
FIRST_CHAPTER = NOTEBOOKS / "00_start_here.ipynb"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "workbook-stamp.txt"  # hashes of the requirements files that are installed
REQUIREMENTS = {"lab": ROOT / "requirements.txt", "test": ROOT / "requirements-dev.txt"}  # the second holds the first
BYTES_NEEDED = 2 * 10**9
MINORS = (13, 12, 11, 14)  # of Python 3, in the order we would choose
IS_USABLE = "import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 14) and sys.maxsize > 2**32))"
PIP_IN_ONE_FILE = "https://bootstrap.pypa.io/pip/pip.pyz"  # its makers' own, for a Python that comes without pip

CAUSES = (  # what an installer's output says -> what we say. The order matters: no network ends in "no matching" too
    (r"no space left|not enough space|errno 28\b", "The disk is full: free 2 GB and run this again."),
    (
        r"certificate",
        "A certificate was refused on the way to the package index, usually because a company's proxy stands "
        "between: ask for its certificate and name the file in SSL_CERT_FILE.",
    ),
    (
        r"name resolution|getaddrinfo|dns error|newconnectionerror|connection (refused|reset|error|aborted)|timed? ?out"
        r"|unreachable|error sending request|failed to fetch|max retries",
        "The package index did not answer: check the network (and the proxy, if there is one) and run this again.",
    ),
    (
        r"no matching distribution|no solution found|usable wheels|has no wheels",
        f"Some package has no build for this computer ({platform.platform()}): the workbook needs Linux with glibc "
        "2.34, macOS 15, or 64-bit Windows on Intel or AMD (an Intel Mac: Python 3.11 to 3.13), or newer.",
    ),
    (
        r"filename.{0,9} too long|winerror 206",
        "This folder's path is too long for Windows: move the folder up, say to C:\\workbook.",
    ),
    (
        r"permission denied|access is denied|read-only file",
        "Some files could not be written: close JupyterLab if it is open, and put the workbook in a folder of yours.",
    ),
)


class Trouble(Exception):
    """One sentence for the learner: what happened, likely why, what to do."""


def say(text: str) -> None:
    print(text, flush=True)


def clean_environment() -> dict:
    """The environment of all child processes, without what lets another Python's packages leak in."""
    leaks = ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "__PYVENV_LAUNCHER__", "JUPYTER_PATH"]
    leaks += ["PIP_TARGET", "PIP_PREFIX", "PIP_PYTHON", "PIP_REQUIRE_VIRTUALENV", "UV_SYSTEM_PYTHON", "UV_PYTHON"]
    env = {name: value for name, value in os.environ.items() if name not in leaks and not name.startswith("CONDA_")}
    env.update(VIRTUAL_ENV=str(VENV), PYTHONNOUSERSITE="1", PYTHONUTF8="1", PIP_USER="0", JUPYTER_PREFER_ENV_PATH="1")
    env["PATH"] = str(PYTHON.parent) + os.pathsep + env.get("PATH", "")
    return env


def succeeds(*command) -> bool:
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return subprocess.run([str(word) for word in command], env=clean_environment(), **quiet).returncode == 0
    except OSError:
        return False


def run(*command) -> str:
    """Run one step, showing its larger downloads and signs of life; return "" or, where it failed, its output."""
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=str(ROOT),
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines, output, started = queue.Queue(), "", time.monotonic()

    def read() -> None:
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=15)
        except queue.Empty:
            say(f"    still at it, {time.monotonic() - started:.0f} s")
            continue
        if line is None:
            return output if process.wait() else ""
        output += line
        download = re.search(r"Downloading (\S+ \([\d.]+ ?[MG]i?B\))", line)
        if download:
            say(f"    {download.group(1)}")


def find_uv() -> list:
    # asked, not just looked for: pyenv puts a `uv` on the PATH that may have nothing behind it
    return next((list(uv) for uv in [("uv",), (sys.executable, "-m", "uv")] if succeeds(*uv, "--version")), [])


def find_python() -> list:
    """The command of a Python that will do: the one running this, else another of this computer, else []."""
    others = [("py", f"-3.{minor}") if os.name == "nt" else (f"python3.{minor}",) for minor in MINORS]
    return next((list(python) for python in [(sys.executable,), *others] if succeeds(*python, "-c", IS_USABLE)), [])


def find_pip(python: list) -> list:
    """A pip that can install into .venv: its own, the system's, or one fetched (Debian keeps pip and venv apart)."""
    for pip in ([PYTHON, "-m", "pip"], [*python, "-m", "pip", "--python", PYTHON]):
        if succeeds(*pip, "--version"):
            return pip
    say("  fetching pip, which this Python comes without")
    try:
        urllib.request.urlretrieve(PIP_IN_ONE_FILE, str(VENV / "pip.pyz"))
    except OSError:
        raise Trouble(
            "This Python comes without pip, and none could be fetched: check the network, or install one "
            "(Debian, Ubuntu: `sudo apt install python3-venv`), and run this again."
        ) from None
    return [PYTHON, VENV / "pip.pyz"]


def make_venv(uv: list, python: list) -> None:
    if VENV.exists():
        say("  removing the old .venv, which does not work (any more)")
        shutil.rmtree(str(VENV))
    if uv:
        failure = run(*uv, "venv", "--python", sys.executable if python[:1] == [sys.executable] else "3.13", VENV)
    else:
        failure = run(*python, "-m", "venv", VENV) and run(*python, "-m", "venv", "--clear", "--without-pip", VENV)
    if failure:
        raise Trouble(explain(failure))


def explain(output: str) -> str:
    for pattern, sentence in CAUSES:
        if re.search(pattern, output, re.IGNORECASE):
            return sentence
    return "The set-up failed, and why is not plain; its last words were:\n" + "\n".join(output.splitlines()[-12:])


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def set_up(wanted: str) -> None:
    """Make .venv hold what `wanted` ("lab" or "test") requires; quick where it does already."""
    working = succeeds(PYTHON, "-c", IS_USABLE)
    if working and STAMP.exists() and digest(REQUIREMENTS[wanted]) in STAMP.read_text():
        return
    uv, python, started = find_uv(), find_python(), time.monotonic()
    if not (uv or python):
        raise Trouble(
            f"This is {platform.python_implementation()} {platform.python_version()} ({platform.architecture()[0]}) "
            "and the workbook needs a 64-bit Python 3.11 to 3.14: install one from python.org and run this with it "
            "(Windows: `py -3.13 workbook.py " + wanted + "`)."
        )
    if shutil.disk_usage(str(ROOT)).free < BYTES_NEEDED:
        raise Trouble("Less than 2 GB of disk are free, and the packages need that much: make room and run this again.")
    if os.pathsep in str(ROOT):
        raise Trouble(f"No Python environment can live in a folder with {os.pathsep!r} in its path: rename the folder.")
    say(f"Setting up in .venv, with {'uv' if uv else 'pip'}. Once only; a few minutes on a slow line.")
    if not working:
        make_venv(uv, python)
    say(f"  installing the packages of {REQUIREMENTS[wanted].name}")
    STAMP.write_text("")
    pip = [*uv, "pip", "install", "--python", PYTHON] if uv else [*find_pip(python), "install", "--progress-bar=off"]
    failure = run(*pip, "--only-binary=:all:", "-r", REQUIREMENTS[wanted])
    if failure and uv and python:  # pip may know of a mirror or a proxy that uv was not told about
        say("  uv could not; trying pip")
        failure = run(
            *find_pip(python), "install", "--progress-bar=off", "--only-binary=:all:", "-r", REQUIREMENTS[wanted]
        )
    if failure:
        raise Trouble(explain(failure))
    (site,) = VENV.glob("Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages")
    (site / "workbook.pth").write_text(os.path.relpath(str(ROOT), str(site)))  # so that `import realtime_helpers` works
    STAMP.write_text(
        "\n".join(digest(file) for file in (REQUIREMENTS.values() if wanted == "test" else [REQUIREMENTS["lab"]]))
    )
    say(f"Ready after {time.monotonic() - started:.0f} s.")


def hand_over(command: list, folder: Path) -> int:
    """Become `command` or, on Windows, run it; Ctrl+C is its own affair, and its exit code is ours."""
    command = [str(word) for word in command]
    os.chdir(str(folder))
    if os.name != "nt":
        os.execve(command[0], command, clean_environment())
    process = subprocess.Popen(command, env=clean_environment())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass


def main(words: list) -> int:
    if not words or words[0] not in REQUIREMENTS:
        say(__doc__.strip())
        return 0 if words and words[0] in ("-h", "--help", "help") else 2
    wanted, extra = words[0], words[1:]
    try:
        set_up(wanted)
    except Trouble as trouble:
        say(f"\n{trouble}")
        return 1
    except OSError as error:
        say("\n" + explain(str(error)))
        return 1
    except KeyboardInterrupt:
        say("\nStopped. Run it again to go on.")
        return 130
    if wanted == "test":
        return hand_over([PYTHON, "-m", "pytest", *extra], ROOT)
    if FIRST_CHAPTER.exists() and not any(word.endswith(".ipynb") for word in extra):
        extra = [FIRST_CHAPTER.name, *extra]
    if os.name != "nt" and os.geteuid() == 0:
        extra.append("--allow-root")  # a container, most likely; JupyterLab's token still guards the door
    say("Opening JupyterLab. Leave this window open; Ctrl+C here ends it.")
    return hand_over([PYTHON, "-m", "jupyterlab", *extra], NOTEBOOKS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
