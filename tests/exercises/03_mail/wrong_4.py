# expects: Some answers are missing
def read_mail(wire):
    """[(what he said, in how many slices of sound), ...], one pair an answer."""
    mail = []
    slices = wire.received("response.output_audio.delta")
    said = wire.received("response.output_audio_transcript.done")[-1]
    answer = said.event["response_id"]
    mail.append((said.event["transcript"], len([one for one in slices if one.event["response_id"] == answer])))
    return mail
