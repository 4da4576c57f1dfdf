"""What values a session or a response may have, where the published types do not say."""

import re
from collections.abc import Mapping
from typing import Any

from .events import ProtocolError
from .formats import FORMATS

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MOST_TOKENS = 4096


def check_session(config: Mapping[str, Any], path: str) -> None:
    """`config` is a whole session, or the `response` of a response.create.

    Raises:
        ProtocolError: integer_below_min_value, invalid_value, …
    """
    audio = config.get("audio") or {}
    audio_in, output = audio.get("input") or {}, audio.get("output") or {}
    _check_turn_detection(audio_in.get("turn_detection") or {}, f"{path}.audio.input.turn_detection")
    between(output.get("speed"), 0.25, 1.5, f"{path}.audio.output.speed")
    check_voice(output.get("voice"), f"{path}.audio.output.voice")
    for side, settings in (("input", audio_in), ("output", output)):
        kind = (settings.get("format") or {}).get("type")
        if settings.get("format") is not None and kind not in FORMATS:
            raise _not_one_of(kind, FORMATS, f"{path}.audio.{side}.format.type")
    limit = config.get("max_output_tokens")
    between(None if limit == "inf" else limit, 1, _MOST_TOKENS, f"{path}.max_output_tokens")
    if config.get("output_modalities") not in (None, ["audio"], ["text"]):
        raise ProtocolError(
            "invalid_value", "Choose one output modality: ['audio'] or ['text'].", f"{path}.output_modalities"
        )
    if isinstance(truncation := config.get("truncation"), dict):
        between(truncation.get("retention_ratio"), 0, 1, f"{path}.truncation.retention_ratio")
        most = (truncation.get("token_limits") or {}).get("post_instructions")
        between(most, 0, 2**31, f"{path}.truncation.token_limits.post_instructions")
    _check_tools(config.get("tools") or [], f"{path}.tools")


def check_response(given: Mapping[str, Any]) -> None:
    """The `response` of a response.create.

    Raises:
        ProtocolError: as `check_session`; invalid_value for another conversation than "auto" and "none".
    """
    check_session(given, "response")
    if given.get("conversation") not in (None, "auto", "none"):
        raise _not_one_of(given["conversation"], ("auto", "none"), "response.conversation")


def check_tool_choice(choice: object, tools: list[dict[str, Any]], path: str) -> None:
    """A choice of a function must be among the tools.

    Raises:
        ProtocolError: invalid_value.
    """
    if isinstance(choice, dict) and choice.get("type") == "function":
        if choice.get("name") not in [tool.get("name") for tool in tools]:
            message = f"Tool choice '{choice.get('name')}' not found in 'tools' parameter."
            raise ProtocolError("invalid_value", message, f"{path}.tool_choice")
    elif choice == "required" and not tools:
        message = "Tool choice 'required' must be specified with 'tools' parameter."
        raise ProtocolError("invalid_value", message, f"{path}.tool_choice")


def _check_turn_detection(detection: Mapping[str, Any], path: str) -> None:
    for name in ("prefix_padding_ms", "silence_duration_ms"):
        between(detection.get(name), 0, 60_000, f"{path}.{name}")
    between(detection.get("threshold"), 0, 1, f"{path}.threshold")
    between(detection.get("idle_timeout_ms"), 5_000, 30_000, f"{path}.idle_timeout_ms")


def check_voice(voice: object, path: str) -> None:
    if isinstance(voice, dict):
        message = f"Voice {str(voice.get('id'))[:80]!r} does not exist: this mock server has the built-in voices only."
        raise ProtocolError("invalid_value", message, path)
    if voice is not None and voice not in VOICES:
        raise _not_one_of(voice, VOICES, path)


def _check_tools(tools: list[dict[str, Any]], path: str) -> None:
    for index, tool in enumerate(tools):
        where = f"{path}[{index}]"
        if tool.get("type") == "mcp":
            continue
        name, parameters = tool.get("name"), tool.get("parameters")
        if name is None:
            raise ProtocolError(
                "missing_required_parameter", f"Missing required parameter: '{where}.name'.", f"{where}.name"
            )
        if not _TOOL_NAME.fullmatch(name):
            message = f"Invalid '{where}.name': expected letters, digits, '_' and '-', at most 64 of them."
            raise ProtocolError("invalid_value", message, f"{where}.name")
        if parameters is not None and not isinstance(parameters, dict):
            message = f"Invalid type for '{where}.parameters': expected an object with a JSON Schema."
            raise ProtocolError("invalid_type", message, f"{where}.parameters")


def _not_one_of(value: object, allowed: tuple[str, ...], param: str) -> ProtocolError:
    supported = ", ".join(map(repr, allowed))
    return ProtocolError(
        "invalid_value", f"Invalid value: {str(value)[:80]!r}. Supported values are: {supported}.", param
    )


def between(value: float | None, low: float, high: float, param: str) -> None:
    if value is None or low <= value <= high:
        return
    kind = "integer" if isinstance(value, int) else "decimal"
    side, bound = ("below_min", low) if value < low else ("above_max", high)
    relation = ">=" if value < low else "<="
    raise ProtocolError(
        f"{kind}_{side}_value",
        f"Invalid '{param}': expected a value {relation} {bound}, but got {value} instead.",
        param,
    )
