# expects: did not reach the exchange
async def ask_garage(
    garage: Literal["Harper's Garage", "Miller and Sons", "Station Road Motors"],
    car: Literal["Honda Civic", "Land Rover", "Toyota Corolla"],
    service: Literal["full service", "oil change"],
) -> dict:
    """The price of a service at a garage, in dollars, and its first free date."""
    asked, answered = await exchange("Harper's Garage", {"car": CAR, "service": SERVICE})
    return json.loads(answered)["result"]["structuredContent"]
