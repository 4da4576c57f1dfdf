"""Typing in a real JupyterLab, where the microphone is refused or taken away in mid-conversation."""

from __future__ import annotations

from playwright.sync_api import Locator

from .conftest import OpenNotebook
from .page import NotebookPage

LINES = ["Hello, my name is Ada.", "What is my name?"]

MAKE = f"""\
import asyncio
from base64 import b64decode, b64encode
from realtime_helpers import Keyboard, Microphone, MicrophoneError, Speaker, choose_service
service = choose_service("mock")
speaker = Speaker(trace=True)
mic = Microphone(listen_to=speaker)
keyboard = Keyboard(rehearsal={LINES!r}, listen_to=speaker)
display(mic, keyboard, speaker)"""

TALK = """\
async def talk(connection):
    try:
        async with mic:
            async for chunk in mic:
                await connection.input_audio_buffer.append(audio=b64encode(chunk).decode())
    except MicrophoneError as why:
        print(why)
        await connection.input_audio_buffer.clear()
        async with keyboard:
            async for line in keyboard:
                print("Typed:", line)
                content = [{"type": "input_text", "text": line}]
                await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
                await connection.response.create()
    await connection.close()

said = {}
async with service.connect() as connection:
    await connection.session.update(session={"type": "realtime", "instructions": "Be kind."})
    async for event in connection:
        match event.type:
            case "session.updated":
                talking = asyncio.create_task(talk(connection))
            case "input_audio_buffer.speech_started":
                print("Speech started")
            case "response.output_audio.delta":
                said[event.item_id] = said.get(event.item_id, b"") + b64decode(event.delta)
                speaker.play(b64decode(event.delta), item_id=event.item_id)
            case "response.output_audio_transcript.done":
                print("Assistant:", event.transcript)
            case "error":
                print("Error:", event.error.message)
await talking
await speaker.drained()
async with asyncio.timeout(10):
    while not all(pcm in b"".join(speaker.rendered) for pcm in said.values()):
        await asyncio.sleep(0.1)  # the last of what was heard is on its way from the page
print("over")"""

READ = """\
lines = []
async with keyboard:
    print("reading")
    async for line in keyboard:
        lines.append(line)
        print("Typed:", line)
print("over")"""


def field(notebook: NotebookPage) -> Locator:
    return notebook.page.get_by_role("textbox", name="Your line")


def status(notebook: NotebookPage, words: str) -> None:
    within = notebook.page.get_by_role("group", name="Keyboard")
    within.get_by_role("status").filter(has_text=words).wait_for()


def hang_up(notebook: NotebookPage) -> None:
    notebook.button("Hang up", within=notebook.page.get_by_role("group", name="Keyboard")).click()
    notebook.wait_until_done()


def type_two_lines(notebook: NotebookPage) -> None:
    """One sent with Enter, one with the button."""
    answers = notebook.outputs()[-1].count("Assistant:")
    field(notebook).fill(LINES[0])
    field(notebook).press("Enter")
    notebook.wait_for_text("Assistant:", times=answers + 1)
    status(notebook, f"Sent: {LINES[0]}")
    assert field(notebook).input_value() == ""
    field(notebook).fill(LINES[1])
    notebook.button("Send").click()
    notebook.wait_for_text("Assistant:", times=answers + 2)


def answered_aloud(notebook: NotebookPage) -> None:
    """Both lines, in one conversation; "over" comes when all of both answers has left the loudspeaker's worklet."""
    typed, _, rest = notebook.outputs()[-1].partition(f"Typed: {LINES[1]}")
    assert "Typed: " + LINES[0] in typed and "Ada" in rest.partition("Assistant:")[2], "it remembers the line before"
    assert rest.strip().endswith("over") and "Error" not in rest and not notebook.errors()
    assert notebook.kernel("len(service.wire.received('session.created'))") == 1
    assert notebook.kernel("[len(pcm) > 24_000 for pcm in said.values()]") == [True, True]


