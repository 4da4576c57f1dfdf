"""One Python function offered to the model: its schema, and a call with what the model wrote for arguments."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
import json
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticUserError

from .errors import LearnerError

_ANYTHING = TypeAdapter(Any)


class ToolError(LearnerError, TypeError):
    """A function that cannot be offered as a tool: one sentence."""


class BadArguments(Exception):
    """What the model wrote does not fit: one sentence, for the model."""


class ToolFunction:
    """A function or bound method, sync or async. Name, description and parameters are its own.

    The description is its docstring; a parameter's type is its annotation (text where there is none), and what
    `Annotated[int, Field(description=...)]` says of it reaches the model too.

    Raises ToolError for what cannot be described: `*args`, a type without a JSON schema, no name.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = getattr(function, "__name__", "")
        if not self.name.isidentifier():
            raise ToolError(f"{function!r:.60} cannot be a tool, as it has no name: define it with `def`.")
        self._model = _model_of(self.name, function)

    @property
    def schema(self) -> dict[str, Any]:
        """As an entry of the session's `tools`."""
        try:
            parameters = _without_titles(self._model.model_json_schema())
        except PydanticUserError as why:
            raise ToolError(f"{self.name} has a parameter that JSON cannot describe: {_sentence(why)}") from None
        described = {"type": "function", "name": self.name, "parameters": parameters}
        if words := inspect.getdoc(self.function):
            described["description"] = " ".join(words.split())
        return described

    def read(self, arguments: str) -> dict[str, Any]:
        """The model's JSON as the function's arguments. Raises BadArguments."""
        try:
            given = json.loads(arguments or "{}")
        except json.JSONDecodeError as why:
            raise BadArguments(f"The arguments are not JSON: {why}.") from None
        try:
            read = self._model.model_validate(given)
        except ValidationError as why:
            found = (f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in why.errors())
            raise BadArguments("; ".join(found) + ".") from None
        return {name: getattr(read, name) for name in self._model.model_fields}

    async def call(self, arguments: dict[str, Any]) -> str:
        """What it returns, as text for the model. A sync function has a thread of its own, and holds up nobody."""
        if inspect.iscoroutinefunction(self.function):
            result = await self.function(**arguments)
        else:
            result = await _in_thread(partial(self.function, **arguments), self.name)
        if inspect.isawaitable(result):
            result = await result
        if result is None:
            return "done"
        return result if isinstance(result, str) else _ANYTHING.dump_json(result).decode()


async def _in_thread(function: Callable[[], Any], name: str) -> Any:
    """As `asyncio.to_thread`, whose few threads are everybody's: here one that hangs takes no place from others, and
    keeps no program from ending."""
    outcome: concurrent.futures.Future = concurrent.futures.Future()
    context = contextvars.copy_context()

    def work() -> None:
        try:
            result = context.run(function)
        except StopIteration as why:  # which a future cannot hold
            outcome.set_exception(RuntimeError(f"{name} raised {why!r}"))
        except BaseException as why:
            outcome.set_exception(why)
        else:
            outcome.set_result(result)

    outcome.set_running_or_notify_cancel()  # nobody can stop a thread: a timeout leaves it alone
    threading.Thread(target=work, name=f"tool {name}", daemon=True).start()
    return await asyncio.wrap_future(outcome)


def _model_of(name: str, function: Callable[..., Any]) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise ToolError(f"{name} has the parameter {str(parameter)!r}, and a model calls by name: write it out.")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (hints.get(parameter.name, str), default)
    try:
        return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
    except PydanticUserError as why:
        raise ToolError(f"{name} has a parameter that JSON cannot describe: {_sentence(why)}") from None


def _without_titles(schema: Any) -> Any:
    """Pydantic's titles repeat the names: tokens for nothing. A parameter that is called `title` stays."""
    if isinstance(schema, list):
        return [_without_titles(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    inside = {key: _without_titles(value) for key, value in kept.items() if key != "properties"}
    if "properties" in kept:
        inside["properties"] = {name: _without_titles(value) for name, value in kept["properties"].items()}
    return inside


def _sentence(why: Exception) -> str:
    return str(why).splitlines()[0]
