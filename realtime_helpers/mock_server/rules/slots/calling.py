"""A call that the agent makes: it asks, reads back, stores, says goodbye and hangs up.

Instead of values there may come a machine, a refusal, "call me later", silence, or questions of the other's own.
"""

from __future__ import annotations

import json
import re

from ...replies import Call, CallOutput, Say
from .dialogue import Steps, Talk
from .heard import Heard, hear
from .outbound import errand, greeting, introduction, known_values, question, read_back
from .schema import Slot, Tool
from .speak import asking
from .task import Task
from .values import find_values, says_yes

# Why there will be no values: what the other side says, which option of a tool stands for it, and the goodbye.
_MACHINE = re.compile(
    r"\b(leave|record)\b.{0,30}\bmessage\b|\b(after|at) the (tone|beep|signal)\b|\bvoice ?mail\b|\bmail ?box\b|"
    r"\banswering machine\b|\byou have reached\b|\b(office|opening|business) hours\b|\bcannot take your call\b|"
    r"\bcan not take your call\b|\bpress (one|two|1|2)\b"
)
_LATER = re.compile(
    r"\b(call|phone|ring|try)( (me|us|it))?( back)? (again|later|back|tomorrow|this|after|in|on|at|next|another)\b|"
    r"\bcall ?back\b|\banother time\b|\b(bad|not a good) (time|moment)\b|\bnot now\b|\b(too|very|really) busy\b"
)
_REFUSES = re.compile(
    r"\b(do|does|can|will|could) not (do|work on|repair|service|fix|help|give|take|offer|serve|touch|want|deal)\b|"
    r"\bcannot (help|give|do|take|offer)\b|\bnot interested\b|\bno (quotes?|prices?)\b|\bunfortunately\b|"
    r"\bwrong number\b|\bfully booked\b|\bno longer\b|\bnot (possible|going to)\b|\bgo (away|somewhere else)\b|"
    r"\b(somewhere|someone|somebody|garage) else\b|\b(do not|never) (call|talk|speak)\b|\bonly (do|work|repair)\b"
)
_OPTIONS = {
    "machine": r"machine|voice ?mail|mailbox|recording",
    "later": r"later|back|again|busy",
    "refusal": r"refus|declin|reject|no quote|not interested|unwilling|unable|cannot|no$",
    "silence": r"silen|nobody|no ?one|no answer|no response|no reply|unanswered|not answer",
}
_GOODBYES = {
    "machine": "I will call again another time. Goodbye.",
    "later": "Of course, I will call again later. Thank you, and goodbye.",
    "refusal": "I understand. Thank you all the same, and goodbye.",
    "silence": "I cannot hear anybody. Goodbye.",
}
_THANKS = "Thank you very much for your help. Goodbye."
_WHO = re.compile(r"\bwho (is|are) (this|you|calling|there|it)\b|\bwhat is your name\b|\bwho am i (talking|speaking)\b")
_ROBOT = re.compile(r"\b(are you|is this|am i (talking|speaking) to) (a |an )?(real |some )?(robot|machine|computer|ai|"
                    r"bot|person|human|recording)\b")  # fmt: skip
_WHAT = re.compile(r"^(what|which|how|why|can you|could you|sorry|pardon|excuse)\b|\bcan i help\b|\bhelp you\b")
_WAIT = re.compile(
    r"\b(one|a|just a|half a) (moment|second|minute|sec)\b|\bhold on\b|\bhang on\b|\blet me (look|see|check)\b"
)
_GREETS = re.compile(r"^(hello|hi|hey|yes|speaking)\b|\bgood (morning|afternoon|evening|day)\b|\bgarage$")
_PATIENCE = 3  # answers in a row that were none


