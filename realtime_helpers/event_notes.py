"""What every event of the Realtime protocol that a learner meets is for: (when, why it matters)."""

SENT: dict[str, tuple[str, str]] = {
    "session.update": (
        "you send it first, and again for any change",
        "one wrong field and the whole update is thrown away",
    ),
    "input_audio_buffer.append": ("you send it, many times a second", "your voice; nothing confirms it"),
    "input_audio_buffer.commit": ("you send it when you release the button", "ends a turn where turn detection is off"),
    "input_audio_buffer.clear": ("you send it to take back what was not committed", "answered by .cleared"),
    "output_audio_buffer.clear": (
        "you send it over WebRTC or SIP only",
        "there the service plays, and can be silenced",
    ),
    "conversation.item.create": (
        "you send it",
        "puts text or a function's result into the conversation; asks for no reply",
    ),
    "conversation.item.truncate": (
        "you send it when the reply was interrupted",
        "tells the model how much of its reply was really heard",
    ),
    "conversation.item.delete": ("you send it", "the model forgets that item"),
    "conversation.item.retrieve": ("you send it", "answered by .retrieved, audio included"),
    "response.create": ("you send it when no turn detection asks for you", "refused while another reply is under way"),
    "response.cancel": ("you send it to stop a reply", "needless on barge-in: the service has done it"),
}

RECEIVED: dict[str, tuple[str, str]] = {
    "session.created": ("as soon as the door opens", "the defaults, and when the session will expire"),
    "session.updated": (
        "once your session.update was accepted",
        "the settings in force; from here on it is your agent",
    ),
    "input_audio_buffer.speech_started": ("a voice was found in what you sent", "time to silence the loudspeaker"),
    "input_audio_buffer.speech_stopped": ("it has been quiet for silence_duration_ms", "your turn is over"),
    "input_audio_buffer.committed": ("right after speech_stopped, or your commit", "the audio has become an item"),
    "input_audio_buffer.cleared": ("your clear was done", "nothing half said is left over"),
    "input_audio_buffer.timeout_triggered": ("nobody spoke for idle_timeout_ms", "the agent may ask: still there?"),
    "input_audio_buffer.dtmf_event_received": ("a telephone key was pressed (SIP only)", "one key, no audio"),
    "conversation.item.added": ("an item enters the conversation", "yours or the model's; it may still be growing"),
    "conversation.item.done": ("that item is complete", "completed, or incomplete if you cut in"),
    "conversation.item.input_audio_transcription.delta": (
        "any time, only if transcription is on",
        "some more of your words, for showing",
    ),
    "conversation.item.input_audio_transcription.completed": (
        "any time, often after the reply began",
        "your words; made beside the model, which heard your voice itself",
    ),
    "conversation.item.input_audio_transcription.failed": (
        "transcription could not be done",
        "the conversation goes on: the model hears audio",
    ),
    "conversation.item.truncated": ("your truncate was done", "the unheard words are gone from its memory"),
    "conversation.item.deleted": ("your delete was done", "the item is forgotten"),
    "conversation.item.retrieved": ("you asked for an item", "all that the service keeps of it"),
    "response.created": ("the model begins to answer", "its id; status in_progress"),
    "response.output_item.added": ("a reply's message or function call begins", "one response may hold several"),
    "response.content_part.added": ("a part of that message begins", "audio or text"),
    "response.output_audio_transcript.delta": ("a word or two of what is being said", "captions; ahead of the sound"),
    "response.output_audio.delta": ("a slice of voice, faster than it plays", "queue it; base64 of PCM16"),
    "response.output_audio.done": ("the last slice has been sent", "sent, not heard: the loudspeaker is still busy"),
    "response.output_audio_transcript.done": ("after the last word", "the whole sentence; cut short on barge-in"),
    "response.output_text.delta": ("some letters of a text reply", "in place of audio, if text was asked for"),
    "response.output_text.done": ("after the last letter", "the whole text"),
    "response.function_call_arguments.delta": ("the model fills in your function's arguments", "half a JSON: wait"),
    "response.function_call_arguments.done": ("the arguments are complete", "name, call_id and JSON to call it with"),
    "response.content_part.done": ("that part is complete", "its transcript or text, once more"),
    "response.output_item.done": ("that message or call is complete", "a call's cue: run the function"),
    "response.done": (
        "the reply is over: completed, cancelled, incomplete or failed",
        "why it ended, and the tokens you pay for",
    ),
    "rate_limits.updated": ("shortly after a reply", "how much is left this minute"),
    "output_audio_buffer.started": ("over WebRTC or SIP only", "the service began to play"),
    "output_audio_buffer.stopped": ("over WebRTC or SIP only", "all was played"),
    "output_audio_buffer.cleared": ("over WebRTC or SIP only", "silenced, on barge-in or by you"),
    "error": ("something you sent was refused", "nothing is raised and the socket stays open: read it"),
}


def note(direction: str, type: str) -> tuple[str, str]:
    """(when it arrives, why it matters); for an event that is not in the book, a dash each."""
    return {"sent": SENT, "received": RECEIVED}.get(direction, {}).get(type, ("–", "–"))
