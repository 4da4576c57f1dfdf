"""A recording that was sent as a file, as the PCM16 that the ears want. Nothing longer than allowed is ever decoded."""

from pathlib import PurePath

from ..audio import SAMPLE_RATE_HZ, AudioError, AudioTooLong, float_to_pcm16, read_audio
from .events import ProtocolError
from .http_body import Upload

LONGEST_S = 1500
_SHORTEST_S = 0.1
FORMATS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
_OTHER_KINDS = {"x-wav": "wav", "wave": "wav", "vnd.wave": "wav", "x-flac": "flac", "x-m4a": "m4a"}


def check_named(file: Upload) -> None:
    """The service goes by the name or the content type, so a file needs one of them.

    Raises:
        ProtocolError: it has neither.
    """
    ending = PurePath(file.name).suffix.lower().removeprefix(".")
    kind = file.kind.partition(";")[0].strip().lower().rpartition("/")[2]
    if ending not in FORMATS and _OTHER_KINDS.get(kind, kind) not in FORMATS:
        raise ProtocolError(
            "invalid_value",
            f"Unrecognized file format: the file is called {file.name[:80]!r}. Give it a name that ends in one of "
            f"{', '.join(FORMATS)}, as in file=('turn.wav', wav_bytes).",
            "file",
        )


def pcm_of(file: Upload) -> bytes:
    """The whole recording as PCM16 24 kHz mono. Blocks.

    Raises:
        ProtocolError: it holds no audio, or too little or too much of it.
    """
    try:
        samples = read_audio(file.data, LONGEST_S)
    except AudioTooLong:
        message = f"The audio is longer than {LONGEST_S} seconds, the most that may be sent: send it in parts."
        raise ProtocolError("audio_too_long", message, "file") from None
    except AudioError:
        raise ProtocolError(
            "invalid_value",
            "The audio file could not be decoded: it may be damaged, or have no header (as PCM from a session has "
            "none); write a WAV file of it.",
            "file",
        ) from None
    if len(samples) < _SHORTEST_S * SAMPLE_RATE_HZ:
        message = f"Audio file is too short. Minimum audio length is {_SHORTEST_S} seconds."
        raise ProtocolError("audio_too_short", message, "file")
    return float_to_pcm16(samples)
