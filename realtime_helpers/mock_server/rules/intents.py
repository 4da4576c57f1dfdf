"""What was meant: the kind of line that answers, and the words to put into it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .knowledge import CAPITALS
from .numbers import read_sum
from .topics import Topic, find_topic
from .words import last_question, mirrored, tokens, with_capitals, without_fillers, word_set


@dataclass(frozen=True, slots=True)
class Meaning:
    """`kind` is a key of `lines.PLAIN`. `phrase` and `name` fill {p} and {t}, `fact` fills {fact}."""

    kind: str
    phrase: str = ""
    name: str = ""
    fact: str = ""


_NOISE = word_set("um uh er erm hmm hm mm mhm ah oh you the a huh")  # recognisers hear "you" in silence
_GREETING = r"^(hello|hi|hey|hiya|howdy|ahoy|greetings|good (morning|afternoon|evening|day))\b( there| again)*"
_VOCATIVE = r"( (professor|doctor|sir|madam|captain|partner|mate|my friend|everyone))\b"
_THANKS = r"^(thanks|thank you|cheers)\b( (so|very) much| a lot| again)*"
_STOP = (
    r"^(wait|stop|hold on|hang on|(be )?quiet|shut up|(that is )?enough|one (moment|second|minute)|hush|silence|"
    r"never ?mind|cut it out|let me (speak|finish|talk|interrupt)|(sorry|excuse me|i am sorry)( to interrupt| for "
    r"interrupting| but)|excuse me)\b( (a |one )?(moment|second|minute)| talking| it| now| there| please| stop| wait)*"
)
_LANGUAGE = (
    r"(french|spanish|german|italian|portuguese|dutch|japanese|chinese|mandarin|korean|hindi|arabic|russian|polish)"
)

# Tried in order on the words that are left; the first that matches decides.
_KINDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("no", r"^(no|nope|nah|not really|no thanks|no thank you|never|i do not think so)$"),
        ("yes", r"^(yes|yeah|yep|yup|sure|of course|correct|exactly|indeed|i do|i did|true|i see|got it|fine|good|"
                r"great|"
                r"all right|alright|perfect|yes (please|sir|i do|it is|i am))$"),
        ("goodbye", r"^(and |then |that is all |i (have|need) to go |i must go )*(good ?bye|bye|farewell|see you|"
                    r"good night|"
                    r"take care|hang up|i (have|need) to go|i must go|talk to you later|have a (good|nice))\b"),
        ("how_are_you", r"^(and )?how (are|have) you\b(?! sure)|^how is it going|^how do you do$|^are you (ok|okay|"
                        r"well|busy)$"),
        ("your_name", r"\b(what is|remember|know) my name\b|^who am i$"),
        ("name", r"\byour name\b|^who are you|^what are you$|^who am i (talking|speaking) |what (should|do|can|"
                 r"may) i call you|"
                 r"^introduce yourself"),
        ("machine", r"^are you (an? |the |really |actually )*(real|human|robot|machine|computer|person|ai|alive|bot|"
                    r"chatbot|"
                    r"artificial|language model|program|chat ?gpt|openai|recording)\b"),
        ("hear", r"^(can|do) you (still )?hear me|^are you (still )?(there|listening)|^is (anyone|anybody|"
             r"someone) there|"
                 r"^(test|testing)( one| two| three| testing)*$|^(mic|microphone) (check|test)"),
        ("able", r"^what (can|could) (you do|i ask)|^what do you (do|know)$|^(can|could) you help( me)?$|^help( me)?$|"
                 r"^how (can|do) you help"),
        ("clock", r"^(do you know )?what (time|day|date|year|month) is it|^what is the (time|date|"
                  r"weather)\b(?! (travel|dilation))|"
                  r"\bweather (like|today|forecast|tomorrow)|^is it (raining|sunny|cold|warm|hot)( outside| today)?$"),
        ("language", rf"\b(speak|understand|answer|reply|talk|respond|translate\b.*)\b.*\b{_LANGUAGE}$|"
                     rf"^(in )?{_LANGUAGE}$"),
        ("joke", r"\b(a|another|any) (\w+ )?joke|\bjokes\b|^make me laugh|something funny"),
        ("you_said", r"what did i (just )?(say|ask|tell)"),
        ("said", r"\b(say|repeat) (that|it|this|what you said|yourself)\b|^(can you |could you )?(please )?repeat|"
                 r"^(i beg your )?pardon( me)?$|^come again$|^once more$|^(sorry|what|huh|again|say again)( what)?$|"
                 r"what (did|was) (you|that) (just )?sa(y|id)|^what was that$|^(i )?(did|could) not (hear|catch)\b"),
        ("forgiven", r"^(i am )?(so |very |really )?sorry\b|^(my )?apologies|^i apologi[sz]e"),
    )
)  # fmt: skip

_FOLLOW_UP = re.compile(
    r"^(but |and |so |then |well |ok |okay )*(why|how|why not|how come|how so|then|then what|what then|so what|go on|"
    r"continue|"
    r"keep going|(please |can you |could you )*(tell me|say|give me)( a bit| some)? more( about (it|that|this|"
    r"them))?|more|"
    r"(oh )?really|are you (really |quite )?sure( about (that|this|it))?|is (that|it|this) (true|right|so)|"
    r"what (do|did) you mean( by (that|this|it))?|what does (that|it|this) mean|who says( so| that)?|since when|"
    r"what for|"
    r"(please |can you |could you |would you )*(explain|elaborate|clarify|expand)( (that|this|it|why|how|more|again|"
    r"further|to me|"
    r"on|please|a bit))*|i (still )?(do|did) not (understand|get|follow|know|believe)( (that|it|this|you|why|how|"
    r"a word))?|"
    r"what (is|about) (it|that|this|them)|why is (that|it|this)( so| the case| true)?|(for|give me an|such as|"
    r"an)( for)? example|"
    r"like what|such as|prove it|interesting|fascinating|wow|cool|what else|anything else|and|what (happens )?next|"
    r"(how|why) (do|does|did|is|are|was|would) (it|that|this|they) (work|happen|so|do (that|this|it)|like that)|"
    r"in what way|"
    r"i see why|tell me why)( please| then| though| exactly)*$"
)
_REQUEST = re.compile(
    r"^(?:i would (?:like|love)|i want|i need|we (?:would like|want|need)|(?:can|could|may) (?:i|"
    r"we) (?:please )?(?:have|get|order|"
    r"book|buy|reserve)|(?:can|could|will|would) you (?:please )?(?:give|get|bring|find|book|order|recommend|reserve|"
    r"fetch)(?: me| us)?|"
    r"(?:give|get|bring|find|fetch) (?:me|us)|i will (?:have|take)|book|order|reserve|i am looking for|"
    r"recommend)(?: me| us)?"
    r"(?: to (?:order|book|reserve|have|buy|get|make|rent|return|see|try))? (.+)"
)
_STOCK = re.compile(r"^(?:do you (?:have|sell|stock)|have you got|got) (?:any |some )?(.+)")
_ASKING = re.compile(r"\b(what|why|how|who|where|when) (is|are|was|were|do|does|did|can|could|would|will)\b")
_WHETHER = word_set("is are was were do does did can could would will should may might must has have")
_QUESTION_WORDS = _WHETHER | word_set(
    "what who whose which when where why how shall tell explain describe define discuss talk"
)
_ASKS_TO_KNOW = re.compile(
    r"\b(know|learn|talk|hear|understand|ask|help|explain|explanation|about|what|why|how|facts?|answer)\b"
)
_SUBJECTS = word_set("i you we they he she it that this there my your")
_POINTERS = word_set("it that this they")  # a sentence that begins so has its topic elsewhere
_LONGEST_ECHO = 9  # words; a longer sentence is answered by its topic


def understand(heard: str, earlier: Sequence[str], own: Sequence[str]) -> Meaning:
    """What `heard` means, given what the speaker said `earlier` and the mind's `own` lines, oldest first."""
    heard = heard.lower() if heard.isupper() else heard
    all_words = tokens(heard)
    words = without_fillers(tokens(last_question(heard)))
    if not words:
        agreed = {"ok", "okay", "right", "well"} & set(all_words)
        return Meaning("yes" if agreed else "unclear")
    if set(words) <= _NOISE:
        return Meaning("unclear")
    said, ceremony = _without_ceremony(" ".join(words))
    if not said:
        return Meaning(ceremony)
    # without punctuation the question still begins somewhere: "thanks for seeing me what is entropy"
    said = said[max((found.start() for found in _ASKING.finditer(said)), default=0) :]
    if (simple := _simple(said, earlier, own)) and not (ceremony == "stop" and simple.kind == "forgiven"):
        return simple
    if capital := re.search(r"\bcapital (?:city )?of (?:the )?(\w+)", said):
        land = capital[1]
        if land in CAPITALS:
            return Meaning("capital", land.capitalize(), land.capitalize(), CAPITALS[land])
    for attempt in (heard, said):
        if found := read_sum(last_question(attempt)):
            return _about_sum(*found, earlier)
    if _FOLLOW_UP.match(said):
        return _follow_up(earlier, own)
    words = said.split()
    topic = find_topic(words)
    if topic is None:
        return _follow_up(earlier, own) if own else Meaning(ceremony or "lost")
    return _about(topic, words, heard, earlier, own)


