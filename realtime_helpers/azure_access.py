"""The way into Azure OpenAI: its address, and a key or a sign-in.

The address is the GA one, RESOURCE/openai/v1, without api-version: with it the service answers 401.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import openai

from .handshake import ServiceError
from .service_settings import Key, address_of, key_of, sound_key
from .settings import setting

log = logging.getLogger("realtime_helpers")

ENDPOINT, KEY, CONNECTION_STRING = "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_CONNECTION_STRING"
_SCOPE = "https://cognitiveservices.azure.com/.default"


@dataclass(frozen=True)
class AzureAccess:
    """`key` None: sign in. `key_setting`: where the key came from, to name when it is refused. Shows no key."""

    url: str
    key: str | None
    key_setting: str

    def __repr__(self) -> str:
        return f"AzureAccess({self.url!r}, {'with a key' if self.key else 'signing in'})"


def azure_access(connection_string: str | None = None) -> AzureAccess:
    """What the settings say: an endpoint and perhaps a key, or both in one connection string.

    `connection_string` wins over them. Raises ServiceError, naming the setting that is missing or malformed.
    """
    if connection_string:
        return _together("connection_string", connection_string)
    if endpoint := setting(ENDPOINT):
        return AzureAccess(_url(ENDPOINT, endpoint), key_of(KEY), KEY)
    if together := setting(CONNECTION_STRING):
        return _together(CONNECTION_STRING, together)
    raise ServiceError(f"REALTIME_SERVICE is azure but {ENDPOINT} is not set: it is your resource's address.")


def _together(name: str, together: str) -> AzureAccess:
    parts = _parts(name, together)
    return AzureAccess(_url(name, parts["endpoint"]), sound_key(name, parts.get("key", "")), name)


def _parts(name: str, together: str) -> dict[str, str]:
    """`Endpoint=...;Key=...`, in any order and case. A key may hold `=`, so only the first one divides."""
    pairs = [part.partition("=") for part in together.split(";") if part.strip()]
    parts = {field.strip().lower(): value.strip() for field, _, value in pairs}
    if not parts.get("endpoint") or parts.keys() - {"endpoint", "key"}:
        raise ServiceError(
            f"{name} cannot be read: it looks like Endpoint=https://RESOURCE.openai.azure.com/;Key=KEY, "
            "and without a key like its first half."
        )
    return parts


def _url(name: str, endpoint: str) -> str:
    return address_of(name, endpoint).removesuffix("/openai/v1") + "/openai/v1"


def azure_client(api_key: Key, **options: Any) -> openai.AsyncOpenAI:
    """Azure wants a key as `api-key` and nothing else; a token goes the SDK's own way, as Bearer."""
    if not isinstance(api_key, str):
        return openai.AsyncOpenAI(api_key=api_key, **options)
    headers = {"api-key": api_key, "Authorization": openai.Omit()}
    return _ApiKeyClient(api_key=api_key, default_headers=headers, **options)


class _ApiKeyClient(openai.AsyncOpenAI):
    """Without the SDK's insistence that each request must have an `Authorization`, or leave it out in so many words."""

    def _validate_headers(self, headers: Any, custom_headers: Any) -> None:
        pass


def entra_token() -> Callable[[], Awaitable[str]]:
    """A token provider for AsyncOpenAI's `api_key`, called for every connection.

    It signs in as whatever this is: a managed identity on Azure, `az login` at a desk. Raises ServiceError here if
    azure-identity is missing, and when it is called if nobody can sign in.
    """
    try:
        from azure.identity import DefaultAzureCredential, get_bearer_token_provider
    except ImportError:
        raise ServiceError(
            f"{KEY} is not set, and signing in without a key needs the extra `azure`: "
            "`pip install azure-identity`, or set the key."
        ) from None
    sign_in = get_bearer_token_provider(DefaultAzureCredential(), _SCOPE)

    async def token() -> str:
        try:
            return await asyncio.to_thread(sign_in)  # the asynchronous credentials would need aiohttp
        except Exception as why:  # every credential it tries has errors of its own
            log.error("No token for Azure OpenAI: %s", type(why).__name__)
            raise ServiceError(
                f"Azure OpenAI: signing in failed; run `az login` in a terminal, or set {KEY}."
            ) from None

    return token
