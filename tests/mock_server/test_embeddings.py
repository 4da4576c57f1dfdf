"""`POST /v1/embeddings`, by openai's client and without it."""

import base64
import json

import httpx
import numpy as np
import openai
import pytest
from openai.types import CreateEmbeddingResponse

from realtime_helpers.mock_server import MockServer, embeddings, wordpiece

KEY = "secret"
SMALL, LARGE, OLD = "text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002"
WET = ["Something for the rain", "A waterproof jacket with a hood", "The dividend was paid in March"]


@pytest.fixture(scope="module")
def served():
    with MockServer(["Hello."], api_key=KEY) as served:
        yield served


@pytest.fixture
def client(served):
    with openai.OpenAI(base_url=served.url, api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture
def post(served):
    """The status and body that a raw request gets; `at`: another door."""

    def send(body, at="/v1", headers=None):
        url = served.url.removesuffix("/v1") + at + "/embeddings"
        content = body if isinstance(body, bytes) else json.dumps(body)
        answer = httpx.post(url, content=content, headers=headers or {"Authorization": f"Bearer {KEY}"})
        return answer.status_code, answer.json()

    return send


@pytest.mark.parametrize(("model", "length"), [(SMALL, 1536), (LARGE, 3072), (OLD, 1536)])
def test_openais_client_gets_vectors_of_the_models_length(client, model, length):
    made = client.embeddings.create(model=model, input=WET)
    assert [one.index for one in made.data] == [0, 1, 2] and made.model == model
    vectors = np.array([one.embedding for one in made.data])
    assert vectors.shape == (3, length)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_like_meaning_is_near_though_no_word_is_shared(client):
    rain, jacket, dividend = (np.array(one.embedding) for one in client.embeddings.create(model=SMALL, input=WET).data)
    assert rain @ jacket > rain @ dividend + 0.2


def test_a_string_alone_floats_and_base64_say_the_same(post):
    status, floats = post({"model": SMALL, "input": "a tent"})
    assert status == 200
    CreateEmbeddingResponse.model_validate(floats, strict=True)
    _, packed = post({"model": SMALL, "input": ["a tent"], "encoding_format": "base64"})
    unpacked = np.frombuffer(base64.b64decode(packed["data"][0]["embedding"]), "<f4")
    np.testing.assert_allclose(unpacked, floats["data"][0]["embedding"], atol=1e-7)


def test_usage_counts_all_texts(post):
    one, two = (post({"model": SMALL, "input": ["a tent"] * n})[1]["usage"] for n in (1, 2))
    assert one["prompt_tokens"] == one["total_tokens"] > 2
    assert two["total_tokens"] == 2 * one["total_tokens"]


def test_the_same_text_has_the_same_vector_in_any_company():
    alone, _ = embeddings.embed(["a tent"])
    among, _ = embeddings.embed(["a much longer text about nothing of the kind, which goes on", "a tent"])
    np.testing.assert_array_equal(alone[0], among[1])


@pytest.mark.parametrize("length", [1, 256, 384, 1000, 1536])
def test_dimensions_shorten_the_vector(client, length):
    made = client.embeddings.create(model=SMALL, input="a tent", dimensions=length)
    vector = np.array(made.data[0].embedding)
    assert vector.shape == (length,) and abs(np.linalg.norm(vector) - 1) < 1e-5


@pytest.mark.parametrize(
    ("asked", "param", "says"),
    [
        ({"model": SMALL}, "input", "Missing"),
        ({"input": "x"}, "model", "Missing"),
        ({"model": SMALL, "input": ""}, "input", "none of them empty"),
        ({"model": SMALL, "input": []}, "input", "1 to 2048"),
        ({"model": SMALL, "input": ["x"] * 2049}, "input", "1 to 2048"),
        ({"model": SMALL, "input": ["x", ""]}, "input", "none of them empty"),
        ({"model": SMALL, "input": {"a": 1}}, "input", "a string"),
        ({"model": SMALL, "input": [1, 2, 3]}, "input", "token numbers"),
        ({"model": SMALL, "input": [[1, 2], [3]]}, "input", "token numbers"),
        ({"model": SMALL, "input": "x", "encoding_format": "binary"}, "encoding_format", "base64"),
        ({"model": SMALL, "input": "x", "encoding_format": []}, "encoding_format", "base64"),
        ({"model": SMALL, "input": "x", "dimensions": 0}, "dimensions", "from 1 to 1536"),
        ({"model": SMALL, "input": "x", "dimensions": 1537}, "dimensions", "from 1 to 1536"),
        ({"model": SMALL, "input": "x", "dimensions": True}, "dimensions", "from 1 to 1536"),
        ({"model": OLD, "input": "x", "dimensions": 256}, "dimensions", "does not support specifying dimensions"),
        (b"{", None, "not valid JSON"),
        (b"[]", None, "JSON object"),
    ],
)
def test_what_is_wrong_is_named(post, asked, param, says):
    status, body = post(asked)
    assert (status, body["error"]["param"]) == (400, param)
    assert body["error"]["type"] == "invalid_request_error" and says in body["error"]["message"]


def test_openais_client_raises_what_it_raises_at_the_real_one(client):
    with pytest.raises(openai.NotFoundError, match="makes no embeddings"):
        client.embeddings.create(model="gpt-realtime", input="x")
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model=SMALL, input="")
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").embeddings.create(model=SMALL, input="x")


def test_azures_door_takes_any_name_of_a_deployment(post):
    asked = {"model": "my-embeddings", "input": "x"}
    status, body = post(asked, "/openai/v1", {"api-key": KEY})
    assert status == 200 and len(body["data"][0]["embedding"]) == 1536
    assert post(asked)[0] == 404
    assert post(asked, headers={"X": "y"})[0] == 401


def test_a_body_beyond_all_measure_is_refused(post):
    status, body = post({"model": SMALL, "input": "x" * (embeddings.LARGEST_BODY + 1)})
    assert status == 413 and "4 MiB" in body["error"]["message"]


def test_a_long_text_is_read_as_far_as_the_network_reads(post):
    status, body = post({"model": SMALL, "input": "camping " * 5000})
    assert status == 200 and body["usage"]["total_tokens"] == 256


def test_embedding_models_are_listed(client):
    listed = {model.id for model in client.models.list()}
    assert {SMALL, LARGE, OLD} <= listed


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Ultralight tent!", ["ultra", "##light", "tent", "!"]),
        ("Crème brûlée", ["cr", "##eme", "br", "##ule", "##e"]),
        ("5€ at 20°C", ["5", "##€", "at", "20", "##°", "##c"]),
        ("x_y don't—stop…", ["x", "_", "y", "don", "'", "t", "—", "stop", "…"]),
        ("東京\t\u200btower", ["東", "京", "tower"]),
        ("a" * 101, ["[UNK]"]),
    ],
)
def test_wordpiece_cuts_as_berts_tokeniser_does(text, pieces):
    """The expected pieces are that tokeniser's own."""
    names = {number: piece for piece, number in wordpiece.vocabulary().items()}
    assert [names[number] for number in wordpiece.encode(text, 512)] == ["[CLS]", *pieces, "[SEP]"]


def test_a_missing_model_is_one_sentence(post, monkeypatch):
    def missing():
        raise embeddings.EmbeddingsUnavailable("No embeddings: install the workbook's requirements again.")

    monkeypatch.setattr(embeddings, "_network", missing)
    status, body = post({"model": SMALL, "input": "x"})
    assert status == 501 and "requirements" in body["error"]["message"]
