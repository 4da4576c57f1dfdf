"""Facts that the speaker has, out of the instructions or said already: read-backs confirmed, questions answered.

What is written in the instructions is known ("A full service costs 240 dollars."), and so is what was said before. It
is compared and repeated, never reasoned about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from ..replies import Message, Prompt, Say
from .numbers import read_number
from .slots.dates import find_dates, stated_today
from .slots.heard import hear
from .slots.outbound import is_outbound
from .slots.schema import stems
from .words import word_set

_READ_BACK = re.compile(
    r"\bread (that|it|this|them) back\b|\bis (that|this|it) (right|correct)\b|"
    r"\b(have|did) i (get|got) (that|it) right\b|\blet me (just )?(repeat|check|confirm)\b"
)
_MISSED = re.compile(
    r"\b(did|do|could|can) not (quite )?(catch|hear|get|understand)\b|\bsay (that|it) again\b|\brepeat that\b|"
    r"\bwhat (shall|should) (i|we) (change|correct)\b"
)
_CHOICE = re.compile(r"\b(which|what)\b")
_PRICE = re.compile(r"\b(prices?|costs?|how much|charge|fee|quote)\b")
_DAY = re.compile(r"\b(when|dates?|day|earliest|soonest|free|available)\b")
_MONEY = re.compile(r"\b(dollars?|pounds?|euros?|cents?|price|cost)\b")
_TODAY = re.compile(r"\b(today|current date|date is now)\b", re.IGNORECASE)
_IDLE = word_set("a an the of for to in on at is are and or by with it its this that be i you we they my your")
_LONGEST_NAME = 4  # words
Values = frozenset[float | date]


def facts_reply(prompt: Prompt) -> list[Say] | None:
    """The answer to a read-back, to who did not hear, or to a question about the agent's own errand; else None."""
    last = prompt.history[-1] if prompt.history else None
    if not (isinstance(last, Message) and last.role == "user"):
        return None
    said = hear(last.text).said
    reads_back, missed = _READ_BACK.search(said), _MISSED.search(said)
    if reads_back or missed:  # else nothing need be remembered
        today = stated_today(prompt.instructions)
        own = [item.text for item in prompt.history if isinstance(item, Message) and item.role == "assistant"]
        known = [(line, values) for line in _stated(prompt.instructions, own) if (values := _values(line, today))]
        if known and reads_back and (claimed := _values(last.text, today)):
            if claimed <= frozenset().union(*(values for _, values in known)):
                return [Say("Yes, that is right.")]
            return [Say(f"No. Once more: {_bare(known[-1][0])}")]
        if known and missed and known[-1][0] in own and not is_outbound(prompt.instructions):
            return [Say(f"Once more: {_bare(known[-1][0])}")]
    return _about_the_errand(said, prompt.instructions) if is_outbound(prompt.instructions) else None


def fact_asked_for(prompt: Prompt) -> str:
    """The sentences of the instructions that answer a question for a price or a date; "" if none do."""
    last = prompt.history[-1] if prompt.history else None
    if not (isinstance(last, Message) and last.role == "user"):
        return ""
    said, today = hear(last.text).said, stated_today(prompt.instructions)
    wanted = []
    for line in _sentences(prompt.instructions):
        values = _values(line, today)
        price = _PRICE.search(said) and _MONEY.search(line.lower()) and any(isinstance(v, float) for v in values)
        day = _DAY.search(said) and any(isinstance(v, date) for v in values)
        if price or day:
            wanted.append((len(stems(line) & stems(said)), line))
    best = max((score for score, _ in wanted), default=0)
    return " ".join(line for score, line in wanted if score == best)


def _about_the_errand(said: str, instructions: str) -> list[Say] | None:
    """ "Which car: a Volvo, a Fiat or a Ford?" The one that the instructions speak of."""
    question = _CHOICE.search(said)
    if not question:
        return None
    asked, known = said[question.end() :].split(), hear(instructions)
    for length in range(_LONGEST_NAME, 0, -1):
        for start in range(len(asked) - length + 1):
            name = asked[start : start + length]
            if name[0] in _IDLE or name[-1] in _IDLE or (length == 1 and start == 0):
                continue  # "which car" names no car
            if (at := _find(name, known.words)) is not None:
                return [Say(" ".join(known.raw[at : at + length]) + ".")]
    return None


def _find(name: Sequence[str], words: Sequence[str]) -> int | None:
    return next((at for at in range(len(words)) if list(words[at : at + len(name)]) == list(name)), None)


def _sentences(instructions: str) -> list[str]:
    """Those that state something about the world: not who to be, what to do, or what day it is."""
    lines = re.split(r"(?<=[.!?;\n])\s+", instructions.strip())
    return [line for line in lines if not re.match(r"[Yy]ou\b", line) and not _TODAY.search(line)]


def _stated(instructions: str, own: Sequence[str]) -> list[str]:
    """What was put forward as true; what was only read back came from the other side."""
    return [line for line in [*_sentences(instructions), *own] if not _READ_BACK.search(hear(line).said)]


def _bare(line: str) -> str:
    """Without a "once more" of its own, so that asking three times does not nest."""
    return re.sub(r"^(No\. )?Once more: ", "", line)


def _values(text: str, today: date) -> Values:
    """Its dates and its other numbers."""
    words = hear(text).words
    found: set[float | date] = set()
    in_dates: set[int] = set()
    for day, start, end in find_dates(words, today):
        found.add(day)
        in_dates |= set(range(start, end))
    at = 0
    while at < len(words):
        read = None if at in in_dates else read_number(words, at)
        if read and words[at : read[1]] != ["one"]:  # "I do not know that one"
            found.add(float(read[0]))
        at = read[1] if read else at + 1
    return frozenset(found)
