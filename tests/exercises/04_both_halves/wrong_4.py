# expects: nothing left to cancel
async def interrupt(connection):
    """Silence now, and the service told how much was heard."""
    await speaker.clear()
    await connection.response.cancel()
