# expects: There was an error
def discreet(event):
    kept = ("type", "event_id", "item_id", "response_id", "code")
    return {name: event[name] for name in kept if name in event}
