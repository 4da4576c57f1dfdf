"""Cards of the products that a conversation is about, beside it in the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anywidget
import traitlets

from ._bridge import page_module, route_messages
from .shop_database import Product
from .shop_names import words_of


class ProductCards(anywidget.AnyWidget):
    """`display(cards)`, and `Shop(service, show=cards.show)`: what the shop's tools look at appears there as cards.

    `cards.say(words)`, called with the answer's words so far, brings the product that they name to the fore. Where no
    browser shows them, the cards are kept all the same: `cards.names`, `cards.spoken`.
    """

    _esm = page_module("page.js", "product_cards.js")
    _css = page_module("widgets.css", "product_cards.css")

    cards = traitlets.List(help="what the page draws").tag(sync=True)
    spoken = traitlets.Unicode("", help="the name of the product that is spoken about").tag(sync=True)
    looked = traitlets.Int(0, help="how often the shop was asked: an empty answer differs from none yet").tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        route_messages()
        super().__init__(**kwargs)

    def show(self, products: Sequence[Product]) -> None:
        """These products in place of those before; none for nothing found."""
        self.cards, self.spoken, self.looked = [_card(product) for product in products], "", self.looked + 1

    def say(self, words: str) -> None:
        """Mark the product that these words name last, if it is one of those shown."""
        said = _plain(words)
        at = {name: said.rfind(f" {_plain(name).strip()} ") for name in self.names}
        named = [name for name, place in at.items() if place >= 0]
        if named:
            self.spoken = max(named, key=lambda name: (at[name], len(name)))

    @property
    def names(self) -> list[str]:
        """The products on the cards, in order."""
        return [card["name"] for card in self.cards]

    def __str__(self) -> str:
        """In a terminal: the one that is spoken about is marked."""
        return "\n".join(
            f"{'>' if card['name'] == self.spoken else ' '} {card['name']}, {card['price']}, {card['stock']}"
            for card in self.cards
        )


def _card(product: Product) -> dict[str, str | bool]:
    weight = f"{product.weight_g / 1000:g} kg" if product.weight_g >= 1000 else f"{product.weight_g} g"
    return {
        "name": product.name,
        "kind": product.kind,
        "price": f"${product.price_dollars:,.2f}",
        "facts": f"{weight} · {product.season}",
        "stock": f"{product.stock} in stock" if product.stock else "sold out",
        "gone": not product.stock,
        "about": product.description,
    }


def _plain(text: str) -> str:
    """One space around every word, alike in writing and in speech."""
    return f" {' '.join(words_of(text))} "
