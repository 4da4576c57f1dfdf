# expects: the order of likeness was lost
async def find_cheaper(product: str):
    """Find cheaper products that are like this product."""
    dear = shop.named(product)[0]
    ranked = await shop.rank(dear.text)
    cheaper = [other for _, other in ranked if other.price_cents < dear.price_cents]
    cheaper.sort(key=lambda other: other.price_cents)
    return [{"name": other.name, "price_dollars": other.price_dollars} for other in cheaper[:3]]
