"""Tool calls, put together from the pieces that an endpoint streams."""

import json
from dataclasses import dataclass
from typing import Any

from ..replies import Call


@dataclass
class _Growing:
    index: int | None
    id: str
    name: str
    arguments: str = ""

    @property
    def is_whole(self) -> bool:
        try:
            json.loads(self.arguments)
        except ValueError:
            return False
        return True


class Calls:
    """OpenAI sends a call's name first, then its arguments in pieces, all with the call's `index`.

    Others send whole calls at once, without an index, with an empty id, or all with index 0 (seen in the issues of
    ollama and LiteLLM), so a piece that has a name and cannot belong to a call begun before begins another.
    """

    def __init__(self) -> None:
        self._calls: list[_Growing] = []

    def feed(self, pieces: list[Any]) -> None:
        """`delta.tool_calls` of one chunk."""
        for piece in pieces:
            function = getattr(piece, "function", None)
            name = getattr(function, "name", None) or ""
            arguments = getattr(function, "arguments", None) or ""
            if not isinstance(arguments, str):
                arguments = json.dumps(arguments)  # an object, where the specification has its JSON
            piece = _Growing(getattr(piece, "index", None), getattr(piece, "id", None) or "", name, arguments)
            if call := self._begun_by(piece):
                call.name = call.name or piece.name
                call.arguments += piece.arguments
            else:
                self._calls.append(piece)

    def made(self) -> list[Call]:
        """All calls, in order. Arguments that are broken JSON stay so: the client should see what the model wrote.

        They have no ids: endpoints use one twice in a conversation ("call_0"), so the server gives its own.
        """
        return [Call(call.name, call.arguments.strip() or "{}") for call in self._calls if call.name]

    def _begun_by(self, piece: _Growing) -> _Growing | None:
        """The call that this piece goes on with; None if it begins one."""
        same_index = [call for call in self._calls if call.index == piece.index]
        if not piece.name and piece.index is None:
            same_index = self._calls
        if not same_index:
            return None
        call = same_index[-1]
        if call.id and piece.id:
            return call if call.id == piece.id else None
        if not piece.name or (piece.name == call.name and not (piece.arguments and call.is_whole)):
            return call
        return None
