# expects: has the field
def discreet(event):
    kept = ("type", "event_id", "item_id", "response_id", "output_index", "content_index")
    logged = {name: event[name] for name in kept if name in event}
    if event["type"] == "error":
        logged["code"] = event["error"]["code"]
    return logged
