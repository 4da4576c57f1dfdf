"""Chapter 7's own code, on calls that go otherwise than its recordings: who hangs up, when, and what is stored."""

import shutil
from base64 import b64decode

import nbformat
import numpy as np
import pytest

from conftest import kernel_environment
from realtime_helpers.audio import SAMPLE_RATE_HZ, write_audio

from .exercises_of import NOTEBOOKS, Kernel
from .voices import say

SPOKEN = NOTEBOOKS / "recordings" / "07_outbound"
GREETING = ["line_1.wav", 'after = "reply"']  # price and day, once the agent has asked
AGREES = ["line_2.wav", 'after = "reply"']
EDGE = np.zeros(SAMPLE_RATE_HZ // 10, np.float32)


@pytest.fixture
def mechanic(tmp_path, monkeypatch):
    """`mechanic(lines, hang_up)`: a recorded one, each line the name of a WAV or words to be spoken, and its cue."""

    def record(lines, hang_up="after_ms = 30000"):
        folder = tmp_path / "recordings" / "07_test"
        folder.mkdir(parents=True)
        script = ""
        for n, (words, cue) in enumerate(lines, 1):
            if words.endswith(".wav"):
                shutil.copy(SPOKEN / words, folder / f"line_{n}.wav")
            else:
                write_audio(folder / f"line_{n}.wav", np.concatenate([EDGE, say(words), EDGE]))
            script += f'[[line]]\ntext = "{words}"\n{cue}\n'
        (folder / "script.toml").write_text(f"{script}[hang_up]\n{hang_up}\n")
        monkeypatch.chdir(tmp_path)
        return "07_test"

    return record


async def call(recording):
    """The wire of a call to that mechanic, what the tools were asked for, and the row that it left."""
    cells = {cell.id: cell.source for cell in nbformat.read(NOTEBOOKS / "07_outbound.ipynb", 4).cells}
    kernel = Kernel()
    with kernel_environment():
        for name in ("imports", "results", "tools", "session", "call"):
            await kernel.run(cells[name])
        await kernel.run(f'await call_garage(Call("test"), *rehearsed_line("{recording}"))')
    wire = kernel.names["service"].wire
    done = wire.received("response.function_call_arguments.done")
    assert kernel.names["results"].execute("SELECT count(*) FROM calls").fetchone() == (1,)
    return wire, [one.event["name"] for one in done], kernel.names["stored"]("test")


def goodbye_of(wire):
    """The last response in which `hang_up` was called, and the id of what was said in it."""
    ends = [done for done in wire.received("response.done") if "hang_up" in str(done.event["response"]["output"])]
    said = [item for item in ends[-1].event["response"]["output"] if item["type"] == "message"]
    return ends[-1], said[0]["id"]


def heard_and_sent_ms(wire, item_id):
    slices = [e.event["delta"] for e in wire.received("response.output_audio.delta") if e.event["item_id"] == item_id]
    (drained,) = [e for e in wire if e.type == "speaker.drained" and e.event["item_id"] == item_id]
    return drained, drained.event["heard_ms"], sum(len(b64decode(one)) for one in slices) / 48


async def test_the_goodbye_is_heard_to_its_end_before_the_line_is_closed(mechanic):
    wire, calls, row = await call(mechanic([GREETING, AGREES]))
    assert calls == ["store_quote", "hang_up"] and row[:3] == ("test", "quote", 240)
    end, goodbye = goodbye_of(wire)
    drained, heard_ms, sent_ms = heard_and_sent_ms(wire, goodbye)
    assert sent_ms > 1500 and heard_ms == pytest.approx(sent_ms, abs=1)
    assert drained.at - end.at > 0.2, "all of it had been sent long before it was heard"
    last_sound = [e.at for e in wire if e.type == "input_audio_buffer.append"][-1]
    assert last_sound > end.at + 0.2, "and the line was open meanwhile: the microphone went on"
    assert not wire.received("error")


async def test_what_is_said_into_the_goodbye_keeps_the_line_open_and_still_counts(mechanic):
    late = ["Wait, make it Thursday instead.", "interrupt_ms = 700"]
    wire, calls, row = await call(mechanic([GREETING, AGREES, late, AGREES]))
    assert calls == ["store_quote", "hang_up", "store_quote", "hang_up"]
    days = [e.event["arguments"] for e in wire.received("response.function_call_arguments.done")][0::2]
    assert days[0] != days[1] and row[3] in days[1], "corrected, in the same row"
    assert len(wire.sent("conversation.item.truncate")) == 1, "the first goodbye was cut short"
    _, heard_ms, sent_ms = heard_and_sent_ms(wire, goodbye_of(wire)[1])
    assert heard_ms == pytest.approx(sent_ms, abs=1), "and the second was not"


async def test_a_garage_that_hangs_up_on_the_goodbye_leaves_the_quote(mechanic):
    _, calls, row = await call(mechanic([GREETING, AGREES, ["Goodbye!", "interrupt_ms = 400"]], "after_ms = 0"))
    assert calls[0] == "store_quote" and calls.count("store_quote") == 1
    assert row[:3] == ("test", "quote", 240)


async def test_a_garage_that_hangs_up_before_anything_is_agreed_leaves_just_that(mechanic):
    wire, calls, row = await call(mechanic([GREETING], "after_ms = 100"))
    assert calls == [] and row[1:3] == ("they hung up", None)
    assert not wire.received("error")
