"""How long from a fresh clone to JupyterLab open on chapter 0?

    python3 benchmarks/fresh_clone.py [--installer uv|pip] [--cold]

Clones this repository's last commit into a temporary folder, runs `workbook.py lab --no-browser` there, and stops the
clock when JupyterLab answers a request for its page; then once more, with the environment made. Standard library only.
`--cold` keeps the installers from their caches, as on a new machine; the network's speed then matters most.
"""

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def seconds_to_open(clone: Path, env: dict[str, str]) -> float:
    """From the command to JupyterLab's page; ends it again. RuntimeError with its output if it never opens."""
    started = time.perf_counter()
    command = [sys.executable, "workbook.py", "lab", "--no-browser", "--IdentityProvider.token=sesame"]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    lab = subprocess.Popen(command, cwd=clone, env=env, text=True, **pipes)
    said = []
    try:
        for line in lab.stdout:
            said.append(line)
            if match := re.search(r"(http://[^/ ]+)(/lab/tree/\S+?)\?", line):
                break
        else:
            raise RuntimeError("".join(said))
        threading.Thread(target=lab.stdout.read, daemon=True).start()
        server, page = match.groups()
        while True:
            try:
                urllib.request.urlopen(f"{server}{page}?token=sesame", timeout=60).close()
                break
            except ConnectionError:
                time.sleep(0.02)
            except urllib.error.URLError as error:  # it names its address a moment before it listens there
                if not isinstance(error.reason, ConnectionError):
                    raise
                time.sleep(0.02)
        elapsed = time.perf_counter() - started
        stop = urllib.request.Request(f"{server}/api/shutdown?token=sesame", method="POST")
        urllib.request.urlopen(stop, timeout=30).close()
        lab.wait(timeout=60)
        return elapsed
    finally:
        lab.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--installer", choices=["uv", "pip"], default="uv")
    parser.add_argument("--cold", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        clone, env = Path(folder) / "clone", dict(os.environ)
        if args.installer == "pip":  # hide uv
            if importlib.util.find_spec("uv"):
                sys.exit(
                    "This Python has uv among its packages, and workbook.py would use it: measure with another Python."
                )
            env["PATH"] = os.pathsep.join(d for d in env["PATH"].split(os.pathsep) if not shutil.which("uv", path=d))
        elif not shutil.which("uv"):
            sys.exit("There is no uv on the PATH: install it, or measure with --installer pip.")
        if args.cold:
            env.update(UV_CACHE_DIR=f"{folder}/uv", PIP_CACHE_DIR=f"{folder}/pip")
        started = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        cloned = time.perf_counter() - started
        first, again = seconds_to_open(clone, env), seconds_to_open(clone, env)
        size = sum(f.stat().st_size for f in (clone / ".venv").rglob("*") if f.is_file() and not f.is_symlink())
    caches = "cold" if args.cold else "warm"
    print(f"{args.installer}, {caches} caches, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    print(f"clone {cloned:.1f} s; .venv {size / 1e6:.0f} MB")
    print(f"first `workbook.py lab` to JupyterLab open {first:.1f} s; again {again:.1f} s")


if __name__ == "__main__":
    main()
