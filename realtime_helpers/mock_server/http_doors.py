"""The mock server's plain HTTP routes: chat, speech, transcripts, embeddings, keys, models, and a sentence where a
websocket belongs.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import chat_completions, client_secrets, door, embeddings, file_transcribing, models, text_to_speech
from .events import ProtocolError
from .house import House
from .http_body import BadBody, body_of, form_of
from .http_errors import http_error, not_served, throttled
from .keys import Keys
from .limits import TooMany
from .vad import SpeechUnavailable

Endpoint = Callable[[Request], Awaitable[Response]]
Work = Callable[[Request, bool], Awaitable[Response]]  # whether any model's name will do
_WELCOME = """\
A mock server of the Realtime voice API. It speaks by websocket, to whoever has its key:
  /v1/realtime?model=...         as OpenAI's
  /openai/v1/realtime?model=...  as Azure's
It answers POST at /v1/chat/completions, /v1/audio/speech, /v1/audio/transcriptions, /v1/embeddings and
/v1/realtime/client_secrets, and GET at /v1/models and /health.
"""


def http_routes(house: House, keys: Keys) -> list[Route]:
    routes = [Route("/", _welcome), Route("/health", _health)]
    for root in ("/v1", "/openai/v1"):
        routes += [
            Route(f"{root}/realtime", _websocket_only, methods=["GET", "POST"]),
            *(
                Route(f"{root}/{path}", _asking(keys, root, work), methods=["POST"])
                for path, work in _services(house, keys).items()
            ),
            Route(f"{root}/models", _with_main_key(keys, _models)),
            Route(f"{root}/models/{{name:path}}", _with_main_key(keys, _model)),
        ]
    return routes


def _with_main_key(keys: Keys, endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        given = door.given_key(request.headers)
        if keys.is_main(given):
            return await endpoint(request)
        if given is None:
            return http_error(401, "You did not provide an API key: send it as `Authorization: Bearer ...`.")
        if keys.ephemeral(given):
            return http_error(401, "An ephemeral key opens websockets and nothing else.", "invalid_api_key")
        return http_error(401, door.WRONG_KEY, "invalid_api_key")

    return guarded


def _asking(keys: Keys, root: str, work: Work) -> Endpoint:
    """`work` with what it may raise said as the service says it."""
    any_model = root.startswith("/openai")

    async def endpoint(request: Request) -> Response:
        try:
            return await work(request, any_model)
        except ProtocolError as fault:
            status = 404 if fault.code == "model_not_found" else 400
            return http_error(status, fault.message, fault.code, fault.param, fault.type)
        except BadBody as why:
            return http_error(why.status, str(why), headers={"Connection": "close"})
        except TooMany as why:
            return throttled(why)
        except (embeddings.EmbeddingsUnavailable, SpeechUnavailable) as why:
            return http_error(501, str(why), type="server_error")
        except ClientDisconnect:
            return Response(status_code=400)  # to nobody

    return _with_main_key(keys, endpoint)


def _services(house: House, keys: Keys) -> dict[str, Work]:
    """What is served by POST, under its path."""

    async def secret(request: Request, any_model: bool) -> Response:
        body = await body_of(request, client_secrets.LARGEST_BODY)
        return JSONResponse(client_secrets.create(body, house, keys, any_model=any_model))

    async def vectors(request: Request, any_model: bool) -> Response:
        body = await body_of(request, embeddings.LARGEST_BODY)
        return JSONResponse(await embeddings.answer(body, any_model=any_model))

    async def completion(request: Request, any_model: bool) -> Response:
        body = await body_of(request, chat_completions.LARGEST_BODY)
        return await chat_completions.answer(body, house, any_model=any_model)

    async def speech(request: Request, any_model: bool) -> Response:
        body = await body_of(request, text_to_speech.LARGEST_BODY)
        return await text_to_speech.answer(body, house.speech.for_client(), any_model=any_model)

    async def transcription(request: Request, any_model: bool) -> Response:
        form = await form_of(request, file_transcribing.LARGEST_BODY)
        return await file_transcribing.answer(form, house.speech.for_client(), any_model=any_model)

    return {
        "realtime/client_secrets": secret,
        "embeddings": vectors,
        "chat/completions": completion,
        "audio/speech": speech,
        "audio/transcriptions": transcription,
    }


async def _models(request: Request) -> Response:
    return JSONResponse(models.listing())


async def _model(request: Request) -> Response:
    name = request.path_params["name"]
    if found := models.find(name):
        return JSONResponse(found)
    return http_error(404, f"The model {name[:80]!r} does not exist.", "model_not_found", "model")


async def _websocket_only(request: Request) -> Response:
    if request.method == "POST":  # a WebRTC offer
        return not_served("/v1/realtime/calls")
    message = "This address is for a websocket: connect to it with ws:// and an Upgrade header."
    return http_error(426, message, "upgrade_required", headers={"Upgrade": "websocket"})


async def _welcome(request: Request) -> Response:
    return PlainTextResponse(_WELCOME)


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok\n")
