"""A Realtime voice service on this computer: `python -m realtime_helpers.mock_server`, or in a test

with MockServer(script=["Hello!"]) as server:
    client = server.client()
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .connection_log import ConnectionLog as ConnectionLog
    from .connection_log import NothingCame as NothingCame
    from .faults import FaultError as FaultError
    from .faults import Faults as Faults
    from .fixture import MockServer as MockServer
    from .limits import Limits as Limits
    from .replies import Call as Call
    from .replies import Say as Say

# Loaded on first use: the command line starts without them.
_HOME = {
    "Call": "replies",
    "ConnectionLog": "connection_log",
    "FaultError": "faults",
    "Faults": "faults",
    "Limits": "limits",
    "MockServer": "fixture",
    "NothingCame": "connection_log",
    "Say": "replies",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
