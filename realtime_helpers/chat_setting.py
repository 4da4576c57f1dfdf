"""Settings: a chat model that answers for the mock server."""

from dataclasses import dataclass, field

from .settings import SettingError, setting

_URL, _MODEL, _KEY = "REALTIME_MOCK_CHAT_BASE_URL", "REALTIME_MOCK_CHAT_MODEL", "REALTIME_MOCK_CHAT_API_KEY"


@dataclass(frozen=True)
class ChatModelSetting:
    """A model behind an OpenAI-compatible endpoint. The key may be None: Ollama needs none."""

    base_url: str
    model: str
    key: str | None = field(default=None, repr=False)


def chat_model() -> ChatModelSetting | None:
    """The chat model that the settings name; None: the mock server's own rules answer.

    REALTIME_MOCK_CHAT_BASE_URL=off, in the environment, takes away what a `.env` says.

    Raises:
        SettingError: half of it is missing.
    """
    url, model = (setting(_URL) or "").strip(), (setting(_MODEL) or "").strip()
    if url.lower() == "off" or not (url or model):
        return None
    if not url:
        raise SettingError(f"{_MODEL} is set but {_URL} is not: it is http://localhost:11434/v1 for Ollama.")
    if not model:
        raise SettingError(f"{_URL} is set but {_MODEL} is not: name a model that is there, as its endpoint calls it.")
    return ChatModelSetting(url, model, setting(_KEY))
