"""uvicorn's websocket protocol, with two of its loose ends tied: each would leave a client or a place hanging."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_LAST_WORDS_S = 1.0
_BODY = (
    b'{"error":{"message":"This websocket handshake cannot be read: it must be a GET, with at most 128 headers and '
    b'8 KiB a line.","type":"invalid_request_error","param":null,"code":null}}'
)
_UNREADABLE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    def data_received(self, data: bytes) -> None:
        """uvicorn hears of a handshake that `websockets` cannot parse, and says nothing."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated and not self.transport.is_closing():
            self.transport.write(_UNREADABLE)
            self.transport.close()

    def keepalive_timeout(self) -> None:
        """uvicorn closes; but a socket with unsent data closes only when the client has read it, and this one may be
        half open and never will."""
        super().keepalive_timeout()
        self.loop.call_later(_LAST_WORDS_S, self.transport.abort)
