# expects: unless the tool keeps it
class LongerCall(Call):
    """A call that also finds out whether there is a courtesy car."""

    def store_quote(self, price: float, day: date, courtesy_car: bool):
        """Store the garage's quote, once they have agreed to what you repeated."""
        store(self.garage, "quote", price, day)
