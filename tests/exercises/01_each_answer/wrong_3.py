# expects: did not return what it confirmed
async def configure(connection, session):
    """Send `session`. Return the session that the service confirms, else None."""
    await connection.session.update(session=session)
    async for event in connection:
        match event.type:
            case "session.updated":
                print("Connected")
                break
            case "error":
                print("Error:", event.error.message)
                break
