"""A mind that answers by rules."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from zlib import crc32

from ..replies import Call, CallOutput, Message, Prompt, Say
from .facts import fact_asked_for, facts_reply
from .intents import Meaning, understand
from .lines import CLOSERS, OPENERS, OWN_LINES, PLAIN
from .numbers import digits_to_words
from .personas import Persona, errand, exact_line, read_persona
from .phone import phone_reply
from .slots import silence_reply, task_reply

# Kinds that a cheerful "Lovely!" would mock.
_SOBER = frozenset(
    {
        "unknown",
        "unknown_again",
        "unknown_deeper",
        "unclear",
        "lost",
        "stock",
        "no",
        "language",
        "clock",
        "stop",
        "said",
    }
    | {
        "you_said",
        "no_name",
        "no_sum",
        "apology",
        "statement",
        "mention",
        "ask",
        "tell",
        "goodbye",
        "nothing_said",
        "machine",
    }
)


# To whom said nothing, or nothing that the ears could make out.
_TO_THE_SILENT = ("Are you still there?", "Hello? I cannot hear you.", "I did not catch a word. Are you there?")


_MOST_READ = 4000  # letters of a turn: some five minutes of speech


class Rules:
    """Answers by rules, in the tone the instructions ask for. No language model, and it says so when asked.

    Deterministic and stateless: the same prompt gives the same reply. Variety comes from a checksum of the
    conversation, and no line is said twice running. Tools of the session are used as `slots` finds them fit.
    """

    async def reply(self, prompt: Prompt) -> AsyncIterator[Say | Call]:
        """Yield one `Say` of plain spoken English: no markdown, no figures."""
        prompt = replace(prompt, history=tuple(map(_as_far_as_read, prompt.history)))
        last = prompt.history[-1] if prompt.history else None
        if isinstance(last, Message) and last.role == "user" and last.images:
            yield Say("I am sorry, this mock server cannot see pictures.")
            return
        spoken = [item.text for item in prompt.history if isinstance(item, Message) and item.role == "assistant"]
        if spoken and isinstance(last, Message) and last.role == "user" and not last.text.strip():
            for step in silence_reply(prompt) or [Say(_pick(_TO_THE_SILENT, spoken, len(spoken) - 1))]:
                yield step
            return
        steps = facts_reply(prompt)
        if steps is None:
            steps = task_reply(prompt)
        if steps is None and (fact := fact_asked_for(prompt)):
            steps = [Say(fact)]
        if steps is None:
            steps = phone_reply(prompt) or [Say(answer(prompt))]
        for step in steps:
            yield Say(_spoken(step.text)) if isinstance(step, Say) else step


def _as_far_as_read(item: Message | Call | CallOutput) -> Message | Call | CallOutput:
    """Nobody says so much in one turn; and the rules' time grows with it, while all other conversations wait."""
    long = isinstance(item, Message) and item.role != "system" and len(item.text) > _MOST_READ
    return replace(item, text=item.text[:_MOST_READ]) if long else item


def answer(prompt: Prompt) -> str:
    """The reply as text."""
    if line := exact_line(prompt.instructions):
        return line
    messages = [item for item in prompt.history if isinstance(item, Message)]
    persona = read_persona(" ".join([prompt.instructions, *(m.text for m in messages if m.role == "system")]))
    own = [m.text for m in messages if m.role == "assistant"]
    heard = [m.text for m in messages if m.role == "user"]
    users_turn = [m.role for m in messages if m.role != "system"][-1:] == ["user"]

    kind, words = errand(prompt.instructions)
    if kind and not (users_turn and own):
        meaning = Meaning(kind, words, words)
    elif not heard and not own:
        if persona.opening:
            return persona.opening
        meaning = Meaning("introduction")
    elif users_turn:
        meaning = understand(heard[-1], heard[:-1], own)
    else:
        # asked to speak again without a new turn
        meaning = understand("go on", heard, own)
    seed = crc32("\n".join(m.text for m in messages).encode())
    reply = _line(meaning, persona, own, seed)
    if persona.language and not own:
        refusal = Meaning("no_language", persona.language, persona.language)
        reply = f"{_line(refusal, persona, own, seed)} {reply}"
    elif persona.tone == "grumpy" and users_turn and own and _was_cut_short(own[-1]) and meaning.kind != "stop":
        reply = f"{_pick(OWN_LINES['grumpy']['interrupted'], own, seed)} {reply}"
    return reply


def _line(meaning: Meaning, persona: Persona, own: Sequence[str], seed: int) -> str:
    kind, me = meaning.kind, _me(persona)
    if kind == "introduction" and not me and persona.tone != "grumpy":
        kind = "greeting"
    fill = {
        "me": me or "the workbook's practice voice",
        "p": meaning.phrase,
        "t": meaning.name or meaning.phrase,
        "fact": meaning.fact,
    }
    fill |= {key.capitalize(): value[:1].upper() + value[1:] for key, value in fill.items()}
    if templates := OWN_LINES.get(persona.tone, {}).get(kind):
        lines = [line.format_map(fill) for line in templates]
    else:
        templates = PLAIN[kind]
        if persona.terse:
            templates = sorted(templates, key=len)[: max(2, len(templates) // 2)]
        lines = _coloured([line.format_map(fill) for line in templates], persona, kind, seed)
    return _pick([_spoken(line) for line in lines], own, seed)


def _coloured(lines: list[str], persona: Persona, kind: str, seed: int) -> list[str]:
    """Plain lines with the tone's opener or closer, in turn."""
    strong = persona.tone in ("pirate", "cowboy")
    if kind in _SOBER and not strong:
        return lines
    openers, closers = OPENERS.get(persona.tone, ("",)), CLOSERS.get(persona.tone, ("",))
    turn = seed // len(lines)
    coloured = []
    for at, line in enumerate(lines):
        opener, closer = openers[(turn + at) % len(openers)], closers[(turn + at) % len(closers)]
        coloured.append(
            line + closer if (turn + at) % 2 and closer and not persona.terse else f"{opener} {line}".strip()
        )
    return coloured


def _pick(lines: Sequence[str], own: Sequence[str], seed: int) -> str:
    """A line chosen by `seed`: one that has not been said if there is one, and never the last one said."""
    turned = [lines[(seed + at) % len(lines)] for at in range(len(lines))]
    for forbidden in (own, own[-1:]):
        for line in turned:
            if not any(_same(line, said) for said in forbidden):
                return line
    return turned[0]


def _same(line: str, said: str) -> bool:
    """Whether `said` is this line, perhaps cut short by an interruption."""
    line, said = re.sub(r"\W+", " ", line.lower()).strip(), re.sub(r"\W+", " ", said.lower()).strip()
    return line == said or (len(said.split()) >= 3 and line.startswith(said))


def _was_cut_short(line: str) -> bool:
    return not line.rstrip().endswith((".", "!", "?"))


def _me(persona: Persona) -> str:
    if persona.name:
        return f"{persona.name} from {persona.place}" if persona.place else persona.name
    if persona.place:
        return persona.place
    if not persona.role:
        return ""
    return f"{'an' if persona.role[0].lower() in 'aeiou' else 'a'} {persona.role}"


def _spoken(line: str) -> str:
    """Fit for a voice: figures written out, no markup, no doubled full stops."""
    line = digits_to_words(re.sub(r"[*_#`<>\[\]{}|]", "", line))
    line = re.sub(r"\s+", " ", line).strip()
    line = re.sub(r"([.!?])(?:\s*[.?!])+", r"\1", line)
    return re.sub(r"(?:^|(?<=[.!?] ))[a-z]", lambda first: first[0].upper(), line)
