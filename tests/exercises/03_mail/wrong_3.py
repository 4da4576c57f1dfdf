# expects: the words come in slices, too
def read_mail(wire):
    """[(what he said, in how many slices of sound), ...], one pair an answer."""
    mail = []
    for said in wire.received("response.output_audio_transcript.done"):
        answer = said.event["response_id"]
        events = [one for one in wire.received() if one.event.get("response_id") == answer]
        mail.append((said.event["transcript"], len(events)))
    return mail
