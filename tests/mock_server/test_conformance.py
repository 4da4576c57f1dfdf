"""docs/mock-server.md says what ours does with each event and field: held against openai's types and these tests."""

import ast
import re
import types
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from openai.types.audio.speech_create_params import SpeechCreateParams
from openai.types.audio.transcription_create_params import TranscriptionCreateParamsStreaming
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from openai.types.realtime import (
    RealtimeClientEvent,
    RealtimeResponseCreateParams,
    RealtimeServerEvent,
    RealtimeSessionCreateRequest,
    RealtimeTranscriptionSessionCreateRequest,
)
from pydantic import BaseModel

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "mock-server.md").read_text(encoding="utf-8")
SERVER = ROOT / "realtime_helpers" / "mock_server"
_ROW = re.compile(r"^\| `([\w.\[\]]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
_WHOLE = {"tools", "prompt", "tracing", "tool_choice", "transcription", "noise_reduction", "voice", "format"}


def section(title: str) -> str:
    found = re.search(rf"^### {title}\n(.*?)(?=^##|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found, f"the document has no section {title!r}"
    return found[1]


def rows(title: str) -> dict[str, tuple[str, str]]:
    found = _ROW.findall(section(title))
    names = [name for name, _, _ in found]
    assert len(names) == len(set(names)), "a name stands twice"
    return {name: (does, checked) for name, does, checked in found}


def members(union: Any) -> tuple:
    while get_origin(union) is Annotated:
        union = get_args(union)[0]
    return get_args(union) if get_origin(union) in (Union, types.UnionType) else (union,)


def kinds(union: Any) -> set[str]:
    return {get_args(model.model_fields["type"].annotation)[0] for model in members(union)}


def models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models(part)]


def fields(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Paths of all leaves; what is taken as one thing counts as a leaf."""
    found = set()
    for name, info in model.model_fields.items():
        inner = models(info.annotation)
        if inner and name not in _WHOLE and prefix + name != "input":
            found |= {path for one in inner for path in fields(one, f"{prefix}{name}.")}
        else:
            found.add(prefix + name)
    return found


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Client events", kinds(RealtimeClientEvent)),
        ("Server events", kinds(RealtimeServerEvent)),
        ("Session fields", fields(RealtimeSessionCreateRequest)),
        ("Transcription session fields", fields(RealtimeTranscriptionSessionCreateRequest)),
        ("Response fields", fields(RealtimeResponseCreateParams)),
        ("POST /v1/chat/completions", set(CompletionCreateParamsStreaming.__annotations__)),
        ("POST /v1/audio/speech", set(SpeechCreateParams.__annotations__)),
        ("POST /v1/audio/transcriptions", set(TranscriptionCreateParamsStreaming.__annotations__)),
    ],
)
def test_every_name_is_in_its_table_and_no_other(title, names):
    assert set(rows(title)) == names


def test_every_row_names_tests_that_exist():
    missing = []
    for checked in re.findall(r"`(test_\w+\.py)::(test_\w+)`", DOCUMENT):
        paths = list((ROOT / "tests").rglob(checked[0]))
        if not any(checked[1] in _test_names(path) for path in paths):
            missing.append("::".join(checked))
    assert not missing
    for title in re.findall(r"^### (.* (?:events|fields)|POST .*)$", DOCUMENT, re.MULTILINE):
        unchecked = [name for name, (_, checked) in rows(title).items() if "::test_" not in checked]
        assert not unchecked, f"{title}: rows without a test"


def _test_names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_what_is_never_sent_is_nowhere_in_the_source():
    source = "\n".join(path.read_text(encoding="utf-8") for path in SERVER.rglob("*.py"))
    never = [name for name, (does, _) in rows("Server events").items() if does.startswith("Never sent")]
    assert len(never) > 5
    assert not [name for name in never if f'"{name}"' in source]
