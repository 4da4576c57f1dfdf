# expects: no longer has the parameter 'price'
class LongerCall(Call):
    """A call that also finds out whether there is a courtesy car."""

    def store_quote(self, courtesy_car: bool):
        """Store whether there is a courtesy car."""
        store(self.garage, "quote", note="courtesy car" if courtesy_car else "no courtesy car")
