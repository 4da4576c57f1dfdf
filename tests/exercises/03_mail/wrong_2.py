# expects: each of them was taken for an answer
def read_mail(wire):
    """[(what he said, in how many slices of sound), ...], one pair an answer."""
    mail = []
    slices = wire.received("response.output_audio.delta")
    for said in wire.received("response.output_audio_transcript.delta"):
        answer = said.event["response_id"]
        mail.append((said.event["delta"], len([one for one in slices if one.event["response_id"] == answer])))
    return mail
