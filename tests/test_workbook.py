"""workbook.py: what it says when something is missing, what it keeps out, when it installs, and that the lab opens."""

import ast
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "workbook.py"


@pytest.fixture
def workbook(tmp_path, monkeypatch):
    """A fresh import of workbook.py that believes itself in an empty folder."""
    spec = importlib.util.spec_from_file_location("workbook_under_test", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "stamp.txt")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / module.PYTHON.relative_to(ROOT / ".venv"))
    monkeypatch.setattr(module, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(module, "FIRST_CHAPTER", tmp_path / "notebooks" / "00_start_here.ipynb")
    requirements = {"lab": tmp_path / "requirements.txt", "test": tmp_path / "requirements-dev.txt"}
    for name, path in requirements.items():
        path.write_text(f"# {name}\n")
    monkeypatch.setattr(module, "REQUIREMENTS", requirements)
    return module


@pytest.fixture
def steps(workbook, monkeypatch):
    """A workbook whose steps are written down, and succeed, instead of being run."""
    taken = []

    def run(*command):
        taken.append([str(word) for word in command])
        if "venv" in taken[-1]:
            site = "Lib/site-packages" if os.name == "nt" else "lib/python3.11/site-packages"
            (workbook.VENV / site).mkdir(parents=True, exist_ok=True)
        return ""

    def answer(*command):
        if str(command[0]) == str(workbook.PYTHON):
            return str(workbook.PYTHON) if workbook.VENV.exists() else ""
        return sys.executable if command[0] == sys.executable and "-c" in command else ""

    monkeypatch.setattr(workbook, "run", run)
    monkeypatch.setattr(workbook, "answer", answer)
    return taken


def test_it_needs_only_the_standard_library_and_an_old_python_can_read_it():
    tree = ast.parse(FILE.read_text("utf-8"), feature_version=(3, 6))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError('<HTTPSConnection>: "
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')'\n"
            "ERROR: No matching distribution found for anyio==4.16.0",
            "check the network",
        ),
        ("error: Failed to fetch: `https://host/x`\n  Caused by: dns error", "check the network"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "proxy's certificate"),
        ("ERROR: No matching distribution found for moonshine-voice==0.1.0", "macOS 15"),
        ("error: moonshine-voice==0.1.0 has no usable wheels", "glibc 2.34"),
        ("[WinError 206] The filename or extension is too long", "path is too long"),
        ("PermissionError: [WinError 5] Access is denied: 'python.exe'", "close JupyterLab"),
        ("something never seen before", "something never seen before"),
    ],
)
def test_a_failed_installation_is_explained(workbook, output, words):
    assert words in str(workbook.explain(output))


