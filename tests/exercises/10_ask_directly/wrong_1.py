# expects: the envelope with the letter
async def ask_garage(
    garage: Literal["Harper's Garage", "Miller and Sons", "Station Road Motors"],
    car: Literal["Honda Civic", "Land Rover", "Toyota Corolla"],
    service: Literal["full service", "oil change"],
) -> dict:
    """The price of a service at a garage, in dollars, and its first free date."""
    asked, answered = await exchange(garage, {"car": car, "service": service})
    return json.loads(answered)
