"""semantic_vad: do the words so far sound finished, and how long a silence then ends the turn?

Rules over the recogniser's transcript. It puts a full stop or a comma after anything, so punctuation counts for little,
and where a voice trails off it tends to hear a word that can end a sentence in place of one that cannot ("a" as "it",
"the" as "that", "to" as "too"): such an ending is not trusted.
"""

import re

# The service documents the longest waits: 8, 4 and 2 s.
LONGEST_MS = {"low": 8000, "medium": 4000, "auto": 4000, "high": 2000}
_UNSURE_MS = {"low": 2500, "medium": 1500, "auto": 1500, "high": 700}
SHORTEST_MS = {"low": 800, "medium": 400, "auto": 400, "high": 250}

FINISHED, UNSURE, TRAILING = 0.9, 0.5, 0.1


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FILLERS = _set("um uh uhm er erm hmm hm mm ah so")
_CONJUNCTIONS = _set("and or but because cause if while although unless until than whether nor plus as")
_DETERMINERS = _set("the a an my your our their its every another")
_PREPOSITIONS = _set(
    """of to for with like at from into onto between after during without under over near about by against per
    towards toward until till since except including regarding via in on"""
)
_ADVERBS = _set("very quite just only even almost roughly approximately rather mr mrs ms dr past double")
_SUBJECTS = _set("i we he she they")
_PRONOUNS = _SUBJECTS | {"you", "it", "that", "there", "this"}
_AUXILIARIES = _set(
    """is are was were am be been do does did have has had will would can could should shall may might must don't
    doesn't didn't isn't aren't wasn't won't can't couldn't wouldn't haven't hasn't"""
)
_CONTRACTED = _set(
    """i'm it's that's there's we're you're they're he's she's i'd i'll we'll we'd you'd you'll they'll i've we've
    you've they've let's what's where's who's how's gonna wanna"""
)
# Verbs that say nothing without an object, when they end "I would like to ..." or "can you ...".
_NEEDS_OBJECT = _set(
    """want need cost costs book reserve order buy bring send add find get take make give put tell ask use see visit
    change choose pick mention discuss describe explain know check bring join include wonder wondering looking named
    called hoping trying planning thinking calling having getting taking making buying booking"""
)
_SAYING = _set("think thought guess mean suppose believe say said know hope heard told me sure")
_QUESTIONS = _set("what where who whom which how when why whose")
_STRANDS = _QUESTIONS | {"what's", "where's", "who's"}  # "where are you from", "who is it for"
_PARTICLE_VERBS = _set(
    """come go log sign turn switch check carry hold move get put it that them this drop try fill hang getting going
    coming moving"""
)
_PARTICLES = ("come over", "go over", "is over", "come by", "drop by", "stop by", "go by")
_ANSWERS = _set("yes no yeah yep nope sure okay ok please thanks certainly absolutely")
_MISHEARD = _set("that it me mine end him her them then too this though")
_THINKING = re.compile(
    r"\b(^well|oh well|you know|i mean|let me (see|think|check)|one (moment|second)|just a (moment|second|minute)"
    r"|hold on|hang on|wait|give me a (moment|second|minute)|at least|sort of|kind of|such as|as well as"
    r"|(half|quarter) past|quarter to|in order to|so that|(i )?would like|i'd like|i want|i need|i wonder|or maybe"
    r"|and maybe|and then|and also|but also|first of all|in fact|for example|because of|instead of|rather than"
    r"|^(so |and |but )?(basically|actually|anyway))$"
)
_STANDS_ALONE = re.compile(
    r"^((yes|no|yeah|sure|well|of course|oh)? ?(please|thanks|thank you|yes|no)|(yes|no|yeah|sure|of course) "
    r"(i|you|he|she|it|we|they|there|that) (\w+n't|am|is|are|was|were|do|does|did|have|has|had|will|would|can|could"
    r"|should|might)|.*\b(i'd|would|i would) (love|be happy|be glad) to|.*\bas well|.*\b(think|hope|guess|suppose) so"
    r"|.*\b(i|you|we|they) know|that's it|me too|.*\bsince when)$"
)
_DICTATES = re.compile(r"\b(number|code|reference|postcode|zip|card|phone|call me (on|at))\b")
_DIGIT = re.compile(r"^(zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|\d+)$")
_FEWEST_DICTATED = 7


