# expects: text where a dictionary was promised
async def ask_garage(
    garage: Literal["Harper's Garage", "Miller and Sons", "Station Road Motors"],
    car: Literal["Honda Civic", "Land Rover", "Toyota Corolla"],
    service: Literal["full service", "oil change"],
) -> dict:
    """The price of a service at a garage, in dollars, and its first free date."""
    asked, answered = await exchange(garage, {"car": car, "service": service})
    quote = json.loads(answered)["result"]["structuredContent"]
    return f"That is {quote['price']} dollars."
