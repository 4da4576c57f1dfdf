# expects: these answers come in writing
def keep(event, order, ready, log):
    """Append to `log` every line, "User: ..." or "Assistant: ...", in its turn."""
    match event.type:
        case "conversation.item.added":
            place = order.index(event.previous_item_id) + 1 if event.previous_item_id in order else 0
            order.insert(place, event.item.id)
        case "conversation.item.input_audio_transcription.completed":
            ready[event.item_id] = f"User: {event.transcript}"
        case "conversation.item.input_audio_transcription.failed":
            ready[event.item_id] = "User: (not transcribed)"
        case "response.output_audio_transcript.done":
            ready[event.item_id] = f"Assistant: {event.transcript}"
    while len(log) < len(order) and order[len(log)] in ready:
        log.append(ready[order[len(log)]])
