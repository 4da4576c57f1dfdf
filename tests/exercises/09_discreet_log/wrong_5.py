# expects: without it nobody can tell
def discreet(event):
    logged = {"type": event["type"]}
    if event["type"] == "error":
        logged["code"] = event["error"]["code"]
    return logged
