"""A conversation as chat messages.

The Realtime protocol lets a conversation be almost anything; the templates of chat models do not: one system message,
at the start; user and assistant by turns, the user first and last; each call answered right after it was made. So what
comes in another order is put into this one, and what is missing is stated.
"""

import json
from typing import Any

from ..replies import Call, CallOutput, Message, Prompt

_ALOUD = (
    "This is a conversation by voice. What you write is read aloud as it is, so write short, plain, spoken sentences: "
    "no Markdown, lists, emoji, code or addresses. What the user says reaches you through speech recognition: expect "
    "words that were heard wrongly."
)
_MUST_CALL = "This time, do not answer in words: call {}."
_NOBODY_SPOKE = "(Nobody has spoken yet. Begin the conversation.)"
_SILENCE = "(The user says nothing. Go on.)"
_UNHEARD = "(The user said something that could not be understood.)"
_UNSEEN = "(The user showed an image here, but it could not be shown to you. Say so if it matters.)"
_NO_OUTPUT = "(This call has not been answered yet.)"


def chat_messages(prompt: Prompt, *, with_images: bool = True) -> list[dict[str, Any]]:
    """`messages` of a chat completions request. Without images, a sentence stands where each was."""
    history = list(prompt.history)
    system = [prompt.instructions]
    while history and isinstance(history[0], Message) and history[0].role == "system":
        system.append(history.pop(0).text)
    turns = _Turns(history)
    for item in history:
        match item:
            case Message("assistant", text):
                turns.assistant(text)
            case Message("system", text):
                turns.user(f"(A note from the system, not from the user: {text})")
            case Message(_, text, images):
                turns.user(text or ("" if images else _UNHEARD), *[_image(url, with_images) for url in images])
            case Call():
                turns.call(item)
            case CallOutput():
                turns.output(item)
    system.append(_ALOUD)
    if chat_tools(prompt).get("tool_choice"):  # in words, too, as some endpoints do not pass it on
        names = [tool["name"] for tool in _offered(prompt)]
        system.append(_MUST_CALL.format(names[0] if len(names) == 1 else "one of the tools"))
    return [{"role": "system", "content": "\n\n".join(filter(None, system))}, *turns.messages()]


class _Turns:
    def __init__(self, history: list[Message | Call | CallOutput]) -> None:
        self._outputs = {item.call_id: item.output for item in history if isinstance(item, CallOutput)}
        self._called = {item.call_id for item in history if isinstance(item, Call)}
        self._turns: list[dict[str, Any]] = []
        self._may_call_more = False  # the response that is being read may hold another call
        self._count = 0

    def user(self, *content: str | dict[str, Any]) -> None:
        self._may_call_more = False
        self._last("user")["content"] += [part for part in content if part]

    def assistant(self, text: str) -> None:
        if text:  # an interrupted reply may have none
            last = self._last("assistant")
            if "tool_calls" in last:
                last = self._new("assistant")
            last["content"].append(text)
            self._may_call_more = True

    def call(self, call: Call) -> None:
        last = self._last("assistant")
        if "tool_calls" in last and not self._may_call_more:
            last = self._new("assistant")
        # Their own, as ids may be repeated, and Mistral takes none but nine letters and digits.
        call_id = f"call{self._count:05}"
        self._count += 1
        function = {"name": call.name, "arguments": _as_object(call.arguments)}
        last.setdefault("tool_calls", []).append({"id": call_id, "type": "function", "function": function})
        answer = {"role": "tool", "tool_call_id": call_id, "content": self._outputs.get(call.call_id, _NO_OUTPUT)}
        last.setdefault("answers", []).append(answer)
        self._may_call_more = True

    def output(self, output: CallOutput) -> None:
        self._may_call_more = False
        if output.call_id not in self._called:  # its call was deleted
            self.user(f"(A tool answered: {output.output})")

    def messages(self) -> list[dict[str, Any]]:
        turns = list(self._turns)
        if not turns or turns[0]["role"] != "user":
            turns.insert(0, {"role": "user", "content": [_NOBODY_SPOKE]})
        if turns[-1]["role"] == "assistant" and "tool_calls" not in turns[-1]:
            turns.append({"role": "user", "content": [_SILENCE]})
        messages = []
        for turn in turns:
            answers = turn.get("answers", [])
            messages += [{k: v for k, v in turn.items() if k != "answers"} | {"content": _content(turn["content"])}]
            messages += answers
        return messages

    def _last(self, role: str) -> dict[str, Any]:
        """The turn that is being taken, if it is that one's; templates want no two in a row."""
        return self._turns[-1] if self._turns and self._turns[-1]["role"] == role else self._new(role)

    def _new(self, role: str) -> dict[str, Any]:
        self._turns.append({"role": role, "content": []})
        return self._turns[-1]


def _image(url: str, shown: bool) -> str | dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}} if shown else _UNSEEN


def _content(parts: list[str | dict[str, Any]]) -> str | list[dict[str, Any]]:
    """Plain text where it will do: not every endpoint takes parts."""
    if all(isinstance(part, str) for part in parts):
        return "\n".join(parts)
    return [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]


def _as_object(arguments: str) -> str:
    """Endpoints parse the arguments of earlier calls, and refuse the whole request if they are no JSON object."""
    try:
        if isinstance(json.loads(arguments), dict):
            return arguments
    except ValueError:
        pass
    return json.dumps({"arguments": arguments})


def chat_tools(prompt: Prompt) -> dict[str, Any]:
    """`tools`, `tool_choice`, `parallel_tool_calls`: each only if it says something, as not every endpoint knows it.

    Ollama ignores `tool_choice` (its issue 17921), LM Studio refuses the form that names a function (its bug tracker's
    issue 670). So "none" is no tools, and one function is that tool alone and "required", which mean the same.
    """
    offered = _offered(prompt)
    if not offered:
        return {}
    fields: dict[str, Any] = {"tools": [_tool(tool) for tool in offered]}
    if prompt.tool_choice != "auto":
        fields["tool_choice"] = "required"
    if not prompt.parallel_tool_calls:
        fields["parallel_tool_calls"] = False
    return fields


def _offered(prompt: Prompt) -> list[dict[str, Any]]:
    choice = prompt.tool_choice
    if choice == "none":
        return []
    name = choice.get("name") if isinstance(choice, dict) else None
    return [tool for tool in prompt.tools if tool.get("type") == "function" and name in (None, tool["name"])]


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    """A function tool, flat in the Realtime protocol, one level deeper in chat completions."""
    function = {"name": tool["name"], "description": tool.get("description") or ""}
    function["parameters"] = tool.get("parameters") or {"type": "object", "properties": {}}
    return {"type": "function", "function": function}
