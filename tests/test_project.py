"""What the project's files promise one another."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HELPERS = sorted((ROOT / "realtime_helpers").rglob("*.py"))
ASKED_FOR = ["jupyterlab", "ipywidgets", "openai", "numpy", "soundfile", "ipywebrtc", "nest-asyncio2", "nbval"]

# a sample of the computers the pins must serve; one Python each is enough for the markers in use
COMPUTERS = {
    "Linux x64": {"sys_platform": "linux", "os_name": "posix", "platform_machine": "x86_64"},
    "Linux arm64": {"sys_platform": "linux", "os_name": "posix", "platform_machine": "aarch64"},
    "Windows x64": {"sys_platform": "win32", "os_name": "nt", "platform_machine": "AMD64"},
    "Mac arm64": {"sys_platform": "darwin", "os_name": "posix", "platform_machine": "arm64"},
    "Mac Intel": {"sys_platform": "darwin", "os_name": "posix", "platform_machine": "x86_64"},
}
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def pins(path: str) -> list[Requirement]:
    return [Requirement(line) for line in text(path).splitlines() if line and not line.startswith("#")]


def versions_for(path: str, environment: dict[str, str]) -> dict[str, str]:
    """name -> version, as an installer on that computer would read the file; fails if a name has two versions there."""
    found: dict[str, str] = {}
    for pin in pins(path):
        if pin.marker is None or pin.marker.evaluate(environment):
            (specifier,) = pin.specifier
            name = canonicalize_name(pin.name)
            assert name not in found, f"{name} is pinned twice for {environment}"
            found[name] = specifier.version
    return found


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def test_the_packages_asked_for_are_declared_and_explained():
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    assert set(ASKED_FOR) <= declared
    openai = next(Requirement(line) for line in PROJECT["dependencies"] if line.startswith("openai"))
    assert openai.extras == {"realtime"}
    for name in ASKED_FOR:
        assert f"`{name}" in text("README.md"), f"README does not say what {name} is for"


@pytest.mark.parametrize("path", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_an_exact_pin_and_nothing_else(path):
    lines = [line for line in text(path).splitlines() if line and not line.startswith("#")]
    assert len(lines) > 100
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s;@]+( ; [^@]+)?", line), line


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("computer", COMPUTERS)
def test_pins_satisfy_what_the_project_declares(computer, python):
    environment = {
        **COMPUTERS[computer],
        "python_version": python,
        "python_full_version": f"{python}.9",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    lab, test = (versions_for(path, environment) for path in ("requirements.txt", "requirements-dev.txt"))
    for pins, declared in ((lab, PROJECT["dependencies"]), (test, PROJECT["optional-dependencies"]["dev"])):
        for line in declared:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate(environment):
                assert pins[canonicalize_name(need.name)] in need.specifier, line
    assert lab.items() <= test.items(), "the tests would run on other versions than the workbook"


@pytest.mark.parametrize("python", PYTHONS)
def test_every_supported_python_is_allowed_by_the_project_and_by_workbook_py(python):
    assert python in SpecifierSet(PROJECT["requires-python"])
    lower, upper = re.search(r"\((3, \d+)\) <= sys.version_info\[:2\] <= \((3, \d+)\)", text("workbook.py")).groups()
    assert tuple(map(int, lower.split(","))) <= tuple(map(int, python.split("."))) <= tuple(map(int, upper.split(",")))


def test_environment_yml_installs_the_same_pins():
    environment = yaml.safe_load(text("environment.yml"))
    *conda, pip = environment["dependencies"]
    assert pip == {"pip": ["-r requirements.txt", "-e ."]}
    assert [re.split("[=<>]", item)[0] for item in conda] == ["python", "pip"], (
        "a package conda brings is one not pinned"
    )
    assert conda[0].removeprefix("python=") in PYTHONS


def test_pre_commit_uses_the_pinned_tools():
    tools = {pin.name: str(pin) for pin in pins("requirements-dev.txt")}
    hooks = yaml.safe_load(text(".pre-commit-config.yaml"))["repos"][0]["hooks"]
    used = [tool for hook in hooks for tool in hook.get("additional_dependencies", [])]
    assert len(used) == 3
    for tool in used:
        assert tools[tool.split("==")[0]] == tool


def test_ci_runs_the_readmes_command_everywhere_and_every_week():
    assert "python3 workbook.py test" in text("README.md")
    assert "python3 workbook.py lab" in text("README.md")
    assert re.search(r"^exec python3 workbook.py test\b", text(".ci/run"), re.MULTILINE)
    workflow = yaml.safe_load(text(".github/workflows/ci.yml"))
    triggers = workflow[True]  # YAML 1.1 reads `on` as true
    assert triggers["schedule"][0]["cron"]
    job = workflow["jobs"]["test"]
    systems = " ".join(job["strategy"]["matrix"]["os"])
    assert all(system in systems for system in ("ubuntu", "macos", "windows"))
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run", "python workbook.py test"]


def test_readmes_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)[^)]*\)|src=\"([^\"]+)\"", text("README.md") + text("CONTRIBUTING.md"))
    local = [link for pair in links for link in pair if link and "://" not in link]
    assert local
    assert not [link for link in local if not (ROOT / link).exists()]


def test_readme_lists_every_chapter():
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{notebook.name}" in text("README.md")


def test_committed_text_has_lf_and_no_trace_of_one_machine():
    strangers = re.compile(
        r"https?://[^\s\"')]*(/simple\b|pypi\.org|pythonhosted)|(?<![\w.~-])/(root|home/\w+|Users/\w+)/"
    )
    faults = []
    for path in tracked_files():
        raw = path.read_bytes()
        if b"\0" in raw or path == Path(__file__):
            continue
        if b"\r\n" in raw:
            faults.append(f"{path.relative_to(ROOT)}: CRLF")
        if path.name != "test_notebooks.py" and (found := strangers.search(raw.decode("utf-8"))):
            faults.append(f"{path.relative_to(ROOT)}: {found.group()}")
    assert not faults


@pytest.mark.parametrize("module", HELPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_stay_small_and_imports_run_one_way(module):
    """Nothing imports the mock server, and it imports only `audio`: it may one day be a package of its own."""
    source = module.read_text("utf-8")
    assert source.count("\n") <= 400, "more than one idea, probably"
    package = ("realtime_helpers", *module.relative_to(ROOT / "realtime_helpers").parent.parts)
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join((*base, *filter(None, [node.module])))
            imported |= {f"{stem}.{alias.name}" for alias in node.names}
    ours = {name for name in imported if name.startswith("realtime_helpers")}
    of_server = {name for name in ours if name.startswith("realtime_helpers.mock_server")}
    if "mock_server" in package:
        assert all(name.startswith("realtime_helpers.audio") for name in ours - of_server)
    else:
        assert not of_server


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["ruff check", "ruff format"])
def test_code_and_notebooks_are_as_ruff_wants_them(command):
    result = subprocess.run([sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-4000:]
