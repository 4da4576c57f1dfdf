"""Taking what was said apart: sentences, words, small misrecognitions, and whose "my" it is."""

from __future__ import annotations

import re


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONTRACTIONS = {
    "what's": "what is",
    "whats": "what is",
    "who's": "who is",
    "where's": "where is",
    "how's": "how is",
    "that's": "that is",
    "it's": "it is",
    "there's": "there is",
    "let's": "let us",
    "can't": "can not",
    "cannot": "can not",
    "won't": "will not",
    "i'm": "i am",
    "im": "i am",
    "gonna": "going to",
    "wanna": "want to",
    "dont": "do not",
    "didnt": "did not",
    "doesnt": "does not",
}
_ENDINGS = (("n't", " not"), ("'re", " are"), ("'ve", " have"), ("'ll", " will"), ("'d", " would"))
_FILLERS = word_set("um uh er erm hmm hm mm mhm ah oh well so like please okay ok right anyway just actually basically")
_MIRROR = {
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "am": "are",
    "we": "you",
    "our": "your",
    "us": "you",
    "you": "I",
    "your": "my",
    "yours": "mine",
    "yourself": "myself",
}


def tokens(text: str) -> list[str]:
    """Words in lower case, contractions opened, punctuation gone: "What's Ohm's law?" -> what is ohm's law."""
    found = []
    for word in re.findall(r"[^\W_]+(?:['.-][^\W_]+)*", text.lower().replace("’", "'")):
        opened = _CONTRACTIONS.get(word)
        if opened is None:
            opened = next((word.removesuffix(e) + full for e, full in _ENDINGS if word.endswith(e)), word)
        found += opened.split()
    return found


def without_fillers(words: list[str]) -> list[str]:
    """Drop "um", "well", "please" and the like at both ends; inside a sentence they may carry weight."""
    start, end = 0, len(words)
    while start < end and words[start] in _FILLERS:
        start += 1
    while end > start and words[end - 1] in _FILLERS:
        end -= 1
    return words[start:end]


def last_question(text: str) -> str:
    """The sentence to answer: the last question if one is marked, else the last sentence that has words in it."""
    sentences = [s.strip() for s in re.findall(r"(?:[^.?!]|[.?!](?=\S))+[.?!]*", text) if re.search(r"\w", s)]
    questions = [s for s in sentences if s.endswith("?")]
    if questions:
        return questions[-1]
    # "Tell me about tides. Thanks." asks about tides
    while len(sentences) > 1 and len(sentences[-1].split()) <= 2:
        sentences.pop()
    return sentences[-1] if sentences else ""


def mirrored(words: list[str]) -> str:
    """The same words from the other side: "i like my tea" -> "you like your tea"."""
    said = []
    for at, word in enumerate(words):
        before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
        if word == "you" and at and after not in ("are", "were", "have", "can", "will", "do", "know", "think"):
            said.append("me")
        elif (word, before) == ("are", "you"):
            said.append("am")
        elif word in ("was", "were") and before in ("i", "you"):
            said.append("were" if before == "i" else "was")
        else:
            said.append(_MIRROR.get(word, word))
    return " ".join(said)


def singular(word: str) -> str:
    """`waves` -> `wave`; only good enough for comparing."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "ics")) and len(word) > 3:
        return word[:-1].removesuffix("'")
    return word


def by_sound(word: str) -> str:
    """Spellings of one sound made alike: "entropee" and "entropy", "fotton" and "photon"."""
    word = word.replace("ph", "f").replace("ck", "k").replace("wh", "h")
    word = re.sub(r"(ee|ie|ey|i)$", "y", word)
    return re.sub(r"(.)\1", r"\1", word)


def is_near(heard: str, meant: str) -> bool:
    """Whether `heard` may be `meant` misheard, both given `by_sound`: one letter wrong, or two in a long name."""
    if len(meant) < 6 or heard[:1] != meant[:1] or abs(len(heard) - len(meant)) > 2:
        return False
    allowed = 1 if len(meant) < 12 else 2
    return _distance(heard, meant, allowed) <= allowed


def _distance(a: str, b: str, enough: int) -> int:
    """Edit distance, or anything above `enough` once it cannot be less."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
        if min(row) > enough:
            return enough + 1
    return row[-1]


def with_capitals(phrase: str, heard: str) -> str:
    """Capitals as in what was heard ("isaac newton" -> "Isaac Newton"), but not those that only begin a sentence."""
    written = {}
    for found in re.finditer(r"(^|[.?!]\s+)?([^\W\d_][\w'-]*)", heard.replace("’", "'")):
        word = found[2]
        if found[1] is None or (len(word) > 1 and word.isupper()):
            written.setdefault(word.lower(), word)
    return " ".join(written.get(word, word) if word != "i" else "I" for word in phrase.split(" "))
