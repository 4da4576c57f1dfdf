#!/usr/bin/env python3
"""Open or test the workbook. The first time it sets everything up, in .venv beside this file.

    python3 workbook.py lab        open the workbook in JupyterLab
    python3 workbook.py test       run every notebook and every test
    python3 workbook.py exercises  make notebooks/exercises anew from the chapters

Further words are passed on: `lab --no-browser --port 9999`, `test tests/test_audio.py -q`.
On Windows write `py` for `python3`. All it needs is Python 3.11 to 3.14.
"""

# Standard library only, and nothing an older Python 3 cannot read: it has to live long enough to say what is wrong.
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
NEEDS = {"lab": "lab", "test": "test", "exercises": "lab"}  # command: whose requirements
BYTES_NEEDED = 2 * 10**9
MINORS = (13, 12, 11, 14)  # of Python 3, in the order we would choose
WHICH = "import sys; print((3, 11) <= sys.version_info[:2] <= (3, 14) and sys.maxsize > 2**32 and sys.executable or '')"
PIP_IN_ONE_FILE = "https://bootstrap.pypa.io/pip/pip.pyz"  # its makers' own, for a Python that comes without pip

CAUSES = {  # what an installer's output says: what we say. The order matters, as no network ends in "no matching" too
    r"no space left|not enough space|errno 28\b": "The disk is full: free 2 GB and run this again.",
    r"certificate": "A certificate was refused, usually because a company's proxy stands between: "
    "ask for the proxy's certificate and name its file in SSL_CERT_FILE.",
    r"name resolution|getaddrinfo|dns error|newconnectionerror|connection (refused|reset|error|aborted)|timed? ?out"
    r"|unreachable|error sending request|failed to (fetch|download)|max retries": "A download failed: "
    "check the network (and the proxy, if there is one) and run this again.",
    r"no matching distribution|no solution found|usable wheels|has no wheels": "Some package has no build for this "
    f"computer ({platform.platform()}, Python {platform.python_version()}): the workbook needs Linux with glibc 2.34, "
    "macOS 15, or Windows on Intel or AMD, or newer; on an Intel Mac, Python 3.11 to 3.13.",
    r"filename.{0,9} too long|winerror 206": "This folder's path is too long: move it up, say to C:\\workbook.",
    r"permission denied|access is denied|read-only file": "Some files could not be written: close JupyterLab if it is "
    "open, and keep the workbook in a folder of your own.",
}


class Trouble(Exception):
    """One sentence for the learner: what happened, likely why, what to do."""


def say(text: str) -> None:
    print(text, flush=True)


def explain(output: str) -> Trouble:
    for pattern, sentence in CAUSES.items():
        if re.search(pattern, output, re.IGNORECASE):
            return Trouble(sentence)
    return Trouble("The set-up failed, and why is not plain; its last words were:\n" + output.strip()[-1500:])


def clean_environment() -> dict:
    """The environment of all child processes, without what lets another Python's packages leak in."""
    leaks = ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "__PYVENV_LAUNCHER__", "JUPYTER_PATH"]
    leaks += ["PIP_TARGET", "PIP_PREFIX", "PIP_PYTHON", "PIP_REQUIRE_VIRTUALENV", "UV_SYSTEM_PYTHON", "UV_PYTHON"]
    env = {name: value for name, value in os.environ.items() if name not in leaks and not name.startswith("CONDA_")}
    env.update(VIRTUAL_ENV=str(VENV), PYTHONNOUSERSITE="1", PYTHONUTF8="1", PIP_USER="0", JUPYTER_PREFER_ENV_PATH="1")
    env["PATH"] = str(PYTHON.parent) + os.pathsep + env.get("PATH", "")
    return env


