# expects: gives away what was said
def discreet(event):
    kept = ("type", "event_id", "item_id", "response_id", "error")
    return {name: event[name] for name in kept if name in event}
