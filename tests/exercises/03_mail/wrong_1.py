# expects: count the slices that have the same one
def read_mail(wire):
    """[(what he said, in how many slices of sound), ...], one pair an answer."""
    mail = []
    slices = wire.received("response.output_audio.delta")
    for said in wire.received("response.output_audio_transcript.done"):
        mail.append((said.event["transcript"], len(slices)))
    return mail
