"""A shop for outdoor things, as six tools for an agent: what they say of a product comes from a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .shop_database import Product, ShopDatabase
from .shop_meaning import Meanings, likeness
from .shop_names import named

if TYPE_CHECKING:
    from .service import Service

FLOOR = 0.3  # below this likeness a product is not what was asked for
MARGIN = 0.14  # nor is one so much less like it than the best
MOST_SHOWN = 5

Need = Annotated[str, Field(description='The need or the kind of product, such as "tent" or "something against rain"')]
Order = Annotated[Literal["best match", "cheapest", "lightest"], Field(description="Which products come first")]
HighestPrice = Annotated[float | None, Field(description="Only products up to this price")]
Name = Annotated[str, Field(description="What the product is called, or a part of that")]
HowMany = Annotated[int, Field(description="How many of it")]

_ORDERS: dict[str, Callable[[Product], int]] = {
    "cheapest": lambda product: product.price_cents,
    "lightest": lambda product: product.weight_g,
}


class Shop:
    """`Shop(service)`: the shop in memory; with `path`, in a SQLite file. `show`: called with the products looked at.

    Call `await shop.embed_products()` once before the first search. `tools` are what an agent gets; each returns what
    the model will read, and a product is always named with its price. They are coroutines so that they run on the
    notebook's loop, where the database is at home.
    """

    def __init__(
        self,
        service: Service,
        path: str | Path = ":memory:",
        show: Callable[[Sequence[Product]], object] = lambda products: None,
    ) -> None:
        self.database = ShopDatabase(path)
        self.meanings = Meanings(service, self.database)
        self.show = show

    @property
    def tools(self) -> list[Callable[..., Any]]:
        """For `ToolSet`."""
        return [
            self.search_products,
            self.find_product,
            self.compare_products,
            self.check_stock,
            self.put_in_basket,
            self.basket_total,
        ]

    async def embed_products(self) -> int:
        """Make the vectors of all products that have none yet. How many that were.

        Raises EmbeddingError: the service makes none.
        """
        before = self.meanings.texts_sent
        await self.meanings.of([product.text for product in self.database.products()])
        return self.meanings.texts_sent - before

    async def rank(self, query: str) -> list[tuple[float, Product]]:
        """Every product with its likeness to the query, most like it first."""
        products = self.database.products()
        asked, *shelves = await self.meanings.of([" ".join(query.lower().split()), *(p.text for p in products)])
        scores = likeness(asked, np.stack(shelves))
        return [(float(scores[at]), products[at]) for at in np.argsort(-scores, kind="stable")]

    def named(self, name: str) -> list[Product]:
        """The products that a name may mean: one, several, or none."""
        return named(self.database, name)

    # -- the tools -----------------------------------------------------------------------------------------------------

    async def search_products(
        self, query: Need, order: Order = "best match", max_price_dollars: HighestPrice = None
    ) -> dict[str, Any]:
        """Search for products by what the customer needs or wants, in the customer's own words."""
        ranked = await self.rank(query) if query.strip() else []
        best = ranked[0][0] if ranked else 0.0
        found = [product for score, product in ranked if score >= max(FLOOR, best - MARGIN)]
        if max_price_dollars is not None:
            found = [product for product in found if product.price_dollars <= max_price_dollars]
        if order in _ORDERS:
            found.sort(key=_ORDERS[order])
        return self._found(found, "Nothing in the shop is like that: say so, and do not make a product up.")

    async def find_product(self, product: Name) -> dict[str, Any]:
        """Look a product up by what it is called."""
        return self._found(self.named(product), f"There is no product called {product}: say so.")

    async def compare_products(self, product: Name, other_product: Name) -> dict[str, Any]:
        """Compare two products with each other."""
        both = []
        for name in (product, other_product):
            found, problem = self._one(name)
            if found is None:
                return problem
            both.append(found)
        self.show(both)
        cheaper, lighter = (min(both, key=_ORDERS[order]) for order in ("cheapest", "lightest"))
        summary = (
            f"The {cheaper.name} is cheaper, and lighter too."
            if cheaper is lighter
            else f"The {cheaper.name} is cheaper, the {lighter.name} is lighter."
        )
        return {"summary": summary, "products": [_told(product) for product in both]}

    async def check_stock(self, product: Name) -> dict[str, Any]:
        """Check how many of a product are in stock."""
        found, problem = self._one(product)
        if found is None:
            return problem
        self.show([found])
        if not found.stock:
            return {"error": f"no {found.name} left in stock", "product": found.name, "in_stock": 0}
        return {"product": found.name, "in_stock": found.stock, "price_dollars": found.price_dollars}

    async def put_in_basket(self, product: Name, quantity: HowMany = 1) -> dict[str, Any]:
        """Put a product in the customer's basket."""
        found, problem = self._one(product)
        if found is None:
            return problem
        self.show([found])
        if quantity < 1:
            return {"error": "the quantity must be at least 1"}
        if not found.stock:
            return {"error": f"no {found.name} left in stock", "product": found.name, "in_stock": 0}
        if not self.database.put_in_basket(found, quantity):
            return {"error": f"only {found.stock} left of the {found.name}", "in_stock": found.stock}
        how_many = f"{quantity} times " if quantity > 1 else ""
        return {"message": f"In your basket: {how_many}{found.name}.", "product": found.name, "quantity": quantity}

    async def basket_total(self) -> dict[str, Any]:
        """How much everything in the customer's basket costs together."""
        basket = self.database.basket()
        self.show([product for product, _ in basket])
        lines = [
            {"product": p.name, "quantity": quantity, "price_dollars": p.price_cents * quantity / 100}
            for p, quantity in basket
        ]
        return {"total_dollars": sum(p.price_cents * quantity for p, quantity in basket) / 100, "basket": lines}

    # -- what they share -----------------------------------------------------------------------------------------------

    def _found(self, products: Sequence[Product], note: str) -> dict[str, Any]:
        shown = products[:MOST_SHOWN]
        self.show(shown)
        return {"products": [_told(product) for product in shown]} if shown else {"products": [], "note": note}

    def _one(self, name: str) -> tuple[Product | None, dict[str, Any]]:
        """The one product of that name, or what to tell the model in its place."""
        found = self.named(name)
        if len(found) == 1:
            return found[0], {}
        self.show(found[:MOST_SHOWN])
        if found:
            choices = [product.name for product in found[:MOST_SHOWN]]
            return None, {"error": f"{len(found)} products are called that: ask which one", "choices": choices}
        return None, {"error": f"there is no product called {name}"}


def _told(product: Product) -> dict[str, Any]:
    """A product as the model reads it."""
    return {
        "name": product.name,
        "price_dollars": product.price_dollars,
        "in_stock": product.stock,
        "weight_g": product.weight_g,
        "season": product.season,
        "about": product.description,
    }
