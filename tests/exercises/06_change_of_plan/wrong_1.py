# expects: still in the book
def cancel_booking(date: datetime.date, customer_name: str) -> str:
    """Cancel the booking of a customer on a date."""
    return f"Cancelled: {customer_name} on {date}"
