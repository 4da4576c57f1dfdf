# expects: returned without an answer
async def configure(connection, session):
    """Send `session`. Return the session that the service confirms, else None."""
    try:
        await connection.session.update(session=session)
    except ServiceError as why:
        print("Error:", why)
        return None
    return session
