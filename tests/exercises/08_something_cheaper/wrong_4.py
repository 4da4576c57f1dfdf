# expects: in which there is no product
async def find_cheaper(product: str):
    """Find cheaper products that are like this product."""
    dear = shop.named(product)[0]
    ranked = await shop.rank(dear.text)
    cheaper = [other for _, other in ranked if other.price_cents < dear.price_cents]
    return {"found": len(cheaper)}