def test_nothing_of_another_python_leaks_in(workbook, monkeypatch):
    for name in ("PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "PIP_TARGET", "UV_SYSTEM_PYTHON"):
        monkeypatch.setenv(name, "/somewhere/else")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    env = workbook.clean_environment()
    assert "/somewhere/else" not in env.values()
    assert env["HTTPS_PROXY"] == "http://proxy:3128", "what the network needs must stay"
    assert env["PATH"].startswith(str(workbook.PYTHON.parent))
    assert env["JUPYTER_PREFER_ENV_PATH"] == "1", "an old kernel in the learner's home would win"


def test_it_installs_once_and_again_only_when_the_pins_change(workbook, steps):
    workbook.set_up("lab")
    assert steps[0][1:3] == ["-m", "venv"]
    assert steps[1][-2:] == ["-r", str(workbook.REQUIREMENTS["lab"])]
    steps.clear()
    workbook.set_up("lab")
    assert steps == []
    workbook.REQUIREMENTS["lab"].write_text("# newer\n")
    workbook.set_up("lab")
    assert len(steps) == 1 and "install" in steps[0], "a .venv that works is kept"


def test_tests_need_more_and_the_lab_is_content_with_it(workbook, steps):
    workbook.set_up("lab")
    steps.clear()
    workbook.set_up("test")
    assert steps[0][-1] == str(workbook.REQUIREMENTS["test"])
    steps.clear()
    workbook.set_up("lab")
    workbook.set_up("test")
    assert steps == []


def test_an_installation_that_failed_is_tried_again(workbook, steps, monkeypatch):
    succeeding = workbook.run
    monkeypatch.setattr(workbook, "run", lambda *words: "dns error" if "install" in words else succeeding(*words))
    with pytest.raises(workbook.Trouble, match="network"):
        workbook.set_up("lab")
    monkeypatch.setattr(workbook, "run", succeeding)
    steps.clear()
    workbook.set_up("lab")
    assert any("install" in step for step in steps)


def test_the_helpers_can_be_imported_from_the_environment(workbook, steps):
    workbook.set_up("lab")
    (pth,) = workbook.VENV.rglob("workbook.pth")
    line = pth.read_text()
    assert line.isascii(), "a relative path has no letters that some Windows would misread"
    assert (pth.parent / line).resolve() == workbook.ROOT.resolve()


def test_pip_takes_over_where_uv_fails(workbook, steps, monkeypatch):
    succeeding = workbook.run
    monkeypatch.setattr(workbook, "find_uv", lambda: ["uv"])
    monkeypatch.setattr(
        workbook, "run", lambda *words: succeeding(*words) or ("dns error" if words[1] == "pip" else "")
    )
    monkeypatch.setattr(workbook, "find_pip", lambda python: ["the-pip"])
    workbook.set_up("lab")
    assert [step[0] for step in steps] == ["uv", "uv", "the-pip"]


def test_no_python_that_will_do(workbook, monkeypatch, capsys):
    monkeypatch.setattr(workbook, "answer", lambda *command: "")
    assert workbook.main(["lab"]) == 1
    assert re.search(r"This is Python 3\.\d+.* needs a 64-bit Python 3\.11 to 3\.14: install", capsys.readouterr().out)


def test_python_without_venv_and_pip_gets_them(workbook, steps, monkeypatch):
    """Debian's: `venv` makes no pip there, and where python3-pip is missing too, pip is fetched."""
    monkeypatch.setattr(workbook, "PIP_IN_ONE_FILE", (workbook.ROOT / "pip.zip").as_uri())
    (workbook.ROOT / "pip.zip").write_bytes(b"pip")
    succeeding = workbook.run

    def run(*words):
        return "ensurepip is not available" if words[1:3] == ("-m", "venv") and len(words) == 4 else succeeding(*words)

    monkeypatch.setattr(workbook, "run", run)
    answer = workbook.answer
    monkeypatch.setattr(workbook, "answer", lambda *words: "" if "pip" in words else answer(*words))
    workbook.set_up("lab")
    assert "--without-pip" in steps[0]
    assert steps[1][:2] == [str(workbook.PYTHON), str(workbook.VENV / "pip.pyz")]
    assert (workbook.VENV / "pip.pyz").read_bytes() == b"pip"


def test_no_pip_and_no_network_names_the_package_to_install(workbook, monkeypatch):
    monkeypatch.setattr(workbook, "answer", lambda *command: "")
    monkeypatch.setattr(workbook, "PIP_IN_ONE_FILE", (workbook.ROOT / "nothing-here").as_uri())
    workbook.VENV.mkdir()
    with pytest.raises(workbook.Trouble, match="sudo apt install python3-venv"):
        workbook.find_pip(sys.executable)


def test_a_full_disk_is_noticed_before_anything_is_done(workbook, steps, monkeypatch, capsys):
    monkeypatch.setattr(workbook, "BYTES_NEEDED", 10**18)
    assert workbook.main(["lab"]) == 1
    assert "disk is full" in capsys.readouterr().out and steps == []


def test_the_outcome_and_the_downloads_of_a_step_are_seen(workbook, capsys):
    step = "print('Downloading numpy-2.5.5.whl (16.8 MB)'); print('Downloading six.whl (11 kB)'); raise SystemExit({})"
    assert workbook.run(sys.executable, "-c", step.format(0)) == ""
    assert "six.whl" in workbook.run(sys.executable, "-c", step.format(3))
    assert capsys.readouterr().out.splitlines()[0].strip() == "numpy-2.5.5.whl (16.8 MB)"


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["test"], ["-m", "pytest"]),
        (["test", "tests/test_audio.py", "-q"], ["-m", "pytest", "tests/test_audio.py", "-q"]),
        (
            ["lab", "--port", "9999"],
            ["-m", "jupyterlab", "--LabApp.default_url=/lab/tree/00_start_here.ipynb", "--port", "9999"],
        ),
        (["lab", "02_audio_input.ipynb"], ["-m", "jupyterlab", "02_audio_input.ipynb"]),
        (["exercises"], ["{notebooks}{sep}make_exercises.py"]),
    ],
)
def test_further_words_are_passed_on(workbook, monkeypatch, words, command):
    handed = []
    monkeypatch.setattr(workbook, "set_up", lambda wanted: None)
    monkeypatch.setattr(workbook, "hand_over", lambda command, folder: handed.append(command) or 7)
    workbook.NOTEBOOKS.mkdir()
    workbook.FIRST_CHAPTER.touch()
    assert workbook.main(words) == 7
    command = [word.format(notebooks=workbook.NOTEBOOKS, sep=os.sep) for word in command]
    assert [str(word) for word in handed[0][1:] if word != "--allow-root"] == command


def test_without_words_it_says_what_it_can_do(workbook, capsys):
    assert workbook.main([]) == 2 and workbook.main(["--help"]) == 0 and workbook.main(["dance"]) == 2
    assert "workbook.py lab" in capsys.readouterr().out


def without_set_up(*words: str) -> list[str]:
    """The command of workbook.py with the environment that runs this test instead of one of its own."""
    script = (
        "import sys, workbook; workbook.set_up = lambda wanted: None; workbook.PYTHON = workbook.Path(sys.executable); "
    )
    return [sys.executable, "-c", script + f"sys.exit(workbook.main({list(words)!r}))"]


def test_the_exit_code_is_the_tests_own(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it():\n    assert False\n")
    command = without_set_up("test", str(tmp_path / "test_it.py"), "-q", "-p", "no:cacheprovider")
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 1 and "1 failed" in result.stdout, result.stdout + result.stderr


def test_lab_opens_on_the_first_chapter():
    """The real JupyterLab, its set-up aside: it answers, offers the chapters, and opens chapter 0."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = without_set_up("lab", "--no-browser", "--port", str(port), "--IdentityProvider.token=sesame")
    lab = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        said = b""
        for line in lab.stdout:
            said += line
            if opened := re.search(rb"(http://[^/ ]+)/lab/tree/00_start_here\.ipynb", line):
                break
        else:
            pytest.fail(said.decode())
        threading.Thread(target=lab.stdout.read, daemon=True).start()
        server = opened.group(1).decode()
        while True:
            try:
                response = urllib.request.urlopen(f"{server}/api/contents?token=sesame", timeout=30)
                break
            except OSError:  # it names its address before it listens there, and says nothing when it does
                assert lab.poll() is None
                time.sleep(0.1)
        assert "04_audio_output.ipynb" in {entry["name"] for entry in json.load(response)["content"]}
        stop = urllib.request.Request(f"{server}/api/shutdown?token=sesame", method="POST")
        urllib.request.urlopen(stop, timeout=30).close()
        assert lab.wait(timeout=30) == 0
    finally:
        lab.kill()