def answer(*command) -> str:
    """What a command prints, or "" where it fails or does not exist."""
    try:
        command = [str(word) for word in command]
        return (
            subprocess.check_output(
                command, env=clean_environment(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            .decode(errors="replace")
            .strip()
        )
    except (OSError, subprocess.CalledProcessError):
        return ""


def run(*command) -> str:
    """Run one step, showing its larger downloads and signs of life; return "" or, where it failed, its output."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen([str(word) for word in command], cwd=str(ROOT), env=clean_environment(), **pipes)
    lines, output, started = queue.Queue(), "", time.monotonic()

    def read() -> None:
        for line in iter(process.stdout.readline, b""):
            lines.put(line.decode(errors="replace"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=15)
        except queue.Empty:
            say(f"    still at it, {time.monotonic() - started:.0f} s")
            continue
        if line is None:
            return (output or "no output") if process.wait() else ""
        output += line
        download = re.search(r"Downloading (\S+ \([\d.]+ ?[MG]i?B\))", line)
        if download:
            say(f"    {download.group(1)}")


def find_uv() -> list:
    # asked, not just looked for: pyenv puts a `uv` on the PATH that may have nothing behind it
    return next((list(uv) for uv in [("uv",), (sys.executable, "-m", "uv")] if answer(*uv, "--version")), [])


def find_python() -> str:
    """A Python that will do: the one running this, else another one of this computer, else ""."""
    others = [("py", f"-3.{minor}") if os.name == "nt" else (f"python3.{minor}",) for minor in MINORS]
    return next(filter(None, (answer(*python, "-c", WHICH) for python in [(sys.executable,), *others])), "")


def find_pip(python: str) -> list:
    """A pip that can install into .venv: its own, the system's, or one fetched (Debian keeps pip and venv apart)."""
    for pip in ([PYTHON, "-m", "pip"], [python, "-m", "pip", "--python", PYTHON]):
        if answer(*pip, "--version"):
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


def make_venv(uv: list, python: str) -> None:
    if VENV.exists():
        say("  removing the old .venv, which does not work (any more)")
        shutil.rmtree(str(VENV))
    if uv:
        failure = run(*uv, "venv", "--python", python or "3.13", VENV)  # having none at all, uv fetches one
    else:
        failure = run(python, "-m", "venv", VENV) and run(python, "-m", "venv", "--clear", "--without-pip", VENV)
    if failure:
        raise explain(failure)


def install(uv: list, python: str, requirements: Path) -> None:
    say(f"  installing the packages of {requirements.name}")
    what = ["--only-binary=:all:", "-r", requirements]  # a build from source would end in a page of compiler errors
    failure = run(*uv, "pip", "install", "--python", PYTHON, *what) if uv else "none"
    if failure and python:  # pip may have been told of a proxy or a mirror that uv has not
        failure = run(*find_pip(python), "install", "--progress-bar=off", *what)
    if failure:
        raise explain(failure)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def set_up(wanted: str) -> None:
    """Make .venv hold what `wanted` ("lab" or "test") requires; quick where it does already."""
    working = answer(PYTHON, "-c", WHICH)
    if working and STAMP.exists() and digest(REQUIREMENTS[wanted]) in STAMP.read_text():
        return
    uv, python, started = find_uv(), find_python(), time.monotonic()
    if not (uv or python):
        raise Trouble(
            f"This is Python {platform.python_version()} ({platform.architecture()[0]}), and the workbook needs a "
            "64-bit Python 3.11 to 3.14: install one from python.org and run this with it "
            f"(Windows: `py -3.13 workbook.py {wanted}`)."
        )
    if shutil.disk_usage(str(ROOT)).free < BYTES_NEEDED:
        raise explain("no space left")
    if os.pathsep in str(ROOT):
        raise Trouble(f"No Python environment can live in a folder with {os.pathsep!r} in its path: rename the folder.")
    say(f"Setting up in .venv, with {'uv' if uv else 'pip'}: once only, some minutes on a slow line.")
    if not working:
        make_venv(uv, python)
    STAMP.write_text("")
    install(uv, python, REQUIREMENTS[wanted])
    site = next(VENV.glob("Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages"))
    (site / "workbook.pth").write_text(os.path.relpath(str(ROOT), str(site)))  # for `import realtime_helpers`
    STAMP.write_text("\n".join(digest(REQUIREMENTS[name]) for name in {wanted, "lab"}))
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
    if not words or words[0] not in NEEDS:
        say(__doc__.strip())
        return 0 if words and words[0] in ("-h", "--help", "help") else 2
    wanted, extra = words[0], words[1:]
    try:
        set_up(NEEDS[wanted])
    except (Trouble, OSError) as error:
        say(f"\n{error if isinstance(error, Trouble) else explain(str(error))}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. Run it again to go on.")
        return 130
    if wanted == "test":
        return hand_over([PYTHON, "-m", "pytest", *extra], ROOT)
    if wanted == "exercises":
        return hand_over([PYTHON, NOTEBOOKS / "make_exercises.py", *extra], ROOT)
    if FIRST_CHAPTER.exists() and not any(word.endswith(".ipynb") for word in extra):
        extra = [f"--LabApp.default_url=/lab/tree/{FIRST_CHAPTER.name}", *extra]
    if os.name != "nt" and os.geteuid() == 0:
        extra = [*extra, "--allow-root"]  # in a container, most likely; JupyterLab's token guards the door as always
    say("Opening JupyterLab. Leave this window open; Ctrl+C here ends it.")
    return hand_over([PYTHON, "-m", "jupyterlab", *extra], NOTEBOOKS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
