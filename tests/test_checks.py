import asyncio

import pytest

from realtime_helpers.checks import WIDTH, NothingRaised, expected_error


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
