"""Settings that must be a key or an address: read, and refused in a sentence if they are neither."""

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from .handshake import ServiceError
from .settings import setting

Key = str | Callable[[], Awaitable[str]]  # as AsyncOpenAI takes it: a key, or what gets a token


def key_of(name: str) -> str | None:
    """The key in that setting. Raises ServiceError if it was copied with something else."""
    return sound_key(name, setting(name) or "")


def sound_key(name: str, key: str) -> str | None:
    """`key`, which `name` held, or None if it is empty. Raises ServiceError, without the key."""
    key = key.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ServiceError(f"{name} holds a space, a line break or a strange character: copy the key again.")
    return key or None


def address_of(name: str, url: str) -> str:
    """`url`, which `name` held, without a slash at its end. Raises ServiceError if it is no base address."""
    try:
        parts = urlsplit(url.strip())
        well_formed = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is none, half an IPv6 address
        well_formed = False
    if not well_formed:
        raise ServiceError(
            f"{name} is not an address: one looks like https://host.example/v1, or http://127.0.0.1:8765/v1."
        )
    if parts.query or parts.fragment:
        raise ServiceError(f"{name} holds more than an address: leave out everything from the '?' or '#' on.")
    return url.strip().rstrip("/")


def is_loopback(url: str) -> bool:
    """Is that this computer?"""
    host = urlsplit(url).hostname
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
