# expects: came back without what it was sent for
async def ask(connection, question):
    """Send `question` (bytes of sound) as one turn, and return the answer's text."""
    await connection.input_audio_buffer.append(audio=b64encode(question).decode())
    await connection.input_audio_buffer.commit()
    return await connection.response.create(response={"output_modalities": ["text"]})
