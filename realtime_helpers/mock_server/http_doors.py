"""The mock server's plain HTTP routes: keys, models, embeddings, and a sentence where a websocket belongs."""

from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import client_secrets, door, embeddings, models
from .events import ProtocolError
from .house import House
from .http_errors import http_error, not_served, throttled
from .keys import Keys
from .limits import TooMany

Endpoint = Callable[[Request], Awaitable[Response]]
_WELCOME = """\
A mock server of the Realtime voice API. It speaks by websocket, to whoever has its key:
  /v1/realtime?model=...         as OpenAI's
  /openai/v1/realtime?model=...  as Azure's
and answers POST /v1/realtime/client_secrets, POST /v1/embeddings, GET /v1/models and GET /health.
"""


def http_routes(house: House, keys: Keys) -> list[Route]:
    routes = [Route("/", _welcome), Route("/health", _health)]
    for root in ("/v1", "/openai/v1"):
        routes += [
            Route(f"{root}/realtime", _websocket_only, methods=["GET", "POST"]),
            Route(f"{root}/realtime/client_secrets", _client_secrets(house, keys, root), methods=["POST"]),
            Route(f"{root}/embeddings", _embeddings(keys, root), methods=["POST"]),
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


def _client_secrets(house: House, keys: Keys, root: str) -> Endpoint:
    any_model = root.startswith("/openai")

    async def endpoint(request: Request) -> Response:
        try:
            body = await client_secrets.body_of(request)
            return JSONResponse(client_secrets.create(body, house, keys, any_model=any_model))
        except ProtocolError as fault:
            return http_error(400, fault.message, fault.code, fault.param, fault.type)
        except client_secrets.BadBody as why:
            return http_error(why.status, str(why), headers={"Connection": "close"})
        except TooMany as why:
            return throttled(why)
        except ClientDisconnect:
            return Response(status_code=400)  # to nobody

    return _with_main_key(keys, endpoint)


def _embeddings(keys: Keys, root: str) -> Endpoint:
    any_model = root.startswith("/openai")

    async def endpoint(request: Request) -> Response:
        try:
            body = await client_secrets.body_of(request, embeddings.LARGEST_BODY)
            return JSONResponse(await embeddings.answer(body, any_model=any_model))
        except ProtocolError as fault:
            status = 404 if fault.code == "model_not_found" else 400
            return http_error(status, fault.message, fault.code, fault.param, fault.type)
        except client_secrets.BadBody as why:
            return http_error(why.status, str(why), headers={"Connection": "close"})
        except embeddings.EmbeddingsUnavailable as why:
            return http_error(501, str(why), type="server_error")
        except ClientDisconnect:
            return Response(status_code=400)  # to nobody

    return _with_main_key(keys, endpoint)


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
