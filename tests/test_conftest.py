"""What conftest.py promises: no test can spend money, notebooks rehearse, and nothing is skipped in CI."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent


def run_pytest(file: Path, *options: str, **variables: str) -> subprocess.CompletedProcess:
    """This project's pytest settings and conftest.py on a file from elsewhere."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "conftest",
        "-p",
        "no:cacheprovider",
        "-c",
        ROOT / "pyproject.toml",
    ]
    env = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("REALTIME_")}
    return subprocess.run(
        [*command, *options, "--rootdir", file if file.is_dir() else file.parent, file],
        cwd=ROOT,
        env={**env, **variables},
        capture_output=True,
        text=True,
        timeout=200,
    )


def test_a_skip_fails_in_ci_and_only_there(tmp_path):
    file = tmp_path / "test_skipping.py"
    file.write_text("import pytest\ndef test_it():\n    pytest.skip('no browser here')\n")
    at_home, in_ci = run_pytest(file), run_pytest(file, CI="true")
    assert at_home.returncode == 0 and "1 skipped" in at_home.stdout
    assert in_ci.returncode == 1 and "1 failed" in in_ci.stdout and "no browser here" in in_ci.stdout


def test_a_skipped_module_fails_in_ci(tmp_path):
    file = tmp_path / "test_skipping.py"
    file.write_text("import pytest\npytest.importorskip('no_such_module_anywhere')\n")
    in_ci = run_pytest(file, CI="true")
    assert in_ci.returncode != 0 and "no_such_module_anywhere" in in_ci.stdout


def test_real_keys_are_gone_before_the_first_test_is_read(tmp_path):
    file = tmp_path / "test_keys.py"
    file.write_text(
        "import os\n"
        "at_import = {name for name in os.environ if name.startswith(('OPENAI', 'AZURE_OPENAI', 'REALTIME'))}\n"
        "def test_it():\n"
        "    assert at_import == {'REALTIME_SERVICE', 'REALTIME_MOCK_CHAT_BASE_URL'}\n"
        "    assert os.environ['REALTIME_SERVICE'] == 'mock' and os.environ['REALTIME_MOCK_CHAT_BASE_URL'] == 'off'\n"
    )
    real = {"OPENAI_API_KEY": "sk-real", "AZURE_OPENAI_ENDPOINT": "https://real", "REALTIME_SERVICE": "openai"}
    result = run_pytest(file, **real)
    assert result.returncode == 0, result.stdout


def test_notebooks_rehearse_against_one_mock_server(tmp_path):
    check = (
        "import os, urllib.request\n"
        "assert os.environ['REALTIME_SERVICE'] == 'mock' and os.environ['REALTIME_REHEARSAL'] == '1'\n"
        "assert float(os.environ['REALTIME_REHEARSAL_SPEED']) > 1\n"
        "assert 'OPENAI_API_KEY' not in os.environ\n"
        "from openai import AsyncOpenAI\n"
        "url, key = os.environ['REALTIME_MOCK_URL'], os.environ['REALTIME_MOCK_API_KEY']\n"
        "open('urls.txt', 'a').write(url + ' ')\n"
        "async with AsyncOpenAI(base_url=url, api_key=key).realtime.connect(model='gpt-realtime') as connection:\n"
        "    first = await connection.recv()\n"
        "assert first.type == 'session.created', first\n"
    )
    for name in ("one.ipynb", "two.ipynb"):
        nbformat.write(new_notebook(cells=[new_code_cell(check), new_code_cell("1 + 1")]), tmp_path / name)
    (tmp_path / "test_after.py").write_text(
        "import os\ndef test_it():\n    assert 'REALTIME_REHEARSAL' not in os.environ\n"
    )
    result = run_pytest(tmp_path, "-n0", OPENAI_API_KEY="sk-real")
    assert result.returncode == 0 and "5 passed" in result.stdout, result.stdout
    first, second = (tmp_path / "urls.txt").read_text().split()
    assert first == second


def test_a_folder_is_run_by_several_processes_file_by_file(tmp_path):
    ran_txt = repr(str(tmp_path / "ran.txt"))
    note = f"    with open({ran_txt}, 'a') as file:\n        print(__name__, os.getpid(), file=file)\n"
    for name in ("test_a", "test_b", "test_c", "test_d"):
        (tmp_path / f"{name}.py").write_text(f"import os\ndef test_1():\n{note}def test_2():\n{note}")
    result = run_pytest(tmp_path)
    assert result.returncode == 0 and "8 passed" in result.stdout, result.stdout
    ran = {tuple(line.split()) for line in (tmp_path / "ran.txt").read_text().splitlines()}
    assert len(ran) == 4, "each file by one process"
    assert len({process for _, process in ran}) > 1


@pytest.mark.parametrize("options", [["-s"], ["test_it.py"]])
def test_or_by_one_where_asked(tmp_path, options):
    (tmp_path / "test_it.py").write_text("def test_it(worker_id): assert worker_id == 'master'\n")
    words = [tmp_path / word if word.endswith(".py") else word for word in options]
    place = words.pop() if options == ["test_it.py"] else tmp_path
    result = run_pytest(place, *words)
    assert result.returncode == 0 and "1 passed" in result.stdout, result.stdout


def test_a_failing_cell_fails_the_run(tmp_path):
    nbformat.write(new_notebook(cells=[new_code_cell("assert 1 == 2")]), tmp_path / "wrong.ipynb")
    result = run_pytest(tmp_path / "wrong.ipynb")
    assert result.returncode == 1 and "1 failed" in result.stdout, result.stdout
