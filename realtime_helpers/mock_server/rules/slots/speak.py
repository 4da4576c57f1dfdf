"""Questions for slots, and results of tools, in plain words."""

from __future__ import annotations

import json
import re
from datetime import date

from .dates import ORDINALS
from .listing import listing_line
from .schema import LANGUAGES, Slot, Tool
from .units_said import measure

_ASK = {
    "date": "For what date?",
    "time": "At what time?",
    "datetime": "On what date, and at what time?",
    "phone": "What is your phone number?",
    "email": "What is your email address?",
}
_POSSIBLE = "Yes, that is possible."
_VERDICTS = ("available", "success", "ok", "booked", "confirmed", "found", "accepted", "valid", "possible", "done")
_BAD_STATUS = re.compile(r"^(failed|failure|error|unavailable|rejected|declined|denied|not[ _].*|full|sold[ _]out|no)$")
_BAD_TEXT = re.compile(
    r"^(error|failed|failure|sorry|no\b|not\b|unavailable|unfortunately|false|fully booked|sold out)"
)


def asking(slot: Slot, again: bool = False) -> str:
    question = _question(slot)
    return f"Sorry, I did not catch that. {question}" if again else question


def _question(slot: Slot) -> str:
    if slot.kind == "enum":
        options = [_option(option) for option in slot.options]
        return f"Which {slot.words}: {', '.join(options[:-1])} or {options[-1]}?" if len(options) > 1 else "Sure?"
    if slot.kind == "number":
        if re.search(r"\b(people|persons|guests|party|group|headcount|size)\b", slot.words):
            return "For how many people?"
        if slot.words in ("quantity", "count", "amount", "number"):
            return "How many?"
        if _measures(slot):
            return f"What {slot.words}?"
        return f"How many {slot.words}?" if slot.whole else f"What is the {slot.words}?"
    if slot.kind == "bool":
        return f"Would you like {slot.words}?"
    if slot.kind == "name":
        return "What name shall I put?" if slot.words in ("name", "customer name", "guest name") else (
            f"What is the {slot.words}?")  # fmt: skip
    if slot.kind == "date" and slot.words not in ("date", "day"):
        return f"What is the {slot.words}?"
    if slot.kind == "time" and slot.words != "time":
        return f"What is the {slot.words}?"
    return _ASK.get(slot.kind, f"What is the {slot.words}?")


def _option(option: object) -> str:
    return LANGUAGES.get(str(option)) or plain(re.sub(r"(?<=[a-zA-Z])[_\-]+", " ", str(option)))


def _measures(slot: Slot) -> bool:
    return bool(
        re.search(r"\b(temperature|degrees|amount|price|number|level|percent|cost|duration|limit)\b", slot.words)
    )


def offering(tool: Tool) -> str:
    words = tool.spoken.split()
    if words[1:2] and words[1] in ("in", "into", "on", "onto", "to"):
        return f"Shall I {words[0]} it {words[1]} the {' '.join(words[2:])}?"
    return f"Shall I {words[0]} {'the ' if len(words) > 1 else 'it'}{' '.join(words[1:])}?"


def which_one(choices: list[str]) -> str:
    return f"Which one: {', '.join(choices[:-1])} or {choices[-1]}?"


def summing_up(tool: Tool, values: dict[str, object]) -> str:
    parts = []
    for slot in tool.slots:
        if slot.name in values:
            value = values[slot.name]
            parts.append(f"{slot.words}: {' '.join(str(value)) if slot.kind in ('code', 'phone') else plain(value)}")
    return f"Let me read that back. {', '.join(parts)}. Is that right?"


def result_line(output: str, looked: bool = False, asked: str = "") -> tuple[str, bool]:
    """A tool's output as a sentence, and whether it went well. `looked`: the tool only looks something up.
    `asked`: what the user said, in lower case."""
    line, good = listing_line(output, asked) or _result(output)
    return ("Done." if line == _POSSIBLE and not looked else line), good


def _result(output: str) -> tuple[str, bool]:
    try:
        value = json.loads(output)
    except (ValueError, TypeError):
        value = output
    if isinstance(value, dict):
        return _dict_line(value)
    if value is True:
        return _POSSIBLE, True
    if value is False:
        return "I am sorry, that is not possible.", False
    if value in (None, "", [], {}):
        return "Done." if value in (None, "") else "I am sorry, there is nothing.", value in (None, "")
    text = plain(value).strip().rstrip(".")
    bad = bool(_BAD_TEXT.match(text.lower()))
    return (f"I am sorry: {text}." if bad else f"{text[:1].upper()}{text[1:]}."), not bad


def _dict_line(value: dict) -> tuple[str, bool]:
    if error := value.get("error"):
        return f"I am sorry: {plain(error).rstrip('.')}.", False
    status = str(value.get("status", "")).lower()
    bad = any(value.get(key) is False for key in _VERDICTS) or bool(_BAD_STATUS.match(status))
    said = value.get("message") or value.get("reason") or value.get("summary")
    rest = {key: part for key, part in value.items() if not isinstance(part, bool) and part is not None}
    if said:
        words = plain(said).rstrip(".") + "."
    elif rest:
        words = _sentence(rest)
    else:
        words = ""
    if bad:
        return f"I am sorry, that is not possible. {words}".strip(), False
    return words or _POSSIBLE, True


def _sentence(parts: dict) -> str:
    told = {key: part for key, part in parts.items() if not isinstance(part, list | dict)} or parts
    said = [" ".join((words, plain(value))) for words, value in (_measured(*part) for part in list(told.items())[:4])]
    text = ", ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def _measured(key: object, value: object) -> tuple[str, object]:
    return measure(str(key), value) if isinstance(value, int | float) else (re.sub("[_-]+", " ", str(key)), value)


def plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{re.sub('[_-]+', ' ', str(key))} {plain(part)}" for key, part in list(value.items())[:4])
    if isinstance(value, list):
        said = [plain(part) for part in value[:4]]
        return ", ".join(said[:-1]) + (" and " if len(said) > 1 else "") + said[-1] if said else "nothing"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    said = re.sub(r"\b(\d{4})-(\d\d)-(\d\d)\b", _day, str(value))
    return re.sub(r"\b(\d\d?):(\d\d)(:\d\d)?\b", _clock, said)


def _day(found: re.Match) -> str:
    """Tuesday, December first"""
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return found[0]
    return f"{day:%A}, {day:%B} {ORDINALS[day.day - 1]}"


def _clock(found: re.Match) -> str:
    """ten thirty, six o'clock in the evening"""
    hour, minute = int(found[1]), int(found[2])
    if hour > 23 or minute > 59:
        return found[0]
    part = "" if 7 <= hour <= 12 else " in the morning" if hour < 7 else " in the afternoon" if hour < 18 else (
        " in the evening")  # fmt: skip
    spoken = "o'clock" if not minute else f"oh {minute}" if minute < 10 else str(minute)
    return f"{hour % 12 or 12} {spoken}{part}"
