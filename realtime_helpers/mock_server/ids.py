"""Ids in the shape of the real service's: a prefix and 21 letters and digits."""

import random
from collections.abc import Callable
from itertools import count

NewId = Callable[[str], str]
_dice = random.Random()  # seeded by the system. An id is no secret, and every turn takes twenty: so no slower source


def random_id(prefix: str) -> str:
    """`random_id("item")` -> "item_0b3…"."""
    return f"{prefix}_{_dice.getrandbits(84):021x}"


def counted_ids() -> NewId:
    """Ids that are the same in every run: item_1, event_2, …"""
    numbers = count(1)
    return lambda prefix: f"{prefix}_{next(numbers)}"
