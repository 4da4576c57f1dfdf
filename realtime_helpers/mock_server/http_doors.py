"""The mock server's plain HTTP routes: chat, speech, transcripts, embeddings, keys, models, and a sentence where a
websocket belongs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import chat_completions, client_secrets, door, embeddings, file_transcribing, models, text_to_speech
from .events import ProtocolError
from .house import House
from .http_body import BadBody, Form, body_of, form_of
from .http_errors import http_error, not_served, throttled
from .keys import Keys
from .limits import TooMany
from .vad import SpeechUnavailable

Endpoint = Callable[[Request], Awaitable[Response]]
Read = Callable[[Request], Awaitable[Any]]
Answer = Callable[..., Coroutine[Any, Any, Response]]
_DECODERS = 4  # recordings at a time: one may fill 200 MB
_WELCOME = """\
A mock server of the Realtime voice API. It speaks by websocket, to whoever has its key:
  /v1/realtime?model=...         as OpenAI's
  /openai/v1/realtime?model=...  as Azure's
It answers POST at /v1/chat/completions, /v1/audio/speech, /v1/audio/transcriptions, /v1/embeddings and
/v1/realtime/client_secrets, and GET at /v1/models and /health.
"""


def http_routes(house: House, keys: Keys) -> list[Route]:
    services = _services(house, keys)
    routes = [Route("/", _welcome), Route("/health", _health)]
    for root in ("/v1", "/openai/v1"):
        routes += [
            Route(f"{root}/realtime", _websocket_only, methods=["GET", "POST"]),
            *(
                Route(f"{root}/{path}", _asking(keys, root, read, answer), methods=["POST"])
                for path, (read, answer) in services.items()
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


def _asking(keys: Keys, root: str, read: Read, answer: Answer) -> Endpoint:
    """What both may raise, said as the service says it."""
    any_model = root.startswith("/openai")

    async def endpoint(request: Request) -> Response:
        try:
            asked = await read(request)
            return await _while_wanted(request, answer(asked, any_model=any_model))
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


async def _while_wanted(request: Request, work: Coroutine[Any, Any, Response]) -> Response:
    """Stops the work when the client hangs up: it may be a chat model's long answer. Raises ClientDisconnect."""

    async def hung_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.create_task(work), asyncio.create_task(hung_up())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


def _services(house: House, keys: Keys) -> dict[str, tuple[Read, Answer]]:
    """What is served by POST, under its path: how the body is read, and what is answered to it."""
    decoders = asyncio.Semaphore(_DECODERS)

    async def secret(body: bytes, *, any_model: bool) -> Response:
        return JSONResponse(client_secrets.create(body, house, keys, any_model=any_model))

    async def vectors(body: bytes, *, any_model: bool) -> Response:
        return JSONResponse(await embeddings.answer(body, any_model=any_model))

    async def completion(body: bytes, *, any_model: bool) -> Response:
        return await chat_completions.answer(body, house, any_model=any_model)

    async def speech(body: bytes, *, any_model: bool) -> Response:
        return await text_to_speech.answer(body, house.speech.for_client(), any_model=any_model)

    async def transcription(form: Form, *, any_model: bool) -> Response:
        async with decoders:
            return await file_transcribing.answer(form, house.speech.for_client(), any_model=any_model)

    return {
        "realtime/client_secrets": (partial(body_of, largest=client_secrets.LARGEST_BODY), secret),
        "embeddings": (partial(body_of, largest=embeddings.LARGEST_BODY), vectors),
        "chat/completions": (partial(body_of, largest=chat_completions.LARGEST_BODY), completion),
        "audio/speech": (partial(body_of, largest=text_to_speech.LARGEST_BODY), speech),
        "audio/transcriptions": (partial(form_of, largest=file_transcribing.LARGEST_BODY), transcription),
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
