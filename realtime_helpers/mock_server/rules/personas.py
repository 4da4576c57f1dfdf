"""What the instructions say about who is speaking, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# The first tone found wins, so the stronger ones come first.
_TONES = {
    "pirate": r"\bpirate",
    "cowboy": r"\bcowboy|\bcowgirl|\bwild west",
    "grumpy": r"\bgrump|\bcranky|\birritab|\bcurmudgeon|\brude\b|\bannoyed|\bbad.tempered|\bimpatient|\bsarcastic",
    "poet": r"\bpoet|\bin verse|\brhym",
    "formal": r"\bformal|\bpolite|\bbutler|\bcourteous|\bdignified",
    "cheerful": r"\bcheer|\benthusias|\bexcite|\bjoyful|\bupbeat|\bbubbly|\bhappy\b|\bwarm\b|\benergetic",
}
_TERSE = re.compile(
    r"\bterse|\bminimal|\bbrief|\bconcise|\bshort(ly)? (answers?|replies|responses?|sentences?)|\bvery short|"
    r"\b(one|a few|few|single) (words?|sentence)|\blaconic|\bfew words"
)
_LANGUAGES = (
    "french|spanish|german|italian|portuguese|dutch|japanese|chinese|mandarin|korean|hindi|arabic|russian|polish|"
    "turkish|swedish|norwegian|danish|finnish|greek|hebrew|ukrainian|czech|latin|welsh|irish"
)
_OTHER_LANGUAGE = re.compile(rf"\b(?:in|speak|speaks|speaking|use|using|only|language is)\s+({_LANGUAGES})\b")
_TONE_WORDS = re.compile(
    r"^(?:(?:a|an|the|very|extremely|rather|really|quite|helpful|friendly|kind|nice|grumpy|cranky|cheerful|polite|"
    r"formal|enthusiastic|terse|rude|sarcastic|impatient|warm|upbeat|happy|old|wise|excited|concise|brief)[\s,]+"
    r"(?:and\s+)?)*",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[Yy]our name is|\b(?:called|named)|[Yy]ou are(?! The\b)) ([A-Z][\w'-]*)")
_QUOTED = r"[\"“”]([^\"“”]+)[\"“”]"


@dataclass(frozen=True, slots=True)
class Persona:
    """`tone` is a key of `lines.TONES`; `role`, `name`, `place`, `language` and `opening` are "" if not given."""

    tone: str = "plain"
    terse: bool = False
    role: str = ""
    name: str = ""
    place: str = ""
    language: str = ""  # one that was asked for and is not English
    opening: str = ""  # words the instructions want said first


@lru_cache(maxsize=256)
def read_persona(instructions: str) -> Persona:
    """What can be read from the instructions; anything else in them is not obeyed."""
    lower = instructions.lower()
    tone = next((tone for tone, pattern in _TONES.items() if re.search(pattern, lower)), "plain")
    language = _OTHER_LANGUAGE.search(lower)
    name = _NAME.search(instructions)
    place = re.search(r"\b(?:at|for|of|from) ((?:[Tt]he )?[A-Z][\w']*(?: (?:[A-Z&][\w']*|and|of))*)", instructions)
    opening = re.search(
        rf"\b(?:begin|start|open|greet|answer the (?:phone|call))\b[^.\"“]*(?:saying|with|by|say|:)[^.\"“]*{_QUOTED}",
        instructions,
        re.IGNORECASE,
    )
    return Persona(
        tone=tone,
        terse=bool(_TERSE.search(lower)),
        role=_role(instructions),
        name=name[1] if name else "",
        place=place[1] if place else "",
        language=language[1].capitalize() if language else "",
        opening=opening[1].strip() if opening else "",
    )


def _role(instructions: str) -> str:
    """ "You are a very grumpy physics professor." -> "physics professor"."""
    found = re.search(
        r"\b(?:you are|you're|act as|behave like|speak like|talk like|pretend to be)\s+(?:a|an|the)\s+(.+?)"
        r"(?=[.,;:!?\n]|\s(?:who|that|at|for|in|on|from|with|of|called|named|helping|and)\s|$)",
        instructions,
        re.IGNORECASE,
    )
    role = _TONE_WORDS.sub("", found[1]).strip() if found else ""
    return role if len(role.split()) <= 4 else ""


_EXACT = re.compile(
    r"^\s*(?:please\s+)?(?:just\s+|only\s+)?(?:say|repeat|reply|respond|answer|read)"
    r"(?:\s+(?:out|aloud|loud|back|only|just|exactly|precisely|verbatim|with|this|these|the|following|words?|sentence|"
    r"line|text|to|user|them|caller|and|nothing|else))*\s*"
    rf"(?:[:,]?\s*(?:{_QUOTED}|'(.+)')|:\s*(.+))",
    re.IGNORECASE | re.DOTALL,
)


def exact_line(instructions: str) -> str:
    """The line in instructions such as `Say exactly: "Hello."`; "" if they ask for no exact line."""
    found = _EXACT.match(instructions)
    return next((part.strip() for part in found.groups() if part), "") if found else ""


def errand(instructions: str) -> tuple[str, str]:
    """What the instructions of one response ask for: (kind of line, words it needs), or ("", "").

    "Greet the user" -> ("introduction", ""); "Ask the caller for their name" -> ("ask", "for your name").
    """
    text = instructions.strip()
    someone = r"(?:the |your )?(?:user|caller|customer|student|learner|guest|visitor|person|them|him|her)\b"
    for kind, pattern in (
        ("introduction", r"(?:please )?(?:greet|welcome|introduce yourself|say (?:hello|hi)\b)"),
        ("goodbye", r"(?:please )?say good ?bye|(?:please )?wish .* good ?bye|end the (?:call|conversation)"),
        ("thanks_to_user", r"(?:please )?thank\b"),
        ("apology", r"(?:please )?apologi[sz]e"),
    ):
        if re.match(pattern, text, re.IGNORECASE):
            return kind, ""
    for kind, pattern in (
        ("ask", rf"(?:please )?ask(?: {someone})? (.+)"),
        ("tell", rf"(?:please )?(?:tell|inform|remind) {someone} (?:that )?(.+)"),
    ):
        if found := re.match(pattern, text, re.IGNORECASE | re.DOTALL):
            return kind, _to_you(found[1])
    return "", ""


def _to_you(text: str) -> str:
    """Third person to second: "for their name" -> "for your name"."""
    text = re.split(r"[.!?](?:\s|$)", text.strip())[0]
    for theirs, yours in (
        (r"the (?:user|caller|customer|student|guest)'s|their|his|her", "your"),
        (r"(?:they|he|she) (?:is|are)", "you are"),
        (r"the (?:user|caller|customer|student|guest)|they|them|he|she|him", "you"),
    ):
        text = re.sub(rf"\b(?:{theirs})\b", yours, text)
    return text
