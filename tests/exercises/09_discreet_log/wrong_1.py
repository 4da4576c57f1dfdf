# expects: gives away what was said
def discreet(event):
    secret = ("delta", "transcript", "text", "arguments", "session")
    return {name: value for name, value in event.items() if name not in secret}
