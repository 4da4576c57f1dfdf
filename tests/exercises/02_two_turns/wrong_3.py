# expects: The answer came as sound
async def ask(connection, question):
    """Send `question` (bytes of sound) as one turn, and return the answer's text."""
    await connection.input_audio_buffer.append(audio=b64encode(question).decode())
    await connection.input_audio_buffer.commit()
    await connection.response.create()
    answer = None
    async for event in connection:
        match event.type:
            case "response.output_text.done":
                answer = event.text
            case "response.done":
                return answer
