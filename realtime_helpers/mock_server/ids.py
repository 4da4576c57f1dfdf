"""Ids in the shape of the real service's: a prefix and 21 letters and digits."""

import secrets
import string
from collections.abc import Callable
from itertools import count

NewId = Callable[[str], str]
_ALPHABET = string.ascii_letters + string.digits


def random_id(prefix: str) -> str:
    """`random_id("item")` -> "item_Bx3…"."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(21))


def counted_ids() -> NewId:
    """Ids that are the same in every run: item_1, event_2, …"""
    numbers = count(1)
    return lambda prefix: f"{prefix}_{next(numbers)}"
