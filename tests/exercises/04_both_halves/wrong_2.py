# expects: He talks on, with a truncate
async def interrupt(connection):
    """Silence now, and the service told how much was heard."""
    await connection.conversation.item.truncate(
        item_id=speaker.item_id, content_index=0, audio_end_ms=int(speaker.played_ms)
    )
