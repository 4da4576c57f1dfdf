"""Measures with their units, as fields of tools' results name them: weight_g, price_dollars."""

from __future__ import annotations

import re

# The end of a field's name says in what it counts: the word for one, for many, and for a hundredth.
_UNITS = {
    "dollars": ("dollar", "dollars"), "usd": ("dollar", "dollars"), "euros": ("euro", "euros"),
    "eur": ("euro", "euros"), "pounds": ("pound", "pounds"), "gbp": ("pound", "pounds"),
    "g": ("gram", "grams"), "kg": ("kilogram", "kilograms"), "km": ("kilometre", "kilometres"),
    "m": ("metre", "metres"), "cm": ("centimetre", "centimetres"), "min": ("minute", "minutes"),
    "minutes": ("minute", "minutes"), "hours": ("hour", "hours"), "s": ("second", "seconds"),
    "l": ("litre", "litres"), "litres": ("litre", "litres"), "percent": ("percent", "percent"),
}  # fmt: skip
_MONEY = ("dollar", "euro", "pound")


def measure(field: str, value: object) -> tuple[str, str]:
    """A field's name without its unit, and its value with it: weight_g, 980 -> weight, "980 grams"."""
    words = re.sub(r"[_-]+", " ", field).strip()
    name, _, end = words.rpartition(" ")
    unit = _UNITS.get(end.lower()) if name else None
    if unit is None or isinstance(value, bool) or not isinstance(value, int | float):
        return words, str(value)
    if unit[0] in _MONEY:
        whole, hundredths = divmod(round(value * 100), 100)
        rest = f" {hundredths}" if hundredths >= 10 else f" and {hundredths} cents" if hundredths else ""
        return name, f"{whole} {unit[0] if whole == 1 else unit[1]}{rest}"
    return name, f"{value:g} {unit[0] if value == 1 else unit[1]}"
