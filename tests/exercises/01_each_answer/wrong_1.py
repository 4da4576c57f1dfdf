# expects: a refusal is an event, too
async def configure(connection, session):
    """Send `session`. Return the session that the service confirms, else None."""
    await connection.session.update(session=session)
    async for event in connection:
        if event.type == "session.updated":
            return event.session
