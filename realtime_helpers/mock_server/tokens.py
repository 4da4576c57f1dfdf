"""Token counts, estimated: about four letters a token, ten tokens a second heard, twenty a second spoken."""

_HEARD_MS_PER_TOKEN = 100
_SPOKEN_MS_PER_TOKEN = 50


def text_tokens(text: str) -> int:
    return tokens_of(len(text))


def tokens_of(letters: int) -> int:
    return -(-letters // 4)


def heard_tokens(audio_ms: int) -> int:
    return -(-audio_ms // _HEARD_MS_PER_TOKEN)


def spoken_tokens(audio_ms: int) -> int:
    return -(-audio_ms // _SPOKEN_MS_PER_TOKEN)
