"""A session's configuration: its defaults, and what `session.update` may change.

Defaults are those seen in `session.created` from the real service (November 2026). What values are allowed stands in
`allowed.py`.
"""

from copy import deepcopy
from typing import Any

from .allowed import check_session
from .events import ProtocolError
from .semantics import LONGEST_MS

Config = dict[str, Any]

SESSION_LIFETIME_S = 3600
DEFAULT_INSTRUCTIONS = (
    "Your knowledge cutoff is 2023-10. You are a helpful, witty, and friendly AI. Act like a human, but remember that "
    "you aren't a human and that you can't do human things in the real world. Your voice and personality should be "
    "warm and engaging, with a lively and playful tone. Talk quickly."
)
PCM = {"type": "audio/pcm", "rate": 24000}
# Null switches these off; anywhere else it is the same as leaving the field out.
_MAY_BE_NULL = {"turn_detection", "transcription", "noise_reduction", "tracing", "prompt", "include"}


def server_vad(model: str) -> Config:
    """The turn detection that a new session starts with; models before 2.1 wait a shorter silence."""
    return {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500 if "-2.1" in model else 200,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    }


def semantic_vad() -> Config:
    return {"type": "semantic_vad", "eagerness": "auto", "create_response": True, "interrupt_response": True}


def new_config(session_id: str, model: str, expires_at: int) -> Config:
    """What `session.created` shows."""
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model,
        "output_modalities": ["audio"],
        "instructions": DEFAULT_INSTRUCTIONS,
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "expires_at": expires_at,
        "audio": {
            "input": {
                "format": dict(PCM),
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": server_vad(model),
            },
            "output": {"format": dict(PCM), "voice": "marin", "speed": 1.0},
        },
        "include": None,
    }


def new_transcription_config(session_id: str, expires_at: int) -> Config:
    """What `session.created` shows where a client asked for `?intent=transcription`."""
    detection = {n: v for n, v in server_vad("").items() if n not in ("create_response", "interrupt_response")}
    return {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": session_id,
        "expires_at": expires_at,
        "audio": {
            "input": {
                "format": dict(PCM),
                "transcription": {"model": "gpt-4o-transcribe", "language": None, "prompt": None},
                "noise_reduction": None,
                "turn_detection": detection,
            }
        },
        "include": None,
    }


def first_config(
    session_id: str, model: str, expires_at: int, *, intent: str = "realtime", given: Config | None = None
) -> Config:
    """The defaults, and over them what an ephemeral key brings along.

    Raises:
        ProtocolError: for what `given` asks.
    """
    transcribes = (given["type"] if given else intent) == "transcription"
    config = (
        new_transcription_config(session_id, expires_at) if transcribes else new_config(session_id, model, expires_at)
    )
    return updated(config, {n: v for n, v in given.items() if n != "model"}, has_spoken=False) if given else config


def updated(config: Config, update: Config, *, has_spoken: bool) -> Config:
    """`config` with a validated `session.update` laid over it, field by field. `config` itself stays as it was, so
    that a rejected update is discarded whole.

    Raises:
        ProtocolError: a value out of its range, or a voice changed after the first spoken reply.
    """
    if update["type"] != config["type"]:
        raise ProtocolError(
            "invalid_value", f"A {config['type']} session cannot become a {update['type']} session.", "session.type"
        )
    new = deepcopy(config)
    for name, value in update.items():
        if name == "audio":
            for side in ("input", "output"):
                given = (value or {}).get(side) or {}
                new["audio"].get(side, {}).update(
                    {n: v for n, v in given.items() if v is not None or n in _MAY_BE_NULL}
                )
        elif name == "model" and value not in (None, config["model"]):
            raise ProtocolError(
                "invalid_value",
                "The model of a session is chosen when it connects and cannot be changed.",
                "session.model",
            )
        elif value is not None or name in _MAY_BE_NULL:
            new[name] = value
    new["audio"]["input"]["turn_detection"] = _turn_detection(
        new["audio"]["input"]["turn_detection"], config["audio"]["input"]["turn_detection"], config.get("model", "")
    )
    if has_spoken and new["audio"]["output"]["voice"] != config["audio"]["output"]["voice"]:
        raise cannot_update_voice("session.audio.output.voice")
    check_session(new, "session")
    return new


def cannot_update_voice(param: str) -> ProtocolError:
    return ProtocolError(
        "cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.", param
    )


def _turn_detection(given: Config | None, current: Config | None, model: str) -> Config | None:
    """Fill in what was left out: from the current settings of the same type, else from the defaults."""
    if given is None:
        return None
    same = current if current and current["type"] == given["type"] else None
    base = same or (server_vad(model) if given["type"] == "server_vad" else semantic_vad())
    return base | {name: value for name, value in given.items() if value is not None or name == "idle_timeout_ms"}


def silence_ms(turn_detection: Config) -> int:
    """How long a silence ends the turn, at the latest."""
    if turn_detection["type"] == "semantic_vad":
        return LONGEST_MS[turn_detection["eagerness"]]
    return turn_detection["silence_duration_ms"]