class Calling(Talk):
    """Where such a call stands."""

    _kind = ""  # why there will be no values, once that is known
    _silences = 0  # in a row

    def begin(self) -> Steps | None:
        """The first words: who calls, what for, and the first question."""
        tool = self._errand
        if tool is None:
            return None
        self.task = Task(tool, known_values(tool, self.instructions, self.today))
        first = self._next()[0]
        return [Say(f"{greeting(self.instructions)} {first.text}")] if isinstance(first, Say) else None

    def heard(self, heard: Heard) -> Steps | None:
        if not heard.words:
            self._silences += 1
            return self._give_up("silence", heard) if self._silences > 1 else None
        self._silences = 0
        if self.task and not self.task.missing and says_yes(heard.said):
            return self._answered_question(heard)  # "yes, goodbye"
        if self._said_goodbye and not self.task and not self._adds(heard):
            return self._goodbye("Goodbye.")
        if kind := self._no_values(heard):
            return self._give_up(kind, heard)
        return self._aside(heard) or super().heard(heard)

    @property
    def gave_up(self) -> bool:
        """Nobody has spoken for so long that nothing more is to be asked."""
        return self._silences > 1

    # -- the errand -------------------------------------------------------------------------------------------------

    @property
    def _errand(self) -> Tool | None:
        """The tool whose values the call is for."""
        asking_for = [t for t in self.tools if t.required and not t.ends_the_call and not self._stands_for(t)]
        return max(asking_for, key=lambda t: len(t.required), default=None)

    @property
    def _end(self) -> Tool | None:
        return next((tool for tool in self.tools if tool.ends_the_call), None)

    def asking(self, slot: Slot, again: bool = False) -> str:
        put = question(slot)
        if put is None:
            return asking(slot, again)
        return f"Sorry, I did not catch that. {put.removeprefix('And ').capitalize()}" if again else put

    def asks_first(self, tool: Tool) -> bool:
        return tool is self._errand

    def summing_up(self, task: Task) -> str:
        parts = [read_back(slot, task.values[slot.name]) for slot in task.tool.slots if slot.name in task.values]
        return f"Let me read that back: {', '.join(parts)}. Is that right?"

    def missing_still(self, slot: Slot) -> Steps | None:
        if self.missed <= _PATIENCE:
            return super().missing_still(slot)
        return self._give_up("refusal", None)

    # -- what comes instead of values -------------------------------------------------------------------------------

    def _adds(self, heard: Heard) -> bool:
        """Said into the goodbye or after it: other values, or a question."""
        values = find_values(self.recent.tool.slots, heard, self.today, None) if self.recent else {}
        heard.used = [False] * len(heard.words)
        news = any(self.recent.values.get(name) != value for name, value in values.items())
        return news or bool(_WHO.search(heard.said) or _ROBOT.search(heard.said))

    def _no_values(self, heard: Heard) -> str:
        said = heard.said
        if _MACHINE.search(said):
            return "machine"
        if _LATER.search(said):
            return "later"
        if _REFUSES.search(said) and not self._useful(heard):
            return "refusal"
        over = re.search(r"\b(good ?bye|bye)\b", said) and not self._useful(heard)
        return "refusal" if over and not self._stored else ""

    def _useful(self, heard: Heard) -> bool:
        """It holds a value, whatever else it says: "we do not work on Mondays, but Tuesday is fine"."""
        tool = self.task.tool if self.task else self._errand
        found = find_values([s for s in tool.slots if s.kind != "text"], heard, self.today, self.asked) if tool else {}
        heard.used = [False] * len(heard.words)
        return bool(found)

    def _aside(self, heard: Heard) -> Steps | None:
        """Questions of the other's own, and requests to wait."""
        if _WAIT.search(heard.said) and not self._useful(hear(_WAIT.sub("", heard.said))):
            return [Say("Of course, take your time.")]
        if self._useful(heard):
            return None
        said, again = heard.said, f" {self.asking(self.asked)}" if self.asked else ""
        if _ROBOT.search(said):
            honest = "No, I am an AI" if re.search(r"person|human", said) else "Yes, I am an AI"
            return [Say(f"{honest}. {_sentence(introduction(self.instructions))}{again}")]
        if _WHO.search(said):
            return [Say(f"{_sentence(introduction(self.instructions))}{again}")]
        if self.asked and (_WHAT.search(said) or _GREETS.search(said)) and errand(self.instructions):
            return [Say(f"{errand(self.instructions)}{again}")]
        return None

    # -- the end of it ----------------------------------------------------------------------------------------------

    def _give_up(self, kind: str, heard: Heard | None) -> Steps:
        """Store why, if there is a tool for that and nothing is stored yet; then goodbye."""
        self._kind = kind
        self.task = self.asked = None
        if self._stored:
            return self._goodbye(_GOODBYES[kind])
        for tool in self.tools:
            if stands := self._stands_for(tool, kind):
                values: dict[str, object] = {stands[0].name: stands[1]}
                note = next((slot for slot in tool.slots if slot.kind == "text"), None)
                if note and ((heard and heard.words) or note in tool.required):
                    values[note.name] = heard.text.strip() if heard else ""
                return [Call(tool.name, json.dumps(values))]
        return self._goodbye(_GOODBYES[kind])

    def _stands_for(self, tool: Tool, kind: str | None = None) -> tuple[Slot, object] | None:
        """The option of this tool that stands for `kind`, or for any of them."""
        wanted = _OPTIONS[kind] if kind else "|".join(_OPTIONS.values())
        for slot in tool.required:
            for option in slot.options:
                if re.search(wanted, re.sub(r"[_\-]+", " ", str(option)).lower()):
                    return slot, option
        return None

    @property
    def _stored(self) -> bool:
        """Something about this call has been stored."""
        return any(good for name, (_, good) in self.last.items() if self._end is None or name != self._end.name)

    @property
    def _said_goodbye(self) -> bool:
        return self._end is not None and any(tool is self._end for tool, _ in self.calls.values())

    def _goodbye(self, words: str) -> Steps:
        """In one breath: whoever hangs up first and speaks then is not heard."""
        return [Say(words), Call(self._end.name, "{}")] if self._end else [Say(words)]

    def done_already(self) -> Steps:
        return self._goodbye(_THANKS)

    def called(self, call: Call) -> None:
        recent = self.recent
        super().called(call)
        if self._end and call.name == self._end.name:
            self.recent = recent  # what may yet be corrected

    def answered(self, output: CallOutput) -> Steps | None:
        steps = super().answered(output)
        tool, _ = self.calls.get(output.call_id, (None, {}))
        if tool is None or tool is self._end or not self.last[tool.name][1]:
            return steps
        return self._goodbye(_GOODBYES.get(self._kind, _THANKS))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
