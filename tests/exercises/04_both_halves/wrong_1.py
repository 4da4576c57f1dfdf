# expects: half an interruption
async def interrupt(connection):
    """Silence now, and the service told how much was heard."""
    await speaker.clear()
