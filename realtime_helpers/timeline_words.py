"""A timeline in words: one sentence, and a table with all that is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .moments import Bar, BargeIn, ToolRun, Wait
from .story import Reply, Turn
from .timeline_lanes import NAMED

if TYPE_CHECKING:
    from .timeline import Conversation

_WHO = {"sent": "you", "received": "service"}


def sentence(talk: Conversation) -> str:
    """What is to be seen, for somebody who does not."""
    if not talk.wire:
        return "Timeline of nothing: no event was recorded."
    last = max(e.at for e in talk.wire)
    parts = []
    if talk.turns or not talk.messages:
        parts.append(_count(len(talk.turns), "turn") + " of yours")
    if talk.messages:
        parts.append(_count(len(talk.messages), "message") + " of yours")
    parts.append(_count(len(talk.replies), "reply", "replies"))
    if talk.waits:
        voice = any(wait.voice_ended is not None for wait in talk.waits)
        after = "after the voice fell silent" if voice else "after it was asked for"
        parts.append(f"an answer {_each([wait.ms for wait in talk.waits])} ms {after}")
    if cut := sum(bar.cut_at is not None for bar in talk.bars):
        parts.append(f"{cut} interrupted")
    if talk.barge_ins:
        parts.append(f"silence {_each([b.ms for b in talk.barge_ins])} ms after the voice that cut in")
    if talk.tools:
        failed = sum(tool.ok is False for tool in talk.tools)
        parts.append(_count(len(talk.tools), "tool call") + (f", {failed} failed" if failed else ""))
    if late := len(talk.late):
        parts.append(_count(late, "transcript") + " later than the answer")
    return f"Timeline of {last:.0f} s: {'; '.join(parts)}."


def table(talk: Conversation) -> list[tuple[str, ...]]:
    """At what time, who, what; the first row is the head."""
    rows = [(e.at, _WHO.get(e.direction, ""), e.type) for e in talk.wire if e.type in NAMED]
    late = talk.late
    for said in (*talk.turns, *talk.messages):
        rows.append((_at(said), "you", _said(said)))
        if said in late:
            rows.append((said.words_at, "service", f"the transcript of your line at {_at(said):.2f} s, late"))
    bars = {bar.reply.id: bar for bar in talk.bars}
    waits = {wait.reply.id: wait for wait in talk.waits}
    cuts = {barge_in.reply.id: barge_in for barge_in in talk.barge_ins}
    for r in talk.replies:
        at = r.created_at if r.answers_at is None else r.answers_at
        rows.append((at, "service", _reply(r, bars.get(r.id), waits.get(r.id), cuts.get(r.id))))
    rows += [(tool.start, "tool", _tool(tool)) for tool in talk.tools]
    if not rows:
        return []
    return [("at", "who", "what"), *((f"{at:.2f} s", who, what) for at, who, what in sorted(rows))]


def _said(said) -> str:
    if isinstance(said, Turn):
        what = "a turn that did not end" if said.stop is None else f"a turn of {said.stop - said.start:.1f} s"
    else:
        what = "a message" if said.item_id is None else "a turn committed by hand"
    words = said.words or ("(the transcription failed)" if said.failed else "")
    return what + (f": {words}" if words else "")


def _reply(r: Reply, bar: Bar | None, wait: Wait | None, cut: BargeIn | None) -> str:
    facts = [f"a reply, {r.status}" + (f" ({r.reason})" if r.reason else "")]
    if wait:
        parts = ""
        if wait.voice_ended is not None:
            silence = 1000 * (wait.asked_at - wait.voice_ended)
            parts = f" ({silence:.0f} of silence until the turn was over, {wait.ms - silence:.0f} more)"
        facts.append(f"waited {wait.ms:.0f} ms for{parts}")
    if bar:
        arrived = bar.arrives[1] - bar.arrives[0]
        facts.append(f"{r.audio_ms / 1000:.1f} s of sound that arrived in {arrived:.1f} s")
        if bar.noted and bar.plays:
            facts.append(f"heard from {bar.plays[0][0]:.2f} to {bar.plays[-1][1]:.2f} s")
        elif bar.noted:
            facts.append("never heard")
    if r.heard_ms is not None:
        facts.append(f"{r.heard_ms / 1000:.1f} s of it heard")
    if cut:
        facts.append(f"silent {cut.ms:.0f} ms after a voice cut in")
    facts += [f"calls {call}" for call in r.calls]
    return ", ".join(facts) + (f": {r.words}" if r.words else "")


def _tool(tool: ToolRun) -> str:
    took = "still at work" if tool.stop is None else f"{tool.stop - tool.start:.2f} s"
    return f"{tool.name}, {took}" + (", failed" if tool.ok is False else "")


def _at(said) -> float:
    return said.started_at if isinstance(said, Turn) else said.at


def _each(figures: list[float]) -> str:
    figures = [round(f) for f in figures]
    return ", ".join(map(str, figures)) if len(figures) < 5 else f"{min(figures)} to {max(figures)}"


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"
