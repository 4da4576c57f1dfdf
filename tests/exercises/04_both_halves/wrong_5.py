# expects: It wants the id of the item that was playing
async def interrupt(connection):
    """Silence now, and the service told how much was heard."""
    if heard := await speaker.clear():
        user = service.wire.received("conversation.item.added")[0].event["item"]["id"]
        await connection.conversation.item.truncate(item_id=user, content_index=0, audio_end_ms=heard.ms)
