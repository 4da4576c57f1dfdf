# expects: remembers something else than you do
async def interrupt(connection):
    """Silence now, and the service told how much was heard."""
    await speaker.clear()
    slices = service.wire.received("response.output_audio.delta")
    sound = b"".join(b64decode(one.event["delta"]) for one in slices)
    await connection.conversation.item.truncate(
        item_id=slices[0].event["item_id"], content_index=0, audio_end_ms=len(sound) // 48
    )
