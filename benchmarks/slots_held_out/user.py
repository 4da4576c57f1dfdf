"""The simulated user: answers what he is asked from what he knows, and sticks to his script."""

from __future__ import annotations

import re
from collections import Counter

from .cases import After, Dialogue, ToolSet, Turn

GOODBYE = "Thank you, that's all. Goodbye."
NO_PREFERENCE = "I don't mind."
LOST = "Can you do that for me?"
YES = "Yes, please."
NO = "No, thank you."
PATIENCE = 3  # replies that lead nowhere, or answers he has to repeat, in a row

_MORE = re.compile(r"\b(anything|something) (else|more)\b|\bwhat else\b", re.I)
_CONFIRM = re.compile(
    r"\b(shall|should) i\b|\b(may|can) i (book|order|place|make|confirm|block|send|save|set|go|do|register)\b|"
    r"\bis (that|this|it|everything) (all )?(right|correct|ok(ay)?|fine)\b|\bcorrect\?|\bright\?|"
    r"\bdo i have (that|it)\b|\bgo ahead\b|\bare you sure\b|\bdo you want me to\b|\bwould you like me to\b|"
    r"\bplease confirm\b|\bdo you confirm\b",
    re.I,
)
_OPEN = re.compile(r"\b(what|which|when|where|who|whose|how)\b", re.I)  # not answered by a yes
_REQUEST = re.compile(r"\b(please|tell me|let me know|give me|i (still )?need|may i have|i'd need)\b", re.I)


class User:
    """`says` is asked for after each reply; None when he has hung up.

    He believes what he is told: once the tools he wants have been called, rightly or not, he is content.
    """

    def __init__(self, tool_set: ToolSet, dialogue: Dialogue) -> None:
        self._set = tool_set
        self._dialogue = dialogue
        self._facts = dict(dialogue.facts)
        self._pending = list(dialogue.events)
        self._told: Counter[str] = Counter()
        self._wants = Counter(expect.name for expect in dialogue.expect)
        self._lost = 0
        self._lines: list[str] = []
        self.turns = 0

    def says(self, reply: str, called: list[str]) -> str | None:
        """`called`: names of all calls so far."""
        if GOODBYE in self._lines:
            return None
        self.turns += 1
        line = self._line(reply, called)
        if self._lines[-PATIENCE + 1 :] == [line] * (PATIENCE - 1):
            line = GOODBYE
        self._lines.append(line)
        return line

    def _line(self, reply: str, called: list[str]) -> str:
        if self.turns == 1:
            return self._dialogue.opening
        for event in self._pending:
            if self._due(event, called):
                self._pending.remove(event)
                if isinstance(event, After):
                    self._facts |= event.now
                    for fact in event.now:
                        self._told[fact] = 0
                self._lost = 0
                return event.says
        if self._wants <= Counter(called) and not self._pending:
            return GOODBYE
        answer = self._answer(reply)
        if answer is not None:
            self._lost = 0
            return answer
        self._lost += 1
        if self._lost == PATIENCE:
            return GOODBYE
        if self._lost > 1:
            return LOST
        left = next(iter(self._wants - Counter(called)), "") if called else ""
        return self._dialogue.rest.get(left) or self._dialogue.again or self._dialogue.opening

    def _due(self, event: Turn | After, called: list[str]) -> bool:
        if isinstance(event, Turn):
            return self.turns >= event.n
        return any(name in event.tools for name in called)

    def _answer(self, reply: str) -> str | None:
        """None if the reply asks for nothing he knows of."""
        question = _question(reply)
        if not question or _MORE.search(question):
            return None
        facts = self._asked(question)
        if _CONFIRM.search(question) and not _OPEN.search(question):
            fact = facts[0] if len(facts) == 1 else ""
            if fact not in self._set.yes_or_no or self._told[fact]:
                return NO if self._unwanted(question) else YES
        if not facts:
            return None
        known = [fact for fact in facts if fact in self._facts]
        if not known:
            return NO_PREFERENCE if any(map(self._needed, facts)) else None
        new = [fact for fact in known if not self._told[fact]] or known
        wanted = new[:3] if re.search(r"\band\b|,", question) else new[:1]
        return " ".join(self._tell(fact) for fact in wanted)

    def _unwanted(self, question: str) -> bool:
        """Something is proposed by the name of a tool that he has no use for."""
        words = set(re.findall(r"[a-z]+", question.lower()))
        proposed = [tool["name"] for tool in self._set.tools if set(name_words(tool["name"])) <= words]
        return bool(proposed) and not any(name in self._wants for name in proposed)

    def _needed(self, fact: str) -> bool:
        """A tool that he wants takes it."""
        wanted = [tool for tool in self._set.tools if tool["name"] in self._wants]
        return any(fact in tool["parameters"]["properties"] for tool in wanted)

    def _asked(self, question: str) -> list[str]:
        """The facts whose words are in the question, most words first."""
        hits = {fact: len(_words_of(words, question)) for fact, words in self._set.asks.items()}
        return sorted((fact for fact in hits if hits[fact]), key=lambda fact: -hits[fact])

    def _tell(self, fact: str) -> str:
        said = self._facts[fact]
        lines = (said,) if isinstance(said, str) else said
        line = lines[min(self._told[fact], len(lines) - 1)]
        self._told[fact] += 1
        return line


def name_words(name: str) -> list[str]:
    """check_in -> check, in; petName -> pet, name"""
    return re.sub(r"[_-]", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).lower().split()


def _words_of(words: str, question: str) -> set[str]:
    return {found.group().lower() for found in re.finditer(rf"\b(?:{words})", question, re.I)}


def _question(reply: str) -> str:
    """The last sentence that wants something; "" if none does."""
    sentences = re.findall(r"[^.?!]+(?:[.?!]+|$)", re.sub(r"(?<=\d)\.(?=\d)|\b([ap])\.m\.", r"\1", reply))
    asking = [s for s in sentences if "?" in s] or [s for s in sentences if _REQUEST.search(s)]
    return asking[-1].strip() if asking else ""
