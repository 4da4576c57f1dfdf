"""What all sessions of one server share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .clock import Clock
from .connection_log import ConnectionLog
from .faults import Faults
from .ids import NewId, random_id
from .replies import Mind
from .speech import Speech
from .vad_pool import VadPool


@dataclass(frozen=True)
class House:
    """`pace`: replies leave so many times faster than life. `new_log`: called for each connection, if logs are kept."""

    speech: Speech
    mind: Mind
    pace: float = 4.0
    clock: Clock = field(default_factory=Clock)
    new_id: NewId = random_id
    faults: Faults = field(default_factory=Faults)
    hearing: VadPool = field(default_factory=VadPool)
    new_log: Callable[[], ConnectionLog] | None = None
