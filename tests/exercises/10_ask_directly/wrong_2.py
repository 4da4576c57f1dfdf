# expects: a coroutine and returns two pieces of text
async def ask_garage(
    garage: Literal["Harper's Garage", "Miller and Sons", "Station Road Motors"],
    car: Literal["Honda Civic", "Land Rover", "Toyota Corolla"],
    service: Literal["full service", "oil change"],
) -> dict:
    """The price of a service at a garage, in dollars, and its first free date."""
    _, answered = await exchange(garage, {"car": car, "service": service})
    return answered["result"]["structuredContent"]
