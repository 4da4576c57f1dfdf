# expects: as nothing at all
def cancel_booking(day: datetime.date, customer_name: str) -> str:
    """Cancel the booking of a customer on a date."""
    return str(second_book.cancel(day, customer_name))