def _without_ceremony(said: str) -> tuple[str, str]:
    """Strip greeting, thanks and "wait" from the front: what is left, and the last thing stripped."""
    said, ceremony = re.sub(_VOCATIVE + "$", "", f" {said}").strip(), "greeting"
    found = True
    while found:
        found = False
        for kind, pattern in (("greeting", _GREETING), ("thanks", _THANKS), ("stop", _STOP)):
            rest = re.sub(pattern + f"({_VOCATIVE})?", "", said).strip()
            if rest != said:
                said, ceremony, found = " ".join(without_fillers(rest.split())), kind, True
    if ceremony == "thanks" and re.match(
        r"(for|that|you|i|it|bye|goodbye)\b(?!.*\b(what|why|how|who|when|where)\b)", said
    ):
        return ("goodbye", "") if "bye" in said else ("", "thanks")
    return said, ceremony


def _simple(said: str, earlier: Sequence[str], own: Sequence[str]) -> Meaning | None:
    """Occasions that have no topic."""
    if found := re.search(r"\b(?:my name is|call me|my names) ([^\W\d]+(?: [^\W\d]+)?)$", said):
        return Meaning("you_are", found[1].title())
    kind = next((kind for kind, pattern in _KINDS if pattern.search(said)), None)
    if kind is None:
        return None
    if kind == "your_name":
        for text in reversed(earlier):
            if found := re.search(r"\b(?:my name is|call me) ([^\W\d]+(?: [^\W\d]+)?)$", " ".join(tokens(text))):
                return Meaning("your_name", found[1].title())
        return Meaning("no_name")
    if kind == "said":
        return Meaning("said", _unquoted(own[-1])) if own and own[-1].strip() else Meaning("nothing_said")
    if kind == "you_said":
        return Meaning("you_said", earlier[-1].strip().rstrip(".?!")) if earlier else Meaning("nothing_said")
    return Meaning(kind)


