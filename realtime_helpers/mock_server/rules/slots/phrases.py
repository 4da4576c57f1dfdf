"""The words of a sentence that name what is wanted, without what stands around them."""

from __future__ import annotations

import re

_SEEKS = re.compile(
    r"\b(do you (?:have|sell|stock|carry|know)|(?:have )?you got|(?:i|we) (?:need|want|would like)|looking for|which|"
    r"(?:some|any)thing (?:for|to|against|that|warm|light|cheap)|show me|is there|are there|recommend|suggest|search|"
    r"find|how much (?:is|are|does|do|for)|what (?:do|have|would|kind|sort)|what about|"
    r"(?:the|a|an|any|your) (?:\w+ )?(?:cheap|light|best|most|warm|small|big)\w*)\b"
)
_LEAD = re.compile(
    r"^(?:(?:hello|hi|hey|well|so|and|ok|okay|then|also|please|good|morning|afternoon|evening|thanks|thank you|"
    r"excuse me|yes|no) )*(?:(?:can|could|would) you (?:please )?)?(?:(?:(?:what|which|how much) (?:is|are|was|does|do|"
    r"would|about)|do you (?:have|sell|stock|carry|know)|have you got|(?:i|we) (?:need|want|(?:am|are) looking for|"
    r"would like|have)(?: to (?:see|buy|find|have|know))?|looking for|show me|tell me|(?:is|are) there|find(?: me)?|"
    r"search for|recommend(?: me)?|suggest|what (?:kind|sort) of|which|what) )?"
    r"(?:(?:the|a|an|any|some|your|me|all) )*"
)
_COMPARED = re.compile(
    r"\b(?:cheap(?:er|est)?|light(?:er|est)|(?:most|least) expensive|best|heaviest|fastest|nearest|smallest|largest|"
    r"biggest|lowest priced?)(?: one)? ?"
)
_LIMIT = re.compile(
    r" ?\b(?:for |at )?(?:under|below|less than|up to|at most|no more than|not more than|maximum|max)\b.*$"
)
_TAIL = re.compile(
    r"(?: (?:is|are|do|does|would) the| is| are| please| thanks| you have(?: got)?| have you got| cost| today|"
    r" in stock| do you (?:have|sell|recommend|suggest)| (?:that )?you (?:can )?(?:recommend|suggest|sell)|"
    r" in (?:the|your) (?:shop|store))*$"
)
_ARTICLE = r"(?:(?:the|a|an|any|some|one|two|three|another|your|this|that|of|more|\d+) )*"
_OBJECTS = (
    rf"\b(?:put|add|take|place|want|buy|order|get|need)(?: me| us)? {_ARTICLE}(.+?) "
    r"(?:in|into|to|on) (?:my|the|our|your)\b",
    rf"\b(?:is|are)(?: there)? {_ARTICLE}(.+?) (?:in stock|available|left|sold out|out of stock)\b",
    rf"\bhow many {_ARTICLE}(.+?) (?:do|are|have|left|is)\b",
    rf"\b(?:do you have|have you got|got) {_ARTICLE}(.+?) (?:in stock|left)\b",
    rf"\b(?:called|about|named|than|like) {_ARTICLE}(.+)$",
    rf"\b(?:buy|order|add|take|get|want|have) {_ARTICLE}(.+?)(?: please| thanks)?$",
)
_PAIR = re.compile(
    rf"\b(?:compare|between|lighter|cheaper|better|heavier|warmer) {_ARTICLE}(.+?) (?:and|with|to|or|than) "
    rf"{_ARTICLE}(.+)$"
)
_TAKES = re.compile(
    r"\b(?:(?:i|we) (?:will |would )?(?:take|have|buy|want|like)|take|buy|give me|order|add) "
    r"(?:it|that|this|them|one|the|two|three|four|five|six|\d+|a)\b|"
    r"^(?:yes )?(?:the )?(?:first|second|third|fourth|last)(?: one)?(?: please)?$"
)
_PRONOUN = re.compile(r"^(?:it|that|this|them|those|these|one|ones|both)\b")
_NO_NAME = re.compile(
    r"^(?:it|that|this|them|those|these|one|ones|both|first|second|third|last|cheap\w*|light\w*|two|all)\b"
)


def asked_for(said: str, asked: bool) -> str | None:
    """What to search for; `asked`: the user answers the question for it, so that all words count."""
    if not asked and not _SEEKS.search(said):
        return None
    words = _LIMIT.sub("", _LEAD.sub("", f"{said} ").strip())
    words = _TAIL.sub("", _COMPARED.sub("", words).strip())
    words = re.sub(r"^(?:(?:the|a|an|any|some) )+", "", words)
    return None if not words or _PRONOUN.match(words) or _NO_NAME.fullmatch(words) else words


def takes(said: str) -> bool:
    """ "I'll take it.\""""
    return _TAKES.search(said) is not None


def object_phrase(said: str) -> str | None:
    """What is to be bought, counted or talked about: "put a tent in my basket" -> tent."""
    for pattern in _OBJECTS:
        if (found := re.search(pattern, said)) and not _NO_NAME.match(found[1]):
            return found[1]
    return None


def pair_of_objects(said: str) -> tuple[str, str] | None:
    """The two things of a comparison."""
    found = _PAIR.search(said)
    return (found[1], re.sub(r" please$", "", found[2])) if found else None
