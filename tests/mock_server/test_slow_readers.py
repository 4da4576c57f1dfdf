"""A client that does not read holds up itself and nobody else."""

import asyncio
import json
import socket

from websockets.asyncio.client import connect

from realtime_helpers.mock_server import MockServer

LINE = "It was a dark and stormy night. " * 600  # 19 kB
MODEL = "?model=gpt-realtime"


async def ask(client, **response):
    await client.send(json.dumps({"type": "response.create", "response": {"output_modalities": ["text"], **response}}))


async def answer(client):
    async with asyncio.timeout(20):
        while True:
            event = json.loads(await client.recv())
            if event["type"] == "response.done":
                return event["response"]


def deaf_socket(server):
    """One whose kernel holds little, so that what is not read stays in the server."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    plain.connect(("127.0.0.1", int(server.url.split(":")[2].split("/")[0])))
    return plain


async def test_a_client_that_does_not_read_waits_alone():
    async with MockServer(script=[[LINE] * 60]) as server:
        key = {"Authorization": f"Bearer {server.api_key}"}
        url = server.websocket_url + MODEL
        async with connect(
            url, additional_headers=key, sock=deaf_socket(server), max_size=None, ping_interval=None
        ) as deaf:
            await ask(deaf)
            log = server.connections[0]
            await log.wait_for_async("response.output_text.delta")
            server.script(["Quick."] * 30)
            async with connect(url, additional_headers=key) as other:
                for count in range(30):
                    await ask(other, conversation="none", input=[], metadata={"n": str(count)})
                    done = await answer(other)
                    assert (done["status"], done["metadata"]) == ("completed", {"n": str(count)})
            letters = sum(len(entry.event["delta"]) for entry in log.sent("response.output_text.delta"))
            assert not log.sent("response.done") and letters < 900_000, "of 1.15 million: the rest is not even made"
            async with asyncio.timeout(20):  # and once it reads, it gets the rest
                said = 0
                while (event := json.loads(await deaf.recv()))["type"] != "response.output_text.done":
                    said += len(event.get("delta", ""))
            assert said == len(event["text"]) > 1_100_000
            await answer(deaf)
