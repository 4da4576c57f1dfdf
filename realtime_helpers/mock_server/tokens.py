"""Token counts, estimated: about four letters a token, ten tokens a second heard, twenty a second spoken."""

_HEARD_MS_PER_TOKEN = 100
_SPOKEN_MS_PER_TOKEN = 50
_LETTERS_PER_TOKEN = 4


def text_tokens(text: str) -> int:
    return tokens_of(len(text))


def tokens_of(letters: int) -> int:
    return -(-letters // _LETTERS_PER_TOKEN)


def letters_of(tokens: int) -> int:
    """As many as so many tokens may have."""
    return tokens * _LETTERS_PER_TOKEN


def heard_tokens(audio_ms: int) -> int:
    return -(-audio_ms // _HEARD_MS_PER_TOKEN)


def spoken_tokens(audio_ms: int) -> int:
    return -(-audio_ms // _SPOKEN_MS_PER_TOKEN)
