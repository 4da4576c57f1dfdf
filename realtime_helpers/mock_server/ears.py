"""Speech to text: Moonshine tiny (English), run by onnxruntime from the weights in the moonshine-voice wheel.

Only the weights: importing that package would load its own library and a second copy of the model.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from ..audio import SAMPLE_RATE_HZ, pcm16_to_float, resample
from .stretches import stretches
from .vad import SpeechUnavailable, first_speech
from .work_queue import go_on

_EARS_HZ = 16_000
_START, _END = 1, 2  # token ids
_LAYERS, _HEADS, _HEAD_SIZE = 6, 8, 36
_TOKENS_PER_SECOND = 6.5  # no one speaks faster; beyond it the decoder has fallen into a loop (Moonshine's own limit)
_SHORTEST_S = 0.1
_LEAD_S = 0.25  # kept before the first syllable, for a soft "s" or "th"; more silence only costs time and words


class Moonshine:
    """Moonshine tiny-en. `transcribe` may run in several threads at once; each uses one core."""

    name = "moonshine tiny-en"

    def __init__(self) -> None:
        import onnxruntime

        folder = _weights()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        self._encoder = onnxruntime.InferenceSession(str(folder / "encoder_model.ort"), options, providers=providers)
        self._decoder = onnxruntime.InferenceSession(
            str(folder / "decoder_model_merged.ort"), options, providers=providers
        )
        self._outputs = [output.name for output in self._decoder.get_outputs()]
        self._tokens = _read_tokens(folder / "tokenizer.bin")
        self._decode(np.zeros(_EARS_HZ, np.float32))  # the first run allocates; no caller should wait for that

    def transcribe(self, pcm: bytes) -> str:
        """PCM16 24 kHz -> text; "" if no one speaks in it."""
        samples = pcm16_to_float(pcm)
        speech_at = first_speech(samples)
        if speech_at is None or len(samples) < _SHORTEST_S * SAMPLE_RATE_HZ:
            return ""  # asked to transcribe noise, the network makes words up ("You")
        lead = round(_LEAD_S * SAMPLE_RATE_HZ)
        samples = resample(samples[max(0, speech_at - lead) :], SAMPLE_RATE_HZ, _EARS_HZ)
        texts = (self._spell(self._decode(stretch)) for stretch in stretches(samples, _EARS_HZ))
        return " ".join(text for text in texts if text)

    def _decode(self, samples: np.ndarray) -> list[int]:
        audio = samples[None].astype(np.float32)
        heard = np.ones(audio.shape, np.int64)  # a mark per sample for the decoder too: it thins them out itself
        (states,) = self._encoder.run(None, {"input_values": audio, "attention_mask": heard})
        go_on()
        inputs = {
            "encoder_hidden_states": states,
            "encoder_attention_mask": heard,
            "use_cache_branch": np.array([False]),
        }
        empty = np.zeros((1, _HEADS, 0, _HEAD_SIZE), np.float32)
        for layer in range(_LAYERS):
            for part in ("decoder.key", "decoder.value", "encoder.key", "encoder.value"):
                inputs[f"past_key_values.{layer}.{part}"] = empty
        tokens: list[int] = []
        token = _START
        for step in range(max(4, round(len(samples) / _EARS_HZ * _TOKENS_PER_SECOND))):
            go_on()
            inputs["input_ids"] = np.array([[token]], np.int64)
            inputs["use_cache_branch"] = np.array([step > 0])
            logits, *presents = self._decoder.run(None, inputs)
            token = int(logits[0, -1].argmax())
            if token == _END:
                break
            tokens.append(token)
            for name, present in zip(self._outputs[1:], presents, strict=True):
                # The cross attention's keys are made once; later steps return empty ones.
                if step == 0 or ".decoder." in name:
                    inputs[name.replace("present", "past_key_values")] = present
        return tokens

    def _spell(self, tokens: list[int]) -> str:
        return b"".join(self._tokens[token] for token in tokens).decode("utf-8", "replace").replace("▁", " ").strip()


def _weights() -> Path:
    found = importlib.util.find_spec("moonshine_voice")
    folder = Path(found.submodule_search_locations[0]) / "assets" / "tiny-en" if found else None
    if folder is None or not (folder / "tokenizer.bin").exists():
        raise SpeechUnavailable(
            "No speech recognition: moonshine-voice is missing or newer than 0.1.0, the last that carries its weights; "
            "install the workbook's requirements again."
        )
    return folder


def _read_tokens(path: Path) -> list[bytes]:
    """Each token is its length (one byte, or two from 128 up) and its bytes."""
    data = path.read_bytes()
    tokens: list[bytes] = []
    at = 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            length = data[at] * 128 + length - 128
            at += 1
        tokens.append(data[at : at + length])
        at += length
    return tokens
