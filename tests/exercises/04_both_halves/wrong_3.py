# expects: you have not heard a word
async def interrupt(connection):
    """Silence now, and the service told how much was heard."""
    if heard := await speaker.clear():
        await connection.conversation.item.truncate(item_id=heard.item_id, content_index=0, audio_end_ms=0)
