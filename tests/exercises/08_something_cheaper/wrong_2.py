# expects: without its price
async def find_cheaper(product: str):
    """Find cheaper products that are like this product."""
    dear = shop.named(product)[0]
    ranked = await shop.rank(dear.text)
    cheaper = [other for _, other in ranked if other.price_cents < dear.price_cents]
    return [other.name for other in cheaper[:3]]
