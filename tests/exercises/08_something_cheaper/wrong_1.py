# expects: offered the Family Tent
async def find_cheaper(product: str):
    """Find cheaper products that are like this product."""
    dear = shop.named(product)[0]
    ranked = await shop.rank(dear.text)
    return [{"name": other.name, "price_dollars": other.price_dollars} for _, other in ranked[:3]]
