"""Ids in the shape of the real service's: a prefix and 21 letters and digits."""

import random
import string
from collections.abc import Callable
from itertools import count

NewId = Callable[[str], str]
_ALPHABET = string.ascii_letters + string.digits
_dice = random.Random()  # seeded by the system; an id is no secret, and there are a dozen in every turn


def random_id(prefix: str) -> str:
    """`random_id("item")` -> "item_Bx3…"."""
    return f"{prefix}_" + "".join(_dice.choices(_ALPHABET, k=21))


def counted_ids() -> NewId:
    """Ids that are the same in every run: item_1, event_2, …"""
    numbers = count(1)
    return lambda prefix: f"{prefix}_{next(numbers)}"
