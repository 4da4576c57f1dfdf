"""`python -m realtime_helpers.mock_server`: a Realtime voice service on this computer."""

import argparse
import asyncio
import logging
import os
import secrets
import sys
import threading
from pathlib import Path

from .app import create_app
from .chat import ChatModel, ChatModelError
from .fault_door import FaultDoor
from .faults import FaultError, Faults
from .house import House
from .limits import Limits
from .replies import Message, Mind, Prompt
from .rules import Rules
from .script import Script, ScriptError
from .serving import CannotListen, Server, base_url, listen
from .speech import Speech, SpeechUnavailable


def main() -> None:
    args = _arguments()
    sys.setswitchinterval(0.0005)  # the event loop waits for its turn behind ears and voice: ten times less than usual
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        faults = Faults.parse(args.fault)
        listener = listen(args.host, args.port)
        mind = _chat_model(args.chat_base_url, args.chat_model) if args.chat_model else _mind(args.script)
        speech = Speech.load()
    except CannotListen as why:
        sys.exit(f"{why} Try --port 0 for a free one.")
    except (FaultError, ScriptError, ChatModelError, SpeechUnavailable) as why:
        sys.exit(str(why))
    key = args.api_key or os.environ.get("REALTIME_MOCK_API_KEY")
    if not key:
        key = "mock-" + secrets.token_urlsafe(18)
        print(f"Key: {key}", flush=True)
    app = create_app(House(speech, mind, pace=args.pace), key, Limits(args.max_connections, args.max_new_per_minute))
    ready = f"Ready: {base_url(listener)}"
    server = Server(FaultDoor(app, faults), ready=lambda: print(ready, flush=True))
    if args.until_eof:
        threading.Thread(target=_end_at_eof, args=(server,), daemon=True).start()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        speech.close()


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


def _end_at_eof(server: Server) -> None:
    sys.stdin.buffer.read()
    server.stop()  # whoever started us is gone


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m realtime_helpers.mock_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this computer only)")
    parser.add_argument("--port", type=int, default=8765, help="0: any free port")
    parser.add_argument("--api-key", help="default: $REALTIME_MOCK_API_KEY, else one is made and printed")
    parser.add_argument("--pace", type=float, default=4.0, help="replies leave this many times faster than life")
    parser.add_argument("--script", type=Path, help="a JSON file of exact replies, for tests")
    parser.add_argument(
        "--fault",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="what goes wrong in every connection, such as drop_after_ms=1500 or refuse=20; may be repeated",
    )
    parser.add_argument("--max-connections", type=_from_one, metavar="N", help="at a time; more get HTTP 429")
    parser.add_argument("--max-new-per-minute", type=_from_one, metavar="N", help="connections; more get HTTP 429")
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


def _from_one(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not 1, 2, 3, ...")
    return int(text)


if __name__ == "__main__":
    main()
