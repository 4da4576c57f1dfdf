"""The shop's agent outside of the notebook: hears sound files, writes what it says.

    python shop_agent.py question.wav another.wav
    python shop_agent.py question.wav --answer answer.wav

It asks the service that the settings name, as the chapters do; without any it starts
the mock server. For a telephone or a sound card, replace `questions`, which yields
chunks of PCM16 (24 kHz, mono), and what is done with `answer`.
"""

import argparse
import asyncio
import logging
from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
import soundfile

from realtime_helpers import (
    SAMPLE_RATE_HZ,
    LearnerError,
    Resuming,
    Shop,
    ToolSet,
    choose_service,
    float_to_pcm16,
    read_audio,
)

CHUNK_BYTES = SAMPLE_RATE_HZ // 10 * 2  # a tenth of a second
SILENCE = bytes(
    10 * CHUNK_BYTES
)  # after each question: turn detection has to hear that it is over
PATIENCE_S = 30
INSTRUCTIONS = (
    "You work in a shop for outdoor and camping things. Answer in one very short "
    "sentence, ten words at most. "
    "Name products with their prices, and never more than two of them. "
    "Speak only of products that a tool has returned, and never invent a price."
)


async def questions(sounds, answered):
    """The sounds in chunks. Each waits until the one before was answered."""
    for number, sound in enumerate(sounds, 1):
        answered.clear()
        sound += SILENCE
        for start in range(0, len(sound), CHUNK_BYTES):
            yield sound[start : start + CHUNK_BYTES]
        try:
            async with asyncio.timeout(PATIENCE_S):
                await answered.wait()
        except TimeoutError:
            print(f"(Question {number} was not answered: is anything said in it?)")


async def serve(service, sounds):
    """Ask the questions. What was answered, as PCM16 (24 kHz, mono), like them."""
    shop = Shop(service)
    await shop.embed_products()
    tools = ToolSet(shop.tools, log=None)
    answer, answered = bytearray(), asyncio.Event()
    session = {
        "type": "realtime",
        "instructions": INSTRUCTIONS,
        "audio": {
            "input": {"transcription": {"model": service.transcription_model}},
            "output": {"voice": service.voice},
        },
        "tools": tools.schema,
    }

    async def send_audio(connection):
        async for chunk in questions(sounds, answered):
            await connection.input_audio_buffer.append(audio=b64encode(chunk).decode())
        await connection.close()

    sending = []
    async with Resuming(service) as connection:
        await connection.session.update(session=session)
        async for event in connection:
            match event.type:
                case "session.updated":
                    sending.append(asyncio.create_task(send_audio(connection)))
                case "response.output_audio.delta":
                    answer += b64decode(event.delta)
                case "conversation.item.input_audio_transcription.completed":
                    print("User:", event.transcript)
                case "response.output_audio_transcript.done":
                    print("Assistant:", event.transcript)
                case "response.done" if any(
                    item.type == "message" for item in event.response.output
                ):
                    answered.set()
                case "connection.lost":
                    print(f"({event.why}; attempt {event.attempt} in {event.wait_s} s)")
                case "error":
                    print("Error:", event.error.message)
            await tools.handle(event, connection)
    return bytes(answer)


async def main():
    parser = argparse.ArgumentParser(
        description="Ask the voice shop what is in sound files."
    )
    parser.add_argument(
        "files", nargs="+", type=Path, help="WAV, FLAC, MP3 or Ogg: one question each"
    )
    parser.add_argument(
        "--answer",
        type=Path,
        help="a sound file for what the agent says (otherwise nothing is kept)",
    )
    arguments = parser.parse_args()
    sounds = [float_to_pcm16(read_audio(file)) for file in arguments.files]
    answer = await serve(choose_service(), sounds)
    if arguments.answer:
        soundfile.write(arguments.answer, np.frombuffer(answer, "<i2"), SAMPLE_RATE_HZ)
        print("Written:", arguments.answer)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    try:
        asyncio.run(main())
    except OSError as why:
        raise SystemExit(f"{why.filename}: {why.strerror}.") from None
    except LearnerError as why:
        raise SystemExit(str(why)) from None
