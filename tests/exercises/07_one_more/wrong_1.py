# expects: as something that it may leave out
class LongerCall(Call):
    """A call that also finds out whether there is a courtesy car."""

    def store_quote(self, price: float, day: date, courtesy_car: bool = False):
        """Store the garage's quote, once they have agreed to what you repeated."""
        note = "courtesy car" if courtesy_car else "no courtesy car"
        store(self.garage, "quote", price, day, note)
