import os
import signal
import subprocess
import sys

import pytest

from realtime_helpers import mock_child as module
from realtime_helpers.mock_child import MockChild, MockServerError, mock_child


@pytest.fixture
def child():
    child = MockChild(pace=4)
    yield child
    child.stop()


def test_it_starts_and_ends(child):
    assert child.url().startswith("http://127.0.0.1:")
    child.stop()
    assert not child.alive


def test_there_is_one_and_a_new_one_if_it_died(monkeypatch):
    monkeypatch.setattr(module, "_child", None)
    first = mock_child(4)
    try:
        assert mock_child(4) is first
        first.stop()
        second = mock_child(4)
        assert second is not first and second.alive
        second.stop()
    finally:
        first.stop()


def test_its_key_is_on_no_command_line(child):
    child.url()
    assert child.key not in " ".join(child._process.args)


def test_why_it_did_not_start_is_one_sentence(monkeypatch):
    monkeypatch.setattr(module.sys, "executable", sys.executable)
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # a Python that cannot find itself
    broken = MockChild(pace=4)
    with pytest.raises(MockServerError, match=r"did not start: .+ Restart the kernel") as failure:
        broken.url()
    assert "\n" not in str(failure.value)


PARENT = """
from realtime_helpers.mock_child import mock_child
import sys, time
child = mock_child(4)
child.url()
print(child.pid, flush=True)
try:
    sys.stdin.read()
except KeyboardInterrupt:
    print("interrupted", child.alive, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def kernel():
    """A process that has a mock server and leads a process group, as a kernel does."""
    flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **flags
    )
    yield parent
    if parent.poll() is None:
        parent.kill()
    parent.communicate()


def _ended(pid: int) -> bool:
    """Has that process ended within ten seconds? (It is not ours to wait for.)"""
    import psutil

    try:
        psutil.Process(pid).wait(10)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_it_dies_with_the_kernel_however_that_ends(kernel):
    pid = int(kernel.stdout.readline())
    kernel.kill()
    assert _ended(pid)


if os.name != "nt":  # there Jupyter interrupts by an event, not by a signal to a group

    def test_the_stop_button_does_not_reach_it(kernel):
        kernel.stdout.readline()
        os.killpg(kernel.pid, signal.SIGINT)
        assert kernel.stdout.readline().split() == ["interrupted", "True"]
