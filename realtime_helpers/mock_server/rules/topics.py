"""What a sentence is about: its topic, and the fact known about it.

No grammar is parsed. Words that carry no topic (pronouns, "what", "is", "about") cut the sentence into runs;
the first run that is more than a verb or an adjective is the topic. Works as well without commas and capitals,
which speech recognition does not promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, lru_cache

from .knowledge import ALIASES, NOT_MISHEARD, facts
from .words import by_sound, is_near, singular, word_set

_AFTER_DO = word_set("do does did can could would will should shall might may must to not i you we they he she it")
_HELPERS = word_set("do does did can could would will should shall might may must")
_BE = word_set("is are was were be been being am")
_ARTICLES = word_set("a an the my your our their his her its this that these those some any another each every no")
_PRONOUNS = word_set("it that this they them he she him her")
_NOUNS_TOO = word_set("love hope people nothing everything")
_LINKS = {"of", "and", "or", "versus", "vs"}
_STOPS = (
    _AFTER_DO | _BE | _ARTICLES | word_set(
    "what who whom whose which when where why how whether if because so then than as but though while there here "
    "about in on at from with near into onto through by for under over between during after before without inside "
    "outside like around across against behind beyond off out up down away back above below towards toward per "
    "until since upon within along among along via me us them him myself yourself themselves itself "
    "has have had having got get gets getting let lets "
    "tell explain describe discuss define talk talking say said speak ask asked asking answer please thanks thank "
    "hello hi hey know understand mean means think believe teach show help wonder wondering heard hear curious "
    "interested suppose guess wanted want wants like need love hope wish would "
    "very really quite too also just only even still ever never always often again maybe perhaps much many more most "
    "less least few lot lots bit all both either neither enough else exactly actually today tomorrow yesterday now "
    "yes yeah yep no nope okay ok sure well um uh er oh sir madam one ones something anything nothing everything "
    "someone anyone everyone everybody nobody people person anybody somebody happen happens happened let going go "
    "goes went come comes came make makes making made professor doctor rather"
    )
)  # fmt: skip
_VAGUE = word_set(
    "thing things stuff way ways kind kinds sort sorts type types difference differences definition reason reasons "
    "example examples question questions idea ideas homework essay lecture class exam exams test course paper chapter "
    "assignment problem topic subject concept explanation word words fact facts truth point case part piece moment "
    "day days year years time opinion thought thoughts first second last next best worst favourite favorite same "
    "temperature different whole name number amount colour color size shape use purpose point man woman guy deal"
)
_VERBS = word_set(
    "appear attract bake become begin behave belong bend blow boil bounce break breathe bring build burn buy carry "
    "catch cause change choose cook create cry decay decide destroy die discover disappear draw dream drink drive eat "
    "escape exist expand explode fail fall feel fight find fix float fly follow forget form freeze give glow grow hang "
    "happen hold hurt invent jump keep kill land learn leave lift live look lose measure meet melt miss move need open "
    "orbit pay play predict produce prove pull push put read recommend remember repel rise rotate run save see seem "
    "sell send shine shrink sing sink sit sleep slide slow smell snow speed spend spin split spread stand start stay "
    "stick stop study swim take taste teach travel try turn twinkle use vibrate visit wait walk wear weigh win work "
    "write pop burst correct grade conduct tickle add allow avoid beat call clean compare contain convert cost cut "
    "dance deal depend die end enjoy enter "
    "evolve explore fit flow generate hate hide hit increase decrease join kick lead lie lay make migrate mix obey "
    "occur offer order pass prefer prevent protect purr reach receive reflect absorb emit remain replace respond "
    "return share shoot sneeze yawn solve stretch suck suffer support survive sweat throw touch transmit wake wash "
    "watch worry compute calculate collapse collide conduct store stare separate scatter rain hatch bark bite "
    "fell felt found knew thought took gave broke froze grew flew wrote built bought kept held left lost met ran sang "
    "sat slept stood stuck told won wore began drew drove ate saw sent sold shone sank spun swam threw woke got "
    "invented discovered called named born known seen done gone given taken grown shown written broken frozen "
    "fallen chosen eaten worn hidden drawn driven"
)
_VERBS_TOO = word_set("sound light heat charge matter force wave power field orbit spin fall dream taste smell look")
_ADJECTIVES = word_set(
    "blue red green yellow white black dark bright hot cold warm cool wet dry big small large little tall short long "
    "high low fast quick heavy deep wide old new young hard easy difficult soft round flat true false real "
    "possible impossible important necessary dangerous safe good bad better worse bigger smaller faster slower heavier "
    "lighter hotter colder higher lower larger older taller longer shorter brighter stronger weaker strong weak loud "
    "quiet clear infinite finite empty full free rich poor beautiful ugly nice funny interesting boring cheap "
    "expensive right wrong ready sure stable transparent visible invisible magnetic salty sweet sour bitter spicy "
    "sticky slippery smart stupid happy sad angry hungry thirsty tired alive dead able allergic grumpy far close "
    "healthy harmful toxic conscious random useful slow"
)
_NOT_ADVERBS = word_set("family fly jelly butterfly assembly anomaly italy supply july monopoly lily belly reply")
# two words that stay together though one alone would be cut off
_COMPOUNDS = {
    tuple(pair.split())
    for pair in [
        "time travel",
        "half life",
        "black hole",
        "black holes",
        "dark matter",
        "dark energy",
        "light year",
        "climate change",
        "warp drive",
        "light years",
        "big bang",
        "free fall",
        "white dwarf",
        "first law",
        "second law",
        "magnetic field",
        "space time",
        "special relativity",
    ]
}


@dataclass(frozen=True, slots=True)
class Topic:
    """`name` as a bare noun phrase ("black hole"); `phrase` as it fits into a sentence ("a black hole")."""

    name: str
    phrase: str
    fact: str = ""
    deeper: str = ""


def find_topic(words: Sequence[str]) -> Topic | None:
    """The topic of a sentence given as `words.tokens`, with its fact if there is one. None if it has no topic."""
    return _find_topic(tuple(words))


@lru_cache(maxsize=4096)  # every turn looks back through all the turns before it
def _find_topic(sentence: tuple[str, ...]) -> Topic | None:
    words = list(sentence)
    runs = _runs(words)
    if named := _named_fact(words, runs):
        return named
    for candidates in (_nouns(runs, words, vague=False), _nouns(runs, words, vague=True)):
        if candidates:
            start, end = candidates[0]
            return Topic(" ".join(words[start:end]), _phrase(words, start, end))
    # "why do we sleep": nothing but a verb, or an adjective. "How does it work" is about what was said before.
    if runs and not _PRONOUNS & set(words):
        start, end = runs[-1]
        return Topic(" ".join(words[start:end]), " ".join(words[start:end]))
    return next((Topic(word, word) for word in reversed(words) if word in _NOUNS_TOO), None)


def _stops(word: str) -> bool:
    return word in _STOPS or (word.endswith("ly") and len(word) > 4 and word not in _NOT_ADVERBS)


def _runs(words: list[str]) -> list[tuple[int, int]]:
    """Stretches [start, end) of words without a stop."""
    runs, start = [], None
    for at, word in enumerate([*words, "the"]):
        if _stops(word) or word in _LINKS:
            if start is not None:
                runs.append((start, at))
            start = None
        elif start is None:
            start = at
    return runs


def _is_verb(word: str) -> bool:
    return word in _VERBS or (word.endswith("s") and (word[:-1] in _VERBS or word.removesuffix("es") in _VERBS))


def _nouns(runs: list[tuple[int, int]], words: list[str], *, vague: bool) -> list[tuple[int, int]]:
    """The noun phrases of the runs; links like "of" and "and" join two. Vague ones ("the difference") only if asked."""
    found: list[tuple[int, int]] = []
    for run in runs:
        start, end = _trimmed(*run, words, vague)
        if start == end:
            continue
        if found and _linked(words, found[-1][1], start):
            found[-1] = (found[-1][0], end)
            continue
        before, after = words[start - 1] if start else "", words[end] if end < len(words) else ""
        if end - start == 1:
            if words[start] in _ADJECTIVES or words[start].endswith("ed"):
                continue
            if _is_verb(words[start]) and before not in _ARTICLES | _HELPERS:
                continue
            if before in ("what", "who") and after in _ARTICLES:  # "what powers the stars"
                continue
        found.append((start, end))
    return found


def _trimmed(start: int, end: int, words: list[str], vague: bool) -> tuple[int, int]:
    """A run without the verbs and adjectives round its noun; start == end if it has none."""
    before = words[start - 1] if start else ""
    helped = any(word in _AFTER_DO for word in words[:start])
    while start < end and words[start] in _VAGUE and not _compound(words, start):
        alone = end - start == 1 or _is_verb(words[start + 1])  # "does time exist"
        if alone and (vague or end - start > 1):
            break
        start += 1
    if before not in _ARTICLES | _HELPERS:
        while end - start > 1 and _is_verb(words[start]) and not _compound(words, start):
            start += 1
    while end - start > 1 and words[start] in _ADJECTIVES and words[start].endswith("er"):
        start += 1
    for at in range(start + 1, end):
        too = helped and words[at] in _VERBS_TOO and at == end - 1
        if (too or _is_verb(words[at]) or words[at].endswith("ed")) and not _compound(words, at - 1):
            end = at
            break
    if any(word in _BE for word in words[:start]):
        while end - start > 1 and words[end - 1] in _ADJECTIVES and not _compound(words, end - 2):
            end -= 1
    return start, end


def _compound(words: list[str], at: int) -> bool:
    return at >= 0 and tuple(words[at : at + 2]) in _COMPOUNDS


def _linked(words: list[str], end: int, start: int) -> bool:
    """Whether only "of", "and", "or the" stands between `end` and `start`."""
    between = words[end:start]
    return bool(between) and between[0] in _LINKS and all(word in _ARTICLES for word in between[1:])


def _phrase(words: list[str], start: int, end: int) -> str:
    name = " ".join(words[start:end])
    article = (
        words[start - 1] if start and words[start - 1] in _ARTICLES - {"no", "any", "that", "each", "every"} else ""
    )
    article = {"my": "your", "your": "my", "our": "your"}.get(article, article)
    return f"{article} {name}".strip()


@cache
def _fact_names() -> tuple[dict[tuple[str, ...], tuple[str, str]], dict[str, dict[str, str]]]:
    """Facts by their words in the singular; and first letter -> {sound of the joined name: name} for near matches."""
    exact, sounds = {}, {}
    for name, fact in facts().items():
        exact.setdefault(tuple(singular(word) for word in name.split()), fact)
        sound = by_sound(name.replace(" ", ""))
        sounds.setdefault(sound[0], {}).setdefault(sound, name)
    return exact, sounds


def _named_fact(words: list[str], runs: list[tuple[int, int]]) -> Topic | None:
    exact, sounds = _fact_names()
    said = f" {' '.join(words)} "
    if name := next((name for phrase, name in ALIASES.items() if f" {phrase} " in said), None):
        return Topic(name, _with_article(name), *facts_of(name))
    plain = [singular(word) for word in words]
    content = {at for start, end in runs for at in range(start, end)}
    nouns = _nouns(runs, words, vague=False)
    for size in range(min(4, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            end = at + size
            fact = exact.get(tuple(plain[at:end]))
            if fact and _fills_a_phrase(words, at, end, nouns, content):
                return Topic(
                    " ".join(words[at:end]).removesuffix("'s"), _phrase(words, at, end).removesuffix("'s"), *fact
                )
    for size in (1, 2, 3):
        for at in range(len(words) - size + 1):
            heard = "".join(words[at : at + size])
            if len(heard) < 5 or at not in content or (size == 1 and _is_word(heard)):
                continue
            sound = by_sound(heard)
            name = next((name for key, name in sounds.get(sound[0], {}).items() if is_near(sound, key)), None)
            if name and (size > 1 or _fills_a_phrase(words, at, at + size, nouns, content)):
                return Topic(name, name, *facts_of(name))
    return None


def _fills_a_phrase(
    words: list[str], at: int, end: int, nouns: list[tuple[int, int]], content: AbstractSet[int]
) -> bool:
    """Whether words[at:end] is all of the first noun phrase, or its part up to an "of": "light bulb" is not light."""
    for start, stop in nouns:
        if start <= at and end <= stop:
            begins = at == start or words[at - 1] in _LINKS | _ARTICLES
            return begins and (end == stop or words[end] in _LINKS) and start == nouns[0][0]
    return end - at > 1 or (at in content and not nouns)


def _is_word(word: str) -> bool:
    """Whether this is a word the rules know as itself, so not another one misheard."""
    return (
        word in NOT_MISHEARD or _is_verb(word) or word in _ADJECTIVES or word in _VAGUE
        or (singular(word),) in _fact_names()[0]
    )  # fmt: skip


def _with_article(name: str) -> str:
    return f"the {name}" if " of " in name else name


def facts_of(name: str) -> tuple[str, str]:
    """(fact, deeper fact) of a name in the table."""
    return _fact_names()[0][tuple(singular(word) for word in name.split())]