def test_refused_a_microphone_one_types_on_in_the_same_conversation(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(MAKE, TALK, allow=False)
    notebook.run_all()
    notebook.wait_for_text("The browser was not allowed to use the microphone: allow it")
    status(notebook, "On: type a line, and press Enter.")
    type_two_lines(notebook)
    hang_up(notebook)
    answered_aloud(notebook)


# The page keeps the microphone that it was given, so that a test can take it away.
KEEP_MICROPHONE = """() => {
  const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => (window.microphone = await given(wanted));
}"""
PULL_OUT = "() => window.microphone.getAudioTracks()[0].dispatchEvent(new Event('ended'))"


def test_unplugged_while_somebody_speaks_one_types_on(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(MAKE, TALK)
    notebook.page.evaluate(KEEP_MICROPHONE)
    notebook.run_all()
    notebook.wait_for_text("Speech started")
    notebook.page.evaluate(PULL_OUT)
    notebook.wait_for_text("The microphone is gone, probably because it was unplugged")
    type_two_lines(notebook)
    hang_up(notebook)
    answered_aloud(notebook)
    microphone = notebook.page.get_by_role("group", name="Microphone")
    microphone.get_by_role("status").filter(has_text="The microphone is gone").wait_for()


def test_practised_faults_look_as_the_real_ones(open_notebook: OpenNotebook) -> None:
    """In the cell and in the widget, in the same words, and the microphone is off."""
    listen = "async with mic:\n    async for chunk in mic:\n        pass"
    notebook = open_notebook(MAKE.replace("Microphone(", "Microphone(fault='denied', "), listen)
    notebook.page.evaluate(KEEP_MICROPHONE)
    microphone = notebook.page.get_by_role("group", name="Microphone")
    notebook.run_all()
    notebook.wait_until_done()
    assert notebook.errors()[0].startswith("MicrophoneError: The browser was not allowed to use the microphone: allow")
    wrong = microphone.get_by_role("status")
    wrong.filter(has_text="The browser was not allowed to use the microphone").wait_for()
    assert "rt-wrong" in wrong.get_attribute("class")
    assert notebook.page.evaluate("() => window.microphone === undefined"), "the browser was not asked"

    notebook.kernel("setattr(mic, 'fault', 'unplugged')")
    notebook.run_cell(1)
    notebook.wait_until_done()
    assert notebook.errors()[0].startswith("MicrophoneError: The microphone is gone, probably because it was unplugged")
    wrong.filter(has_text="The microphone is gone").wait_for()
    assert "rt-wrong" in wrong.get_attribute("class")
    notebook.button("Start", within=microphone).wait_for()
    assert notebook.page.evaluate("() => window.microphone.getAudioTracks()[0].readyState") == "ended"


def test_the_recording_types_and_the_lines_are_answered_aloud(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(MAKE, TALK, allow=False)
    notebook.run_all()
    status(notebook, "On: type a line, and press Enter.")
    tape = notebook.button("Use the recording", within=notebook.page.get_by_role("group", name="Keyboard"))
    tape.click()
    assert tape.get_attribute("aria-pressed") == "true"
    status(notebook, f"Sent: {LINES[1]}")
    notebook.wait_until_done()
    answered_aloud(notebook)
    status(notebook, "The recording is over.")


def test_the_field_its_keys_and_its_buttons(open_notebook: OpenNotebook) -> None:
    """What is typed while off stays; lines typed ahead keep their order; no key is JupyterLab's; Tab leads on."""
    wait = "    while len(keyboard._lines) < 3:\n        await asyncio.sleep(.05)\n"
    notebook = open_notebook(MAKE, READ.replace('reading")\n', f'reading")\n{wait}'))
    notebook.run_cell(0)
    notebook.wait_until_done()
    status(notebook, "Off.")
    field(notebook).fill("one")
    field(notebook).press("Enter")
    status(notebook, "Off, so nothing was sent: run the cell that reads the keyboard.")
    assert notebook.button("Send").get_attribute("aria-disabled") == "true"
    notebook.run_cell(1)
    notebook.wait_for_text("reading")
    cells = notebook.page.locator(".jp-Cell").count()
    for line in ("", "   ", "two"):  # the empty ones are no lines
        field(notebook).press("Enter")
        field(notebook).fill(line)
    field(notebook).press("Enter")
    notebook.page.keyboard.type("dd a b x ")  # in JupyterLab: delete the cell, new ones above and below, cut
    notebook.page.keyboard.press("Shift+Enter")
    notebook.wait_for_text("Typed: dd a b x")
    assert notebook.page.locator(".jp-Cell").count() == cells
    focused = "document.activeElement.ariaLabel || document.activeElement.innerText.trim()"
    order = [notebook.page.evaluate(focused)]
    for _ in range(3):
        notebook.page.keyboard.press("Tab")
        order.append(notebook.page.evaluate(focused))
    assert order == ["Your line", "Send", "Hang up", "Use the recording"]
    notebook.page.keyboard.press("Shift+Tab")
    notebook.page.keyboard.press("Enter")
    notebook.wait_until_done()
    status(notebook, "Hung up.")
    assert notebook.kernel("lines") == ["one", "two", "dd a b x"]


def test_reload_types_on_and_stop_and_restart_say_that_it_is_off(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(MAKE, READ)
    notebook.run_all()
    notebook.wait_for_text("reading")
    field(notebook).press("Control+s")
    notebook.page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    notebook.reload()
    status(notebook, "On: type a line, and press Enter.")
    field(notebook).fill("after the reload")
    field(notebook).press("Enter")
    status(notebook, "Sent: after the reload")
    notebook.interrupt()
    status(notebook, "Off.")
    notebook.wait_until_ready()
    assert notebook.kernel("[keyboard.active, lines]") == [False, ["after the reload"]]
    notebook.run_cell(1)
    status(notebook, "On: type a line, and press Enter.")
    notebook.restart_kernel()
    status(notebook, "The kernel was restarted, so nobody reads what is typed: run the cells again from the top.")
    assert notebook.button("Send").get_attribute("aria-disabled") == "true"
