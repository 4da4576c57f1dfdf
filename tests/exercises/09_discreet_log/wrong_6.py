# expects: which is no dictionary
def discreet(event):
    return event["type"]
