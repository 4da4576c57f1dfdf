"""Chapter 8's check: what the learner's tool told the model, as the wire has it."""

import json
from typing import Any

from ..checks import CheckFailed
from ..shop_database import Product, ShopDatabase
from ..wire import Wire

_TOOL = "find_cheaper"


def something_cheaper(wire: Wire) -> str:
    """`wire`: a customer asked for something cheaper than a product, and the tool was called."""
    arguments, output = _call(wire)
    with ShopDatabase() as database:
        products = {product.name: product for product in database.products()}
    dear = next(p for p in products.values() if p.name.lower() == str(arguments.get("product", "")).lower())
    offered = [_offer(part, products) for part in _parts(output)]
    names = [product.name for product in offered]
    dearer = [product.name for product in offered if product.price_cents >= dear.price_cents]
    if dearer:
        raise CheckFailed(
            f"Asked for something cheaper than the {dear.name}, the tool offered the {dearer[0]}.",
            "What is most like a thing is the thing itself, and after it come some that cost more.",
            "Keep only the products whose `price_cents` is below that of `dear`.",
        )
    if not any(product.kind == dear.kind for product in offered):
        raise CheckFailed(
            f"In place of a {dear.name}, the tool offered {', '.join(names)}.",
            "They are cheaper, but not like it: the order of likeness was lost, perhaps by sorting by price.",
            "Take the first three of those that cost less in the order in which `rank` returned them.",
        )
    if len(offered) > 3:
        raise CheckFailed(
            f"The tool offered {len(offered)} products.",
            "All that cost less were returned, down to those that are nothing like it.",
            "Take the first three: nobody listens to more.",
        )
    return f"Asked for something cheaper than the {dear.name}, the shop has {', '.join(names)}, each with its price."


def _call(wire: Wire) -> tuple[dict[str, Any], Any]:
    """The arguments of the last call of the tool, and what the model was told."""
    calls = [e.event for e in wire.received("response.function_call_arguments.done") if e.event.get("name") == _TOOL]
    if not calls:
        raise CheckFailed(
            f"Nobody called {_TOOL}.",
            "The model was not offered it, or did not see that it was meant.",
            f"Run the cell with {_TOOL} and the one that asks again; keep the tool's name, parameter and docstring.",
        )
    items = [e.event["item"] for e in wire.sent("conversation.item.create")]
    outputs = [item["output"] for item in items if item.get("call_id") == calls[-1]["call_id"]]
    if not outputs:
        raise CheckFailed(
            f"{_TOOL} was called, and the model never got an answer.",
            "The conversation was over before the tool was.",
            "Run the cell that asks again.",
        )
    try:
        return json.loads(calls[-1]["arguments"]), json.loads(outputs[-1])
    except ValueError:
        return json.loads(calls[-1]["arguments"]), outputs[-1]


def _parts(output: Any) -> list[Any]:
    if isinstance(output, dict) and "error" in output:
        raise CheckFailed(
            f"The model was told: {output['error']}",
            "Your function raised an error; the whole of it is in the `calls` of the tool set, and in the log.",
            "Call it yourself to see: `await find_cheaper('Family Tent')`.",
        )
    lists = [part for part in output.values() if isinstance(part, list)] if isinstance(output, dict) else []
    parts = output if isinstance(output, list) else lists[0] if lists else None
    if not parts:
        raise CheckFailed(
            f"The tool answered {output!r}, in which there is no product.",
            "Nothing was returned, or a number of products in place of the products.",
            "Return a list with a dictionary for each product: the model knows what is in it, and nothing else.",
        )
    return parts


def _offer(part: Any, products: dict[str, Product]) -> Product:
    values = list(part.values()) if isinstance(part, dict) else [part]
    product = next((products[value] for value in values if isinstance(value, str) and value in products), None)
    if product is None:
        raise CheckFailed(
            f"The tool offered {part!r}, and the shop has no product of that name.",
            "The name was left out or changed.",
            "Give each product's `name` as it is.",
        )
    prices = {product.price_dollars, product.price_cents}
    if not isinstance(part, dict) or not any(
        isinstance(value, int | float) and not isinstance(value, bool) and value in prices for value in values
    ):
        raise CheckFailed(
            f"The tool offered {part!r}, without its price.",
            "A model that is asked what it costs, and was not told, will make something up.",
            "Add the price to each product, under a name that says in what it counts: `price_dollars`.",
        )
    return product
