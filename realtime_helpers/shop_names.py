"""Which product a customer means by a name: said in full, in part, or misheard by a letter or two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from .shop_database import Product, ShopDatabase

_NEAR = 0.8  # of SequenceMatcher's ratio: "camping tend" is a tent, "camp bed" is not
_SMALL_WORDS = frozenset(["a", "an", "the", "my", "your", "that", "this", "one", "of", "some", "please"])
_NUMBERS = {"two hundred": "200", "four hundred": "400"}


def named(database: ShopDatabase, said: str) -> list[Product]:
    """The products that `said` may mean: one, if it is clear; several; or none."""
    words = words_of(said)
    plain = " ".join(words)
    products = database.products()
    for product in products:
        if _same(product.name, plain):
            return [product]
    if found := database.matching(words, all_in_name=True):
        return found
    if found := [p for p in products if set(words_of(p.name)) <= set(words)]:  # "the red camping tent for my son"
        return found
    squeezed = _squeezed(plain)
    if len(squeezed) > 3 and (found := [p for p in products if squeezed in _squeezed(p.name)]):
        return found
    return _near(products, squeezed)


def words_of(text: str) -> list[str]:
    """Lower case, without articles and punctuation, the numbers that occur in names as figures."""
    plain = text.lower().replace("-", " ").replace("'", "").replace("’", "")
    for number, digits in _NUMBERS.items():
        plain = plain.replace(number, digits)
    return [word for word in re.findall(r"[^\W_]+", plain) if word not in _SMALL_WORDS]


def _squeezed(text: str) -> str:
    """Without spaces, as ears do not hear them: "head lamp" is "headlamp"."""
    return "".join(words_of(text)).rstrip("s")


def _same(name: str, said: str) -> bool:
    return _squeezed(name) == _squeezed(said)


def _near(products: Sequence[Product], squeezed: str) -> list[Product]:
    scored = [(SequenceMatcher(None, _squeezed(p.name), squeezed).ratio(), p) for p in products]
    best = max(score for score, _ in scored)
    return [product for score, product in scored if score == best] if best >= _NEAR else []
