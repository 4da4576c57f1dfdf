"""What can go wrong with a chat model's endpoint, in one sentence each, for whoever waits for an answer."""

import re

import openai

_KEY_LIKE = re.compile(r"\b(sk|pk|gh[opsu]|github_pat|hf|gsk)[-_][\w*-]{6,}")
_LONGEST_DETAIL = 200
_NO_CONNECTION = ("ConnectError", "ConnectTimeout")  # by name: openai brings httpx in one version, httpx2 in another


class ChatModelError(Exception):
    """The chat model gave no answer, or half of one."""


class Explain:
    """Makes a `ChatModelError` of whatever the openai client raised, without the key."""

    def __init__(self, model: str, where: str, key: str | None, patience_s: float) -> None:
        self._model, self._where, self._key, self._patience_s = model, where, key, patience_s

    def __call__(self, why: Exception) -> ChatModelError:
        return ChatModelError(self._sentence(why))

    def _sentence(self, why: Exception) -> str:
        model, where = f"the chat model {self._model}", self._where
        match why:
            case openai.APIConnectionError() if type(why.__cause__).__name__ in _NO_CONNECTION:
                return (
                    f"{_capital(model)} cannot be reached at {where}: probably nothing runs there; start it (Ollama: "
                    "`ollama serve`), or correct the base URL."
                )
            case openai.APITimeoutError():
                return (
                    f"Nothing came from {model} at {where} for {self._patience_s:g} s: it may still be loading, or be "
                    "too large for its computer, so ask again in a while, or choose a smaller one."
                )
            case openai.APIConnectionError():
                return (
                    f"{where} closed the connection before the answer of {model} was complete, perhaps for want of "
                    "memory: see its log, and ask again."
                )
            case openai.APIStatusError(status_code=401 | 403 as status):
                return (
                    f"{where} refuses the key for {model} (HTTP {status}): it is missing, wrong, or not good for this "
                    "model; set REALTIME_MOCK_CHAT_API_KEY to a key for this endpoint."
                )
            case openai.APIStatusError(status_code=404):
                return (
                    f"{where} does not know {model}{self._detail(why)} (HTTP 404): the name is misspelt, the model is "
                    "not loaded, or the base URL lacks its /v1; correct it, or fetch the model (Ollama: `ollama pull "
                    f"{self._model}`)."
                )
            case openai.APIStatusError(status_code=429):
                return (
                    f"{where} turns {model} away (HTTP 429): too many requests, or the quota is used up; wait a "
                    "moment, or look at your plan there."
                )
            case openai.APIStatusError(status_code=status) if status < 500:
                return (
                    f"{where} does not accept the request to {model} (HTTP {status}{self._detail(why)}): perhaps the "
                    "model cannot use tools, or the conversation is too long for it; try another model."
                )
            case openai.APIStatusError(status_code=status):
                return (
                    f"{where} failed with {model} (HTTP {status}{self._detail(why)}): probably the model could not be "
                    "loaded or run; see the endpoint's log, and ask again."
                )
            case openai.APIError():
                return (
                    f"{where} failed in the middle of the answer of {model}{self._detail(why)}: see the endpoint's "
                    "log, and ask again."
                )
        return (
            f"{where} did not answer as a chat completions endpoint does: the base URL probably leads elsewhere; it "
            "mostly ends with /v1."
        )

    def _detail(self, why: openai.APIError) -> str:
        """What the endpoint said, for a place within a sentence. Some repeat the key."""
        body = why.body
        inner = body.get("error", body) if isinstance(body, dict) else body
        said = inner.get("message") if isinstance(inner, dict) else inner
        if not isinstance(said, str) or not said.strip() or said.lstrip().startswith("<"):
            return ""
        if self._key:
            said = said.replace(self._key, "***")
        said = " ".join(_KEY_LIKE.sub("***", said).split()).rstrip(".")
        return f", '{said[:_LONGEST_DETAIL]}'"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
