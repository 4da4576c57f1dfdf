"""A loudspeaker's diary: what it played is noted on the wire that the sound came from."""

from __future__ import annotations

from .wire import Wire, current_wire

_SILENT = object()


class PlaybackNotes:
    """`queued` when an item's sound is queued; then `started`, and `cleared` or `drained`, as it sounds.

    Which wire an item came from is known only while its event is handled: a page's report, or a timer, comes from
    somewhere else. Sound that came from no conversation is noted nowhere.
    """

    def __init__(self) -> None:
        self._wires: dict[str | None, Wire] = {}
        self._sounding: object = _SILENT

    def queued(self, item_id: str | None) -> None:
        """Call it from `play`."""
        if (wire := current_wire()) is not None:
            self._wires[item_id] = wire

    def started(self, item_id: str | None) -> None:
        """It sounds now. Again and again is once."""
        if item_id != self._sounding:
            self._sounding = item_id
            self._note("started", item_id, 0)

    def cleared(self, heard_ms: float) -> None:
        """Silenced, after so much of the item that was sounding."""
        self._stopped("cleared", heard_ms)

    def drained(self, heard_ms: float) -> None:
        """All that was queued has been heard; `heard_ms` of the last item."""
        self._stopped("drained", heard_ms)

    def _stopped(self, how: str, heard_ms: float) -> None:
        if self._sounding is not _SILENT:
            self._note(how, self._sounding, heard_ms)
            self._sounding = _SILENT

    def _note(self, what: str, item_id: object, heard_ms: float) -> None:
        if (wire := self._wires.get(item_id)) is not None:
            wire.note("local", {"type": f"speaker.{what}", "item_id": item_id, "heard_ms": round(heard_ms)})
