# expects: First append, then commit
async def ask(connection, question):
    """Send `question` (bytes of sound) as one turn, and return the answer's text."""
    await connection.input_audio_buffer.commit()
    await connection.input_audio_buffer.append(audio=b64encode(question).decode())
    await connection.response.create(response={"output_modalities": ["text"]})
    answer = None
    async for event in connection:
        match event.type:
            case "response.output_text.done":
                answer = event.text
            case "response.done":
                return answer
