"""Which calls of a dialogue are right, and what is wrong with the others."""

from __future__ import annotations

import json
from collections.abc import Sequence

from jsonschema import Draft202012Validator

from realtime_helpers.mock_server.replies import Call

from .cases import Dialogue, Expect, ToolSet
from .values import accepts


def judge(tool_set: ToolSet, dialogue: Dialogue, calls: Sequence[Call]) -> tuple[int, list[str]]:
    """How many expected calls were made, and what is wrong; nothing if the dialogue is right."""
    missing = list(dialogue.expect)
    rest = []
    seen: set[tuple[str, str]] = set()
    for call in calls:
        found = next((expect for expect in missing if not differs(tool_set, expect, call)), None)
        if found:
            missing.remove(found)
            seen.add((call.name, call.arguments))
        else:
            rest.append(call)
    faults = []
    for call in rest:
        if call.name in dialogue.allowed and (call.name, call.arguments) not in seen:
            seen.add((call.name, call.arguments))
            continue
        faults.append(_why(tool_set, dialogue, missing, call))
    faults += [f"missing: {expect.name}" for expect in missing]
    return len(dialogue.expect) - len(missing), faults


def _why(tool_set: ToolSet, dialogue: Dialogue, missing: list[Expect], call: Call) -> str:
    meant = next((expect for expect in missing if expect.name == call.name), None)
    if meant:
        return f"wrong: {call.name}: {differs(tool_set, meant, call)}"
    again = any(expect.name == call.name for expect in dialogue.expect) or call.name in dialogue.allowed
    return f"{'made again' if again else 'uncalled for'}: {call.name}({call.arguments})"


def differs(tool_set: ToolSet, expect: Expect, call: Call) -> str:
    """What is wrong with a call; "" if it is the expected one."""
    if call.name != expect.name:
        return "another tool"
    schema = next(tool for tool in tool_set.tools if tool["name"] == expect.name)["parameters"]
    try:
        given = json.loads(call.arguments or "{}")
    except ValueError:
        return "arguments are not JSON"
    error = next(Draft202012Validator(schema).iter_errors(given), None)
    if error:
        return f"against the schema: {error.message}"
    for name, wanted in expect.arguments.items():
        if not accepts(wanted, given.get(name)):
            return f"{name} is {given.get(name)!r}"
    for name, value in given.items():
        wanted = expect.may.get(name)
        empty = value in ("", None, []) or value is False or value == schema["properties"].get(name, {}).get("default")
        if name not in expect.arguments and not empty and (wanted is None or not accepts(wanted, value)):
            return f"{name} is made up: {value!r}"
    return ""
