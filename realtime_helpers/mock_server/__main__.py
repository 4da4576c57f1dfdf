"""`python -m realtime_helpers.mock_server`: a Realtime voice service on this computer."""

import argparse
import asyncio
import logging
import os
import secrets
import socket
import sys
import threading
from pathlib import Path

import uvicorn

from .app import create_app
from .chat import ChatModel, ChatModelError
from .house import House
from .replies import Message, Mind, Prompt
from .rules import Rules
from .script import Script, ScriptError
from .speech import Speech, SpeechUnavailable

# uvicorn reports these as errors, the second with a traceback; the client has had its answer.
_NO_FAULT_OF_OURS = {
    "ASGI callable returned without completing handshake.",  # we refused it with 401 or 403
    "Invalid UTF-8 sequence received from client.",  # uvicorn closed with 1007
}


def main() -> None:
    args = _arguments()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("uvicorn.error").addFilter(lambda record: record.msg not in _NO_FAULT_OF_OURS)
    listener = _listen(args.host, args.port)
    try:
        mind = _chat_model(args.chat_base_url, args.chat_model) if args.chat_model else _mind(args.script)
        speech = Speech.load()
    except (ScriptError, ChatModelError, SpeechUnavailable) as why:
        sys.exit(str(why))
    key = args.api_key or os.environ.get("REALTIME_MOCK_API_KEY")
    if not key:
        key = "mock-" + secrets.token_urlsafe(18)
        print(f"Key: {key}", flush=True)
    app = create_app(House(speech, mind, pace=args.pace), key)
    host, port = listener.getsockname()[:2]
    server = _Server(
        uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_per_message_deflate=False,  # 0.2 ms a frame, for audio that hardly shrinks
            ws_ping_interval=20,
            ws_max_size=16 * 1024 * 1024,
            lifespan="off",
            log_config=None,
            access_log=False,
        ),
        ready=f"Ready: http://{f'[{host}]' if ':' in host else host}:{port}/v1",
    )
    if args.until_eof:
        threading.Thread(target=_end_at_eof, args=(server,), daemon=True).start()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        speech.close()


class _Server(uvicorn.Server):
    """Says so once it can answer."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._ready, flush=True)


def _mind(script: Path | None) -> Mind:
    if script:
        return Script.from_file(script)
    rules = Rules()

    async def warm_up() -> None:  # its first reply is the slowest, and nobody should wait for it
        async for _ in rules.reply(Prompt("", (Message("user", "What is gravity?"),))):
            pass

    asyncio.run(warm_up())
    return rules


def _chat_model(base_url: str, name: str) -> ChatModel:
    model = ChatModel(base_url, name, os.environ.get("REALTIME_MOCK_CHAT_API_KEY"))

    def check() -> None:
        if problem := asyncio.run(model.problem()):
            print(f"Warning: {problem}", file=sys.stderr, flush=True)

    threading.Thread(target=check, daemon=True).start()  # beside the start: it may be slow, and is no reason not to
    return model


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    if os.name != "nt":  # there it would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as why:
        sys.exit(
            f"Cannot listen on {host}:{port} ({why.strerror}): is another server there? Try --port 0 for a free one."
        )
    listener.listen(128)
    return listener


def _end_at_eof(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True
    server.force_exit = True  # whoever started us is gone; no reply is worth finishing


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m realtime_helpers.mock_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this computer only)")
    parser.add_argument("--port", type=int, default=8765, help="0: any free port")
    parser.add_argument("--api-key", help="default: $REALTIME_MOCK_API_KEY, else one is made and printed")
    parser.add_argument("--pace", type=float, default=4.0, help="replies leave this many times faster than life")
    parser.add_argument("--script", type=Path, help="a JSON file of exact replies, for tests")
    chat = parser.add_argument_group("a chat model that answers; its key: $REALTIME_MOCK_CHAT_API_KEY")
    chat.add_argument("--chat-base-url", metavar="URL", help="such as http://localhost:11434/v1, which is Ollama's")
    chat.add_argument("--chat-model", metavar="NAME", help="as the endpoint calls it")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input closes")
    args = parser.parse_args()
    if args.pace <= 0:
        parser.error("--pace must be above 0")
    if bool(args.chat_base_url) != bool(args.chat_model):
        parser.error("--chat-base-url and --chat-model go together: give both, or neither for the built-in rules")
    if args.chat_model and args.script:
        parser.error("--script and --chat-model are two minds: give one of them")
    return args


if __name__ == "__main__":
    main()
