"""A line between two agents that write."""

import asyncio

import pytest

from realtime_helpers.text_line import TextLine


async def read(end, into: list[str]) -> None:
    async for words in end:
        into.append(words)


async def test_what_one_says_the_other_reads_in_order():
    line, heard = TextLine(), []
    reading = asyncio.create_task(read(line.callee, heard))
    line.caller.say("one")
    line.caller.say("two")
    while len(heard) < 2:  # noqa: ASYNC110  nothing tells of it
        await asyncio.sleep(0)
    line.callee.say("three")
    line.caller.hang_up()
    async with asyncio.timeout(1):
        await reading
    assert heard == ["one", "two"]
    assert line.lines == [("caller", "one"), ("caller", "two"), ("callee", "three")]


@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_either_side_ends_it_for_both_by_hanging_up_or_leaving(who):
    for leave in (False, True):
        line = TextLine()
        both = asyncio.gather(read(line.caller, []), read(line.callee, []))
        end = getattr(line, who)
        if leave:
            async with end:
                pass
        else:
            end.hang_up()
        async with asyncio.timeout(1):
            await both
        assert line.ended_by == who
        end.say("too late")
        assert line.lines == []


async def test_two_who_never_stop_are_stopped():
    line = TextLine(most_lines=6)

    async def echo(end):
        async for words in end:
            end.say(words)

    line.caller.say("Goodbye.")
    async with asyncio.timeout(1):
        await asyncio.gather(echo(line.caller), echo(line.callee))
    assert (len(line.lines), line.ended_by) == (6, "too many lines")


async def test_nothing_is_no_line():
    line = TextLine()
    line.caller.say("  ")
    assert line.lines == [] and not line.ended_by


async def test_who_waits_in_vain_goes():
    line, heard = TextLine(patience_s=0.05), []
    async with asyncio.timeout(1):
        await asyncio.gather(read(line.caller, heard), read(line.callee, heard))
    assert (line.ended_by, heard) == ("silence", [])
