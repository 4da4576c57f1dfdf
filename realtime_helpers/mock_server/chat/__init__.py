"""The chat model mind: a language model behind an OpenAI-compatible endpoint does the answering."""

from .errors import ChatModelError
from .model import ChatModel

__all__ = ["ChatModel", "ChatModelError"]