def _unquoted(line: str) -> str:
    """A line without an "I said:" of its own, so that asking three times does not nest."""
    return re.sub(r"^(?:(?:I said|Once more|It was this):|Again, then\.|Listen\.)\s+", "", line.strip())


def _about_sum(phrase: str, answer: str, earlier: Sequence[str]) -> Meaning:
    if not answer:
        return Meaning("no_sum", phrase, phrase)
    asked = any((read_sum(last_question(text)) or ("",))[0] == phrase for text in earlier)
    return Meaning("again" if asked else "sum", phrase, phrase, f"{answer}." if asked else answer)


def _about(topic: Topic, words: list[str], heard: str, earlier: Sequence[str], own: Sequence[str]) -> Meaning:
    name, phrase = with_capitals(topic.name, heard), with_capitals(topic.phrase, heard)
    asked = _asked_before(topic, words, earlier)
    if topic.fact:
        if asked:
            fresh = topic.fact if _was_said(topic.deeper, own) else topic.deeper
            return Meaning("again", phrase, name, fresh)
        if not _was_said(topic.fact, own):
            return Meaning("fact", phrase, name, topic.fact)
        return Meaning("deeper", phrase, name, topic.fact if _was_said(topic.deeper, own) else topic.deeper)
    said = " ".join(words)
    if (found := _STOCK.match(said)) and len(found[1].split()) <= _LONGEST_ECHO:
        return Meaning("stock", with_capitals(mirrored(found[1].split()), heard), name)
    if (found := _REQUEST.match(said)) and not _ASKS_TO_KNOW.search(found[1]):
        wish = found[1].split()
        short = len(wish) <= _LONGEST_ECHO
        return Meaning("request", with_capitals(mirrored(wish), heard) if short else phrase, name)
    if (
        "?" in heard
        or words[0] in _QUESTION_WORDS
        or (len(words) <= 3 and words[0] not in _SUBJECTS)
        or _ASKS_TO_KNOW.search(said)
    ):
        return Meaning("unknown_again" if asked else "unknown", phrase, name)
    if len(words) <= _LONGEST_ECHO:
        return Meaning("statement", with_capitals(mirrored(words), heard), name)
    return Meaning("mention", phrase, name)


def _asked_before(topic: Topic, words: list[str], earlier: Sequence[str]) -> bool:
    """Whether the same was asked: the same topic, and the same sort of question."""

    def question(asked: list[str]) -> str:
        plain = "whether" if asked and asked[0] in _WHETHER else "what"
        return next((word for word in asked if word in ("who", "when", "where", "why", "how")), plain)

    for text in earlier:
        before = tokens(last_question(text))
        old = find_topic(before)
        if old and old.name == topic.name and question(before) == question(words):
            return True
    return False


def _was_said(fact: str, own: Sequence[str]) -> bool:
    return any(fact in line for line in own)


def _follow_up(earlier: Sequence[str], own: Sequence[str]) -> Meaning:
    """ "Why?" is about the last topic there was."""
    for text in reversed(earlier):
        words = tokens(last_question(text))
        topic = find_topic(words)
        if topic is None or words[0] in _POINTERS or _FOLLOW_UP.match(" ".join(without_fillers(tokens(text)))):
            continue
        name, phrase = with_capitals(topic.name, text), with_capitals(topic.phrase, text)
        fresh = next((fact for fact in (topic.deeper, topic.fact) if fact and not _was_said(fact, own)), "")
        return Meaning("deeper" if fresh else "unknown_deeper", phrase, name, fresh)
    return Meaning("lost")
