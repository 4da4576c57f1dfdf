# expects: stored no quote
class LongerCall(Call):
    """A call that also finds out whether there is a courtesy car."""

    def store_quote(self, price: float, day: date, courtesy_car: bool):
        """Store the garage's quote, once they have agreed to what you repeated."""
        return f"{price} on {day}, {'with' if courtesy_car else 'without'} a courtesy car"
