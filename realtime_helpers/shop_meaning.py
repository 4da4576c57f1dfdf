"""Texts as vectors, by the service's embeddings: texts of like meaning point the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import openai

from .errors import LearnerError
from .shop_database import ShopDatabase

if TYPE_CHECKING:
    from .service import Service

_MOST_TEXTS = 256  # in one request


class EmbeddingError(LearnerError):
    """The service makes no vectors."""


class Meanings:
    """Vectors of texts. Each text is sent to the service once; after that its vector comes from the database.

    `requests` and `texts_sent` count what went to the service. Vectors of different services or models are not
    comparable, not even where the models bear the same name, so that they are kept apart.
    """

    def __init__(self, service: Service, database: ShopDatabase) -> None:
        self._service, self._database = service, database
        self.requests = self.texts_sent = 0

    async def of(self, texts: Sequence[str]) -> np.ndarray:
        """Float32, one row of length 1 for each text.

        Raises:
            EmbeddingError: the service refuses or cannot be reached.
        """
        made_by = f"{self._service.name} {self._service.embedding_model}"
        known = {text: self._database.vector(made_by, text) for text in dict.fromkeys(texts)}
        unknown = [text for text, vector in known.items() if vector is None]
        for start in range(0, len(unknown), _MOST_TEXTS):
            some = unknown[start : start + _MOST_TEXTS]
            fresh = dict(zip(some, await self._ask(some), strict=True))
            self._database.keep_vectors(made_by, fresh)
            known |= fresh
        return np.stack([np.frombuffer(known[text], "<f4") for text in texts])

    async def _ask(self, texts: list[str]) -> list[bytes]:
        model = self._service.embedding_model
        try:
            made = await self._service.client.embeddings.create(model=model, input=texts)
        except openai.OpenAIError as why:
            raise EmbeddingError(
                f"No embeddings from the model {model} ({type(why).__name__}): check that REALTIME_EMBEDDING_MODEL "
                "names an embedding model of this service, on Azure its deployment, and run the cell again."
            ) from why
        self.requests += 1
        self.texts_sent += len(texts)
        vectors = np.array([one.embedding for one in made.data], "<f4")
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return [vector.tobytes() for vector in vectors]


def likeness(query: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """The cosine of the angle between the query's vector and each row: 1 for the same direction, about 0 for none."""
    return vectors @ query
