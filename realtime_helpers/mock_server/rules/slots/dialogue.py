"""A task conversation, derived again from the whole history at every reply."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date

from ...replies import Call, CallOutput, Message, Prompt, Say
from .choose import choose, first_step, next_step
from .dates import stated_today
from .heard import Heard, hear
from .schema import Slot, Tool
from .speak import asking, offering, result_line, summing_up, which_one
from .task import Task, made_up
from .things import Things, aspect_of, choices_in
from .values import find_values, says_yes

_STOP = re.compile(
    r"\b(never ?mind|forget (it|about it|that)|cancel that|leave it|changed my mind|do not (bother|book|order|do|block|"
    r"send)|stop that|scrap that)\b|^(no )?(goodbye|bye|good bye|no thanks|no thank you)\b"
)
_OVER = re.compile(r"\b(goodbye|good bye|bye|that is all|that will be all|that is it|nothing else|hang up)\b")
_CORRECTS = re.compile(
    r"^(no|actually|sorry|wait|oh|hang on|i mean|i meant|i said|not)\b|\b(make (it|that)|change (it|that)|instead|"
    r"rather|i said|i meant|i mean|actually|what about|how about)\b"
)
_REPLACED = re.compile(r"\bnot (?:on |for |at |the )?[\w:]+(?: (?=but|it|make|i)| and |, )?")
_AND = re.compile(r"\s+(?:and (?:also |then |please )?|also |then |plus )(?=(?:i |we |can |could |please |what |how |"
                  r"book|turn|set|order|check|tell|add|get|make|switch|put|do |is |block|send|give|reserve|find|show))"
                  r"|[.?!]\s+")  # fmt: skip
_ACTS = re.compile(
    r"book|order|buy|pay|transfer|reserve|schedule|create|register|sign|store|save|send|submit|add|block"
)
_ASKS_FIRST = re.compile(
    r"\b(confirm(?:s|ed)? (?:first|with|before)|ask (?:for|before)|after (?:the )?\w+ (?:agree|confirm))"
)


Steps = list[Say | Call]


class Talk:
    """Where the conversation stands: the task in hand, what it waits for, and what was done."""

    def __init__(self, prompt: Prompt, tools: Sequence[Tool]) -> None:
        self.today: date = stated_today(prompt.instructions)
        self.tools, self.instructions, self.parallel = tools, prompt.instructions, prompt.parallel_tool_calls
        self.task: Task | None = None
        self.waiting: list[Task] = []
        self.asked: Slot | None = None
        self.missed = 0  # questions in a row that got no answer
        self.offer: Task | None = None
        self.calls: dict[str, tuple[Tool, dict[str, object]]] = {}
        self.last: dict[str, tuple[dict[str, object], bool]] = {}  # of each tool: the last arguments, and how it went
        self.recent: Task | None = None  # what was called last
        self.results: list[str] = []
        self.things = Things()
        self.wanted = ""  # what the user said last

    # -- from the user ---------------------------------------------------------------------------------------------

    def begin(self) -> Steps | None:
        """What is said before anybody else has spoken. None: nothing in particular."""
        return None

    def see(self, item: Message | Call | CallOutput) -> Steps | None:
        """One more item of the conversation, and what comes next if it was the last."""
        if isinstance(item, Message):
            return self.heard(hear(item.text)) if item.role == "user" else None
        if isinstance(item, Call):
            self.called(item)
            return None
        return self.answered(item)

    def heard(self, heard: Heard) -> Steps | None:
        self.results.clear()
        said = self.wanted = heard.said
        if (_STOP.search(said) or _OVER.search(said)) and not self._means_more(heard):
            return self._stop(said)
        if self.offer:
            steps = self._offered(heard)
            if steps is not None:
                return steps
        if self.task and (steps := self._answered_question(heard)):
            return steps
        if (steps := self._corrected(heard)) is not None:
            return steps
        return self._requested(heard)

    def _means_more(self, heard: Heard) -> bool:
        """ "No thanks, but book the other one." """
        rest = _STOP.sub("", _OVER.sub("", heard.said)).strip()
        return len(rest.split()) > 3 and bool(re.search(r"\b(but|instead|rather|make it)\b", rest)) and not (
            _STOP.search(heard.said))  # fmt: skip

    def _stop(self, said: str) -> Steps | None:
        busy = bool(self.task or self.offer or self.waiting)
        self.task = self.offer = self.asked = self.recent = None
        self.waiting.clear()
        over = _OVER.search(said)
        end = next((tool for tool in self.tools if tool.ends_the_call), None)
        if over and end:
            return [Say("Goodbye."), Call(end.name, "{}")]
        if not busy:
            return None
        return [Say("All right, I will leave it. Goodbye." if over else "All right, I will leave it.")]

    def _offered(self, heard: Heard) -> Steps | None:
        offer, self.offer = self.offer, None
        answer = says_yes(heard.said)
        found = find_values(offer.tool.slots, hear(heard.text), self.today, None)
        changed = {name: value for name, value in found.items() if offer.values.get(name) != value}
        looked = first_step(offer.tool, self.tools)
        if changed and looked and self.recent and set(changed) & {slot.name for slot in looked.slots}:
            return self._start(Task(looked, {**offer.values, **changed}, then=offer.tool))
        wanted = choose([offer.tool], heard, self.today) is not None
        if answer is False and not changed and not wanted:
            return [Say("All right. Is there anything else?")]
        if answer or changed or wanted:
            offer.values |= found
            return self._start(offer)
        return None

    def _answered_question(self, heard: Heard) -> Steps | None:
        task, asked = self.task, self.asked
        if asked is None and task.missing is None:  # a summary was read back
            return self._confirmed(heard)
        corrects = bool(_CORRECTS.search(heard.said)) and asked is not None and asked.kind in ("text", "name", "code")
        found = self._find(task.tool, heard, None if corrects else asked)
        fresh = {
            name: value
            for name, value in found.items()
            if task.values.get(name) != value
            and (name not in task.values or _CORRECTS.search(heard.said) or (asked and name == asked.name))
        }
        if not fresh:
            other = choose([tool for tool in self.tools if tool is not task.tool], heard, self.today)
            if other and len(heard.words) > 2:
                wanted = self._task_for(other, heard)
                if other is task.then:  # the same request, said once more: what is known stays known
                    wanted.values = task.values | wanted.values
                else:
                    self.waiting.insert(0, task)
                return self._start(wanted)
            self.missed += 1
            return self.missing_still(asked) if asked else None
        task.values |= fresh
        self.missed = 0
        looked = first_step(task.tool, self.tools)
        if looked and looked.name in self.last and {slot.name for slot in looked.required} & set(fresh):
            return self._start(Task(looked, dict(task.values), then=task.tool))  # another day must be free as well
        return self._next()

    def _confirmed(self, heard: Heard) -> Steps | None:
        task = self.task
        found = self._find(task.tool, heard, None)
        changed = {name: value for name, value in found.items() if task.values.get(name) != value}
        task.values |= changed
        if changed:
            return self._next()
        if says_yes(heard.said) is False:
            return [Say("What shall I change?")]
        task.confirmed = True
        return self._next()

    def _corrected(self, heard: Heard) -> Steps | None:
        """Other values for what was done last: "no, make it five"."""
        recent = self.recent
        if recent is None:
            return None
        short = len(heard.words) <= 6 and choose(self.tools, heard, self.today) in (None, recent.tool)
        if not (_CORRECTS.search(heard.said) or short):
            return None
        found = self._find(recent.tool, heard, None)
        changed = {name: value for name, value in found.items() if recent.values.get(name) != value}
        if not _CORRECTS.search(heard.said):  # who names another thing, or asks for another, begins anew
            changed = {n: value for n, value in changed.items() if recent.tool.slot(n).kind not in ("thing", "query")}
        if not changed:
            return None
        return self._start(Task(recent.tool, {**recent.values, **changed}, then=recent.then))

    def _requested(self, heard: Heard) -> Steps | None:
        tasks: list[Task] = []
        for clause in [part for part in _AND.split(heard.text) if part and part.strip()]:
            part = hear(clause)
            tool = choose(self.tools, part, self.today)
            if tool is None:
                if tasks:
                    tasks[-1].values |= self._find(tasks[-1].tool, part, None)
                continue
            task = self._task_for(tool, part)
            if tasks and tasks[-1].tool is task.tool and not set(tasks[-1].values) & set(task.values):
                tasks[-1].values |= task.values  # one request in two breaths
            elif not tasks or (tasks[-1].tool, tasks[-1].values) != (task.tool, task.values):
                tasks.append(task)
        if len(tasks) <= 1:
            tool = choose(self.tools, heard, self.today)
            if tool is None and not tasks and (told := aspect_of(self.things, heard)):
                return [Say(told)]
            tool = tool or (None if tasks else self.things.tool_for(self.tools, heard))
            tasks = [self._task_for(tool, heard)] if tool else tasks
        if not tasks:
            return None
        if len(tasks) > 1:
            for task in tasks[1:]:
                for name, value in tasks[0].values.items():
                    if task.tool.slot(name) and task.missing and name not in task.values:
                        task.values[name] = value
        self.task, self.waiting = None, [*tasks, *self.waiting]
        return self._resume()

    def _task_for(self, tool: Tool, heard: Heard) -> Task:
        """A new task, with what was said now, and with what was just looked up for it."""
        values = self._find(tool, heard, None)
        carried = {}
        if self.recent and self.recent.tool is not tool:
            carried = {name: value for name, value in self.recent.values.items() if tool.slot(name)}
        task = Task(tool, {**carried, **values})
        looked = first_step(tool, self.tools)
        if looked and any(slot.kind != "thing" for slot in looked.required):  # a thing need not be free on some day
            wanted = {slot.name: task.values.get(slot.name) for slot in looked.required}
            before = self.last.get(looked.name)
            if not (before and before[1] and all(before[0].get(name) == value for name, value in wanted.items())):
                return Task(looked, {n: v for n, v in task.values.items()}, then=tool)
        return task

    def _find(self, tool: Tool, heard: Heard, asked: Slot | None) -> dict[str, object]:
        text = heard.text
        if _CORRECTS.search(heard.said):
            rest = _REPLACED.sub(" ", text.lower()) if re.search(r"\bnot\b", heard.said) else text
            text = rest if len(rest.split()) > 1 or rest.strip() else text
        wider = list(tool.slots)
        if self.task and self.task.then:
            wider += [slot for slot in self.task.then.slots if not tool.slot(slot.name)]
        return self.things.fill(wider, heard, find_values(wider, hear(text), self.today, asked))

    # -- what comes next -------------------------------------------------------------------------------------------

    def _start(self, task: Task) -> Steps:
        self.task = task
        self.missed = 0
        return self._next()

    def _resume(self) -> Steps | None:
        """The tasks that wait: all calls that can be made, then a question for the first that cannot."""
        calls: Steps = []
        while self.waiting:
            task = self.waiting.pop(0)
            steps = self._start(task)
            if not all(isinstance(step, Call) for step in steps):
                if calls:  # ask when the results are there
                    self.waiting.insert(0, task)
                    self.task = self.asked = None
                    return calls
                return steps
            calls += steps
            if not self.parallel:
                return calls
        return calls or None

    def _next(self) -> Steps:
        """Ask for what is missing, or call."""
        task = self.task
        if slot := task.missing:
            self.asked = slot
            return [Say(self.asking(slot))]
        self.asked = None
        if self.asks_first(task.tool) and not task.confirmed and task.tool.required:
            return [Say(self.summing_up(task))]
        before = self.last.get(task.tool.name)
        wanted = {s.name: task.values[s.name] for s in task.tool.slots if s.name in task.values}
        self.task = None
        if before == (wanted, True) and _ACTS.search(task.tool.spoken) and not task.tool.reads:
            return self.done_already()
        self.recent = task
        return [Call(task.tool.name, task.arguments)]

    # -- how it is put ---------------------------------------------------------------------------------------------

    def asking(self, slot: Slot, again: bool = False) -> str:
        return asking(slot, again)

    def missing_still(self, slot: Slot) -> Steps | None:
        """An answer to the question for `slot` that was none."""
        return [Say(self.asking(slot, again=True))] if self.missed < 4 else None

    def asks_first(self, tool: Tool) -> bool:
        """The values are read back before it is called."""
        return bool(_ASKS_FIRST.search(tool.description))

    def summing_up(self, task: Task) -> str:
        return summing_up(task.tool, task.values)

    def done_already(self) -> Steps:
        return [Say("That is done already. Is there anything else?")]

    # -- from the tools --------------------------------------------------------------------------------------------

    def called(self, call: Call) -> None:
        tool = next((tool for tool in self.tools if tool.name == call.name), None)
        if tool is None:
            return
        try:
            arguments = json.loads(call.arguments)
        except (ValueError, TypeError):
            arguments = {}
        arguments = arguments if isinstance(arguments, dict) else {}
        self.calls[call.call_id] = tool, arguments
        if self.recent is None or self.recent.tool is not tool:
            self.recent = Task(tool, arguments)
        if self.task and self.task.tool is tool:
            self.task = None

    def answered(self, output: CallOutput) -> Steps | None:
        tool, arguments = self.calls.get(output.call_id, (None, {}))
        line, good = result_line(output.output, looked=tool is not None and tool.reads, asked=self.wanted)
        self.things.learn(output.output, self.wanted)
        if tool is None:
            return [Say(line)]
        self.last[tool.name] = arguments, good
        if choices := choices_in(output.output):
            return self._which(tool, arguments, choices)
        if tool.ends_the_call:
            return []
        self.results.append(line)
        said = " ".join(self.results)
        task = self.recent if self.recent and self.recent.tool is tool else None
        if good and task and task.then:
            return self._go_on(said, task.then)
        if self.waiting:
            steps = self._resume()
            return (
                [Say(f"{said} {steps[0].text}")] if steps and isinstance(steps[0], Say) else [Say(said), *(steps or [])]
            )
        if good and (follow := next_step(tool, self.tools)):
            self.offer = Task(follow, {n: v for n, v in arguments.items() if follow.slot(n)})
            return [Say(f"{said} {offering(follow)}")]
        return [Say(said if good or not tool.reads else f"{said} Would you like to try something else?")]

    def _which(self, tool: Tool, arguments: dict[str, object], choices: list[str]) -> Steps:
        """Several things have that name: ask which one is meant, and go on with that."""
        self.things.learn_labels(choices)
        likely = [slot for slot in tool.slots if isinstance(arguments.get(slot.name), str)]
        self.asked = next((slot for slot in likely if slot.kind == "thing"), likely[0] if likely else None)
        if self.asked:
            known = {name: value for name, value in arguments.items() if name != self.asked.name}
            self.task = Task(tool, known, then=self.recent.then if self.recent else None)
        return [Say(which_one(choices))]

    def _go_on(self, said: str, tool: Tool) -> Steps:
        """It is free, and the user wanted it: go on without asking again."""
        values = {n: v for n, v in self.recent.values.items() if tool.slot(n)}
        steps = self._start(Task(tool, values))
        if isinstance(steps[0], Say):
            return [Say(f"{said} {steps[0].text}")]
        # all is known: still, nothing is booked without a yes
        self.offer, self.task, self.recent = Task(tool, values), None, self.recent
        return [Say(f"{said} {offering(tool)}")]

    # -- tool_choice -----------------------------------------------------------------------------------------------

    def forced(self, prompt: Prompt, steps: Steps | None) -> Steps | None:
        """Where a call is required one is made, with what is known and, like the real model, with the rest made up."""
        choice = prompt.tool_choice
        if choice == "auto" or not isinstance(prompt.history[-1:] and prompt.history[-1], Message):
            return steps
        named = choice.get("name") if isinstance(choice, dict) else None
        if any(isinstance(step, Call) and named in (None, step.name) for step in steps or []):
            return [step for step in steps if isinstance(step, Call)]
        last = next((m for m in reversed(prompt.history) if isinstance(m, Message) and m.role == "user"), None)
        heard = hear(last.text if last else "")
        tool = next((t for t in self.tools if t.name == named), None) if named else None
        tool = tool or (self.task and self.task.tool) or choose(self.tools, heard, self.today) or self.tools[0]
        known = (self.recent.values if self.recent else {}) | (self.task.values if self.task else {})
        known |= find_values(tool.slots, heard, self.today, None)
        for slot in tool.required:
            if slot.name not in known:
                known[slot.name] = made_up(slot, self.today)
        return [Call(tool.name, json.dumps({s.name: known[s.name] for s in tool.slots if s.name in known}))]
