# expects: in the order in which they arrived
def keep(event, order, ready, log):
    """Append to `log` every line, "User: ..." or "Assistant: ...", in its turn."""
    match event.type:
        case "conversation.item.input_audio_transcription.completed":
            log.append(f"User: {event.transcript}")
        case "conversation.item.input_audio_transcription.failed":
            log.append("User: (not transcribed)")
        case "response.output_text.done":
            log.append(f"Assistant: {event.text}")
