"""Why a connection failed or ended, as one sentence with the fix."""

import json
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import openai
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from .errors import LearnerError

_NO_MODEL = (
    "{service} offers no realtime model '{model}': check REALTIME_MODEL for a typing error, and that your account "
    "may use it."
)
_BY_CODE = {
    "invalid_api_key": "{service} does not accept the key: check {key_setting}.",
    "missing_model": "No model was named: set REALTIME_MODEL, or leave it out of connect().",
    "invalid_model": _NO_MODEL,
    "model_not_found": _NO_MODEL,
    "beta_api_shape_disabled": "{service} no longer speaks the beta protocol: leave out the OpenAI-Beta header.",
    "insufficient_quota": "Your {service} account has no credit left: add some, or set REALTIME_SERVICE=mock.",
    "rate_limit_exceeded": "{service} is throttling you: wait a minute, then run the cell again.",
    "session_expired": "The session has lasted as long as one may, 60 minutes at OpenAI: run the cell again.",
}
_CHILD_DIED = "The mock server stopped in the middle: run the cell again, which starts another one."
_BY_STATUS = {
    401: "{service} does not accept the key (401): check {key_setting}.",
    403: "{service} refuses you (403): this key or network may not use realtime; ask whoever manages the account.",
    404: "{service} has no realtime model '{model}' at {url} (404): check that address, and REALTIME_MODEL{azure_404}.",
    429: "{service} is throttling you (429), too many sessions at once or too fast: close the others or wait a minute, "
    "then run the cell again.",
}


_PASSING_CODES = {"rate_limit_exceeded", "session_expired", "server_error"}
_PASSING_STATUS = {408, 425, 429}  # and all from 500 on


class ServiceError(LearnerError):
    """The service cannot be used as it is set up: one sentence, with the fix.

    `passing`: the same may work a little later (a network, a limit), so it is worth another attempt; a wrong key is
    not. `retry_after_s`: how long the service asks to be left alone.
    """

    passing = False
    retry_after_s: float | None = None

    def worth_another_attempt(self, after_s: float | None = None) -> "ServiceError":
        self.passing, self.retry_after_s = True, after_s
        return self


class Explain:
    """Turns failures of one service's connection into sentences. Holds no key."""

    def __init__(
        self, service: str, model: str, url: str, key_setting: str, died: Callable[[], bool] = lambda: False
    ) -> None:
        """`died`: whether the mock server has ended, where this kernel started it."""
        self._died = died
        self._facts = {
            "service": service,
            "model": model,
            "url": url,
            "key_setting": key_setting,
            "azure_404": ", which on Azure is the name of a deployment" if "Azure" in service else "",
        }

    def error_event(self, error: dict[str, Any]) -> ServiceError:
        """An `error` event that came in place of `session.created`."""
        sentence = _BY_CODE.get(error.get("code") or "") or "{service} refused the connection: " + _braceless(
            _without_keys(error.get("message") or error.get("type") or "it did not say why")
        )
        said = self._say(sentence)
        return said.worth_another_attempt() if error.get("code") in _PASSING_CODES else said

    def closed(self, why: ConnectionClosed, last_error: dict[str, Any] | None) -> ServiceError:
        """The connection ended from the other side."""
        if last_error and last_error.get("code") in _BY_CODE:
            return self.error_event(last_error)
        if why.rcvd is None:
            if self._died():
                return self._say(_CHILD_DIED).worth_another_attempt()
            return self._say(
                "{service} is gone, the connection broke off: check the network, then run the cell again."
            ).worth_another_attempt()
        reason = _braceless(why.rcvd.reason)
        for code in _BY_CODE:
            if reason.endswith(code):
                return self.error_event({"code": code})
        detail = f"{why.rcvd.code}{': ' + reason if reason else ''}"
        said = self._say("{service} closed the connection (" + detail + "): run the cell again.")
        return said if 3000 <= why.rcvd.code < 5000 else said.worth_another_attempt()

    def failed(self, why: BaseException) -> ServiceError:
        """Anything that went wrong before there was a session."""
        if isinstance(why, ServiceError):
            return why
        if isinstance(why, InvalidStatus):
            status = why.response.status_code
            if status == 403 and b"origin" in (why.response.body or b"").lower():
                return self._say("{service} takes no calls from the pages of a website (403): leave out `Origin`.")
            if status == 400 and (error := _error_in(why.response.body)):  # a fault that does not exist, say
                return self.error_event(error)
            known = _BY_STATUS.get(status)
            said = self._say(
                known or f"{{service}} answered {status} instead of opening a connection: try again later."
            )
            passing = status in _PASSING_STATUS or status >= 500
            return said.worth_another_attempt(_retry_after_s(why)) if passing else said
        if isinstance(why, ConnectionClosed):
            return self.closed(why, None)
        if isinstance(why, socket.gaierror):
            return self._say(
                "The address {url} cannot be found: check it for a typing error, and the network."
            ).worth_another_attempt()
        if isinstance(why, ConnectionRefusedError):
            return self._say(
                "Nothing answers at {url}: is the server running, and the port right?"
            ).worth_another_attempt()
        if isinstance(why, TimeoutError):
            return self._say(
                "{service} did not answer in time: check the network, a proxy or a VPN, then run the cell again."
            ).worth_another_attempt()
        if isinstance(why, InvalidURI | ValueError):
            return self._say("{url} is no address one can connect to: check it for a typing error.")
        if isinstance(why, InvalidHandshake):
            return self._say("What answers at {url} is not a Realtime service: check the address.")
        if isinstance(why, openai.OpenAIError):
            return self._say("{service}: " + _without_keys(_braceless(str(why))))
        return self._say(
            "{service} cannot be reached (" + type(why).__name__ + "): check the network, a proxy or a VPN."
        ).worth_another_attempt()

    def _say(self, sentence: str) -> ServiceError:
        return ServiceError(sentence.format(**self._facts))


def _error_in(body: bytes | None) -> dict[str, Any] | None:
    with suppress(ValueError, TypeError, KeyError):
        error = json.loads(body or b"")["error"]
        return error if isinstance(error, dict) else None


def _retry_after_s(why: InvalidStatus) -> float | None:
    """Retry-After in seconds; its other form, a date, no Realtime service sends."""
    asked = why.response.headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else None


def _braceless(text: str) -> str:
    return text.replace("{", "(").replace("}", ")")


def _without_keys(text: str) -> str:
    return re.sub(r"\b(sk|mock)-[\w-]+", "(key)", text)
