# expects: the wrong way round
class LongerCall(Call):
    """A call that also finds out whether there is a courtesy car."""

    def store_quote(self, price: float, day: date, courtesy_car: bool):
        """Store the garage's quote, once they have agreed to what you repeated."""
        note = "no courtesy car" if courtesy_car else "courtesy car"
        store(self.garage, "quote", price, day, note)
