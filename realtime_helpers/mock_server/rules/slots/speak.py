"""Questions for slots, and results of tools, in plain words."""

from __future__ import annotations

import json

from .values import Slot

_ASK = {
    "date": "For what date?",
    "time": "At what time?",
    "name": "What name should I put?",
}


def asking(slot: Slot) -> str:
    if slot.kind == "enum":
        options = [str(option).replace("_", " ") for option in slot.options]
        return f"Which {slot.words}: {', '.join(options[:-1])} or {options[-1]}?" if len(options) > 1 else "Sure?"
    if slot.kind == "number" and any(word in slot.words for word in ("people", "guest", "party", "person")):
        return "For how many people?"
    if slot.kind == "bool":
        return f"Would you like {slot.words}?"
    if slot.kind == "date" and slot.words not in ("date", "day"):
        return f"What is the {slot.words}?"
    return _ASK.get(slot.kind, f"What is the {slot.words}?")


def result_line(output: str) -> tuple[str, bool]:
    """A tool's output as a sentence, and whether it went well."""
    try:
        value = json.loads(output)
    except (ValueError, TypeError):
        value = output
    if isinstance(value, dict):
        if error := value.get("error"):
            return f"I am sorry, that did not work: {_plain(error)}.", False
        good = not any(value.get(key) is False for key in ("available", "success", "ok"))
        return ("Here it is: " if good else "I am sorry, no: ") + _plain(value).rstrip(".") + ".", good
    if value is True:
        return "Yes, that is fine.", True
    if value is False:
        return "I am sorry, that is not possible.", False
    if value in (None, "", []):
        return "Done.", True
    text = _plain(value).rstrip(".")
    bad = text.lower().startswith(("error", "failed", "sorry", "no "))
    return (f"I am sorry, it did not work: {text}." if bad else f"{text[:1].upper()}{text[1:]}."), not bad


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{str(key).replace('_', ' ')} {_plain(part)}" for key, part in list(value.items())[:5])
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value[:5]) or "nothing"
    if value is None:
        return "nothing"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