def finished(transcript: str) -> float:
    """How likely it is that someone who said this and fell silent has finished: 0 to 1. English; "" is unsure."""
    spoken = transcript.lower().replace("’", "'").strip()
    words = re.findall(r"[a-z0-9']+", spoken)
    if not words:
        return UNSURE
    text = " ".join(words)
    if _STANDS_ALONE.search(text):
        return FINISHED
    if spoken.endswith(("...", "…", "-", "–")) or _THINKING.search(text):
        return TRAILING
    if _ends_open(words) or _is_a_clause_alone(spoken, words):
        return TRAILING
    if _is_doubtful(words) or _is_half_a_number(text, words):
        return UNSURE
    return FINISHED


def window_ms(likely_finished: float, eagerness: str) -> int:
    """How long a silence ends the turn after words that are finished with this likelihood."""
    if likely_finished >= FINISHED:
        return SHORTEST_MS[eagerness]
    return LONGEST_MS[eagerness] if likely_finished <= TRAILING else _UNSURE_MS[eagerness]


def _ends_open(words: list[str]) -> bool:
    """Whether the last word calls for another."""
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    asks = any(word in _STRANDS for word in words[:-1])
    if last in _FILLERS | _CONJUNCTIONS | _DETERMINERS | _ADVERBS | _CONTRACTED:
        return True
    if last in _PREPOSITIONS:
        strands = asks and len(words) > 2 and (before in _PRONOUNS or words[0] in _STRANDS)
        particle = (last in ("in", "on") and before in _PARTICLE_VERBS) or f"{before} {last}" in _PARTICLES
        return not strands and not particle
    if last in _SUBJECTS | {"you"} and before in _AUXILIARIES and len(words) > 2 and not asks:
        return not any(word in ("not", "never") or word.endswith("n't") for word in words)  # but "aren't you"
    if last in _SUBJECTS:
        return before not in _AUXILIARIES
    if last == "may" and before in _PREPOSITIONS:
        return False  # the month
    if last in _AUXILIARIES:
        return not (before in _PRONOUNS and (asks or len(words) == 2))
    if last in _QUESTIONS:
        return len(words) > 2 and before != "know"
    if last in ("that", "you") and before in _SAYING | _CONJUNCTIONS | _QUESTIONS:
        return True
    return last in _NEEDS_OBJECT and len(words) > 2 and not asks and "ready" not in words


def _is_half_a_number(text: str, words: list[str]) -> bool:
    """A telephone number or the like that breaks off."""
    digits, parts = 0, 0
    for word in reversed(words):
        if not _DIGIT.match(word):
            break
        digits += len(word) if word.isdigit() else 1
        parts += 1
    dictates = parts > 2 or (digits > 1 and _DICTATES.search(text) is not None)
    return 0 < digits < _FEWEST_DICTATED and dictates


def _is_a_clause_alone(spoken: str, words: list[str]) -> bool:
    """ "If it rains on Saturday": the main clause is still to come."""
    if words[0] not in ("if", "although", "while", "unless", "whenever", "once"):
        return False
    inner = re.search(r",\s*\w", spoken)
    return not inner and len(words) < 9 and not {"then", "please"} & set(words)


def _is_doubtful(words: list[str]) -> bool:
    """Complete by its grammar, and yet often not the end."""
    if words[0] in _STRANDS or (len(words) > 1 and words[-2].endswith("n't")):
        return False
    if len(words) == 2 and {words[0] in _AUXILIARIES, words[1] in _AUXILIARIES} == {True, False}:
        return words[0] in _PRONOUNS or words[1] in _PRONOUNS  # "I am", "do they"
    return words[-1] in _MISHEARD or words[-1] in _QUESTIONS or words[-1] in ("before", "well")
