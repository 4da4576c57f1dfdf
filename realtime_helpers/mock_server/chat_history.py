"""`messages` and `tools` of a chat completions request as the `Prompt` that every mind reads.

Shapes: openai.types.chat.ChatCompletionMessageParam. What the real service refuses is refused in its words.
"""

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from .events import ProtocolError, check_shape
from .replies import Call, CallOutput, Message, Prompt

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_LEADING = ("system", "developer")
MOST_MESSAGES = 2048


class _Strict(BaseModel):
    model_config = ConfigDict(extra="allow")  # so that `check_shape` can name it


class _Image(_Strict):
    url: str
    detail: str | None = None


class _TextPart(_Strict):
    type: Literal["text"]
    text: str


class _UserPart(_Strict):
    type: Literal["text", "image_url"]
    text: str | None = None
    image_url: _Image | None = None


class _AssistantPart(_Strict):
    type: Literal["text", "refusal"]
    text: str | None = None
    refusal: str | None = None


_PARTS: dict[str, type[_Strict]] = {"user": _UserPart, "assistant": _AssistantPart}


class _CalledFunction(_Strict):
    name: str
    arguments: str


class _ToolCall(_Strict):
    id: str
    type: Literal["function"]
    function: _CalledFunction


class ChatMessage(_Strict):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Any = None  # looked at by its role
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None
    tool_call_id: str | None = None
    # of the messages that the service itself wrote, and a client sends back
    annotations: list[Any] | None = None
    audio: None = None
    function_call: None = None


class _Function(_Strict):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ChatTool(_Strict):
    type: Literal["function"]
    function: _Function


def prompt_of(asked: dict[str, Any]) -> Prompt:
    """What a mind is given. The messages before the first of another role are its instructions.

    Raises:
        ProtocolError: tools or messages that do not go together.
    """
    messages = asked["messages"]
    if not messages:
        raise _empty_array("messages")
    if len(messages) > MOST_MESSAGES:
        message = f"Invalid 'messages': expected at most {MOST_MESSAGES} of them, but got {len(messages)} instead."
        raise ProtocolError("array_above_max_length", message, "messages")
    leading = next((at for at, message in enumerate(messages) if message["role"] not in _LEADING), len(messages))
    instructions = "\n\n".join(_content(one, f"messages[{at}]")[0] for at, one in enumerate(messages[:leading]))
    history = _history(messages, leading)
    tools = _tools(asked.get("tools"))
    if asked.get("parallel_tool_calls") is not None and not tools:
        raise _needs_tools("parallel_tool_calls")
    parallel = asked.get("parallel_tool_calls") is not False
    return Prompt(instructions, history, tools, _choice(asked.get("tool_choice"), tools), parallel)


# -- messages ----------------------------------------------------------------------------------------------------------


def _history(messages: list[dict[str, Any]], start: int) -> tuple[Message | Call | CallOutput, ...]:
    history: list[Message | Call | CallOutput] = []
    unanswered: list[str] = []
    for at, message in enumerate(messages[start:], start):
        role, path = message["role"], f"messages[{at}]"
        if role == "tool":
            history.append(_output(message, unanswered, at))
            continue
        if unanswered:
            raise _unanswered(unanswered, at)
        text, images = _content(message, path)
        if role == "assistant":
            calls = message.get("tool_calls") or []
            if text or not calls:
                history.append(Message("assistant", text))
            history += [Call(call["function"]["name"], call["function"]["arguments"], call["id"]) for call in calls]
            unanswered = [call["id"] for call in calls]
        else:
            history.append(Message("user" if role == "user" else "system", text, images))
    if unanswered:
        raise _unanswered(unanswered, len(messages))
    return tuple(history)


def _output(message: dict[str, Any], unanswered: list[str], at: int) -> CallOutput:
    call_id = message.get("tool_call_id")
    if call_id is None:
        raise _missing(f"messages[{at}].tool_call_id")
    if call_id not in unanswered:
        raise ProtocolError(
            None,
            "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
            f"messages.[{at}].role",
        )
    unanswered.remove(call_id)
    return CallOutput(call_id, _content(message, f"messages[{at}]")[0])


def _unanswered(call_ids: list[str], at: int) -> ProtocolError:
    return ProtocolError(
        None,
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        f"The following tool_call_ids did not have response messages: {', '.join(call_ids)}",
        f"messages.[{at}].role",
    )


def _content(message: dict[str, Any], path: str) -> tuple[str, tuple[str, ...]]:
    """All its text ("" for an assistant's that holds calls alone), and the addresses of its images."""
    role, content = message["role"], message.get("content")
    if content is None and role == "assistant" and (message.get("tool_calls") or message.get("refusal")):
        return message.get("refusal") or "", ()
    if isinstance(content, str):
        return content, ()
    if not isinstance(content, list):
        what = f"Invalid type for '{path}.content': expected one of a string or an array of objects."
        raise ProtocolError("invalid_type", what, f"{path}.content")
    if not content:
        raise _empty_array(f"{path}.content")
    for at, part in enumerate(content):
        _check_part(role, part, f"{path}.content[{at}]")
    texts = [part[part["type"]] for part in content if part["type"] != "image_url"]
    return "\n".join(texts), tuple(part["image_url"]["url"] for part in content if part["type"] == "image_url")


def _check_part(role: str, part: Any, path: str) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "input_audio":
        what = "The mind of this mock server reads: send audio to /v1/audio/transcriptions, and its text here."
        raise ProtocolError("invalid_value", what, f"{path}.type")
    check_shape(_PARTS.get(role, _TextPart), part, (path,))
    if part.get(kind) is None:
        raise _missing(f"{path}.{kind}")


# -- tools -------------------------------------------------------------------------------------------------------------


def _tools(given: list[dict[str, Any]] | None) -> tuple[dict[str, Any], ...]:
    """As in a session: flat."""
    if given is not None and not given:
        raise _empty_array("tools")
    tools = []
    for at, tool in enumerate(given or []):
        function = tool["function"]
        if not _NAME.fullmatch(function["name"]):
            param = f"tools[{at}].function.name"
            message = f"Invalid '{param}': expected letters, digits, '_' and '-', at most 64 of them."
            raise ProtocolError("invalid_value", message, param)
        tools.append({"type": "function", **function})
    return tuple(tools)


def _choice(given: Any, tools: tuple[dict[str, Any], ...]) -> Any:
    """As in a session: flat."""
    if given is None:
        return "auto"
    match given:
        case "none" | "auto" | "required":
            choice = given
        case {"type": "function", "function": {"name": str(name)}}:
            choice = {"type": "function", "name": name}
        case _:
            message = "Invalid 'tool_choice': expected 'none', 'auto', 'required', or a function by its name."
            raise ProtocolError("invalid_value", message, "tool_choice")
    if not tools and choice != "none":
        raise _needs_tools("tool_choice")
    if isinstance(choice, dict) and choice["name"] not in [tool["name"] for tool in tools]:
        message = f"Tool choice '{choice['name'][:80]}' not found in 'tools' parameter."
        raise ProtocolError("invalid_value", message, "tool_choice")
    return choice


def _needs_tools(name: str) -> ProtocolError:
    message = f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified."
    return ProtocolError("invalid_value", message, name)


def _missing(param: str) -> ProtocolError:
    return ProtocolError("missing_required_parameter", f"Missing required parameter: '{param}'.", param)


def _empty_array(name: str) -> ProtocolError:
    message = f"Invalid '{name}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    return ProtocolError("empty_array", message, name)
