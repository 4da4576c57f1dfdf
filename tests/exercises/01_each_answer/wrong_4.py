# expects: returned something for it all the same
async def configure(connection, session):
    """Send `session`. Return the session that the service confirms, else None."""
    await connection.session.update(session=session)
    async for event in connection:
        if event.type in ("session.updated", "error"):
            return event
