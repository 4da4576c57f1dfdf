import asyncio
import re
import sys
from types import ModuleType

import pytest

from realtime_helpers.checks import WIDTH, CheckFailed, NoSuchCheck, NothingRaised, check, expected_error, time_limit
from realtime_helpers.wire import Wire


class Refused(Exception):
    pass


def test_expected_error_shows_the_error_in_one_sentence(capsys):
    with expected_error(Refused) as expected:
        raise Refused("The key was refused.\n   Check your .env file.")
    assert capsys.readouterr().out == "As expected, Refused: The key was refused. Check your .env file.\n"
    assert isinstance(expected.error, Refused)


def test_a_long_sentence_is_wrapped_between_words(capsys):
    with expected_error(Refused):
        raise Refused("no " * 60 + "never")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1 and max(map(len, lines)) <= WIDTH
    assert " ".join(lines).count("no") == 60


def test_expected_error_without_a_message_still_says_something(capsys):
    with expected_error():
        raise Refused
    assert capsys.readouterr().out == "As expected, Refused: (it gives no reason)\n"


def test_nothing_raised_is_a_failure_that_names_what_was_promised():
    promise = "meant to fail with Refused or KeyError, and it succeeded"
    with pytest.raises(NothingRaised, match=promise), expected_error(Refused, KeyError):
        pass


def test_nothing_raised_shows_no_traceback_in_a_notebook():
    with pytest.raises(NothingRaised) as caught, expected_error(Refused):
        pass
    assert caught.value._render_traceback_() == [f"NothingRaised: {caught.value}"]


def test_another_error_passes_through(capsys):
    with pytest.raises(ZeroDivisionError), expected_error(Refused):
        _ = 1 / 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("stop", [KeyboardInterrupt, asyncio.CancelledError])
def test_the_stop_button_is_never_an_expected_error(stop):
    with pytest.raises(stop), expected_error():
        raise stop


async def test_expected_error_works_around_async_with(capsys):
    class Connection:
        async def __aenter__(self):
            await asyncio.sleep(0)
            raise Refused("no")

        async def __aexit__(self, *_):
            pass

    with expected_error(Refused):
        async with Connection():
            pass
    assert capsys.readouterr().out == "As expected, Refused: no\n"


def test_a_check_prints_its_sentence_and_gets_the_wire_and_more(monkeypatch, capsys):
    asked = {}

    def wave(wire, **more):
        asked.update(more, wire=wire)
        return "Right, " + "so " * 60 + "it is."

    given_a_check(monkeypatch, wave=wave)
    wire = Wire()
    assert check("98_wave", wire, answers=[1]) is None
    lines = capsys.readouterr().out.splitlines()
    assert asked == {"wire": wire, "answers": [1]} and asked["wire"] is wire
    assert lines[0].startswith("Right, so") and max(map(len, lines)) <= WIDTH


def test_a_failed_check_is_shown_sentence_by_sentence_without_a_traceback(monkeypatch):
    def wave(wire):
        raise CheckFailed("Nothing was sent.", "That is " + "very " * 30 + "likely.")

    given_a_check(monkeypatch, wave=wave)
    with pytest.raises(CheckFailed, match=r"Nothing was sent\. That is") as caught:
        check("98_wave", Wire())
    shown = caught.value._render_traceback_()
    assert "Not yet." in shown[0] and shown[1] == "Nothing was sent."
    assert shown[2].startswith("That is very") and max(map(len, "\n".join(shown[1:]).split("\n"))) <= WIDTH


@pytest.mark.parametrize("name", ["98_other", "97_wave", "wave", "98_wave ", "98_CheckFailed"])
def test_a_check_that_does_not_exist_is_named(monkeypatch, name):
    given_a_check(monkeypatch, wave=lambda wire: "Right.")
    with pytest.raises(NoSuchCheck, match=re.escape(repr(name))):
        check(name, Wire())


def given_a_check(monkeypatch, **checks):
    module = ModuleType("realtime_helpers.exercise_checks.ch98")
    vars(module).update(checks)
    monkeypatch.setitem(sys.modules, module.__name__, module)


async def test_a_time_limit_ends_what_waits_for_ever_and_says_so(capsys):
    async with time_limit(0.01):
        await asyncio.Event().wait()
    assert capsys.readouterr().out.startswith("(Nothing more happened within 0.01 seconds")


async def test_a_time_limit_lets_everything_else_through(capsys):
    async with time_limit(5):
        done = True
    for error in (TimeoutError, Refused, asyncio.CancelledError):
        with pytest.raises(error):
            async with time_limit(5):
                raise error
    assert done and capsys.readouterr().out == ""


@pytest.mark.parametrize(("seconds", "speed", "left"), [(10, None, 10), (40, "4", 10), (10, "4", 4), (3, "4", 3)])
def test_a_fast_rehearsal_waits_less_but_long_enough(monkeypatch, seconds, speed, left):
    if speed:
        monkeypatch.setenv("REALTIME_REHEARSAL", "1")
        monkeypatch.setenv("REALTIME_REHEARSAL_SPEED", speed)
    assert time_limit(seconds).seconds == left
