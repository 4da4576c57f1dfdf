# expects: nothing left to cancel
def cancel_booking(date: datetime.date, customer_name: str) -> str:
    """Cancel the booking of a customer on a date."""
    cancelled = second_book.cancel(date, customer_name)
    return f"Cancelled: table {cancelled.table_number} at {cancelled.seating}"
