"""The professor on questions his rules were not written for.

    python -m benchmarks.professor [--questions benchmarks/professor_questions.txt] [--show]

Each line of the file is a question, a tab, and the words of its topic separated by |; an answer names the topic if
it holds one of them, as whole words, whatever the case and with or without a plural s. All questions are asked in
one conversation. Prints the share that names the topic, the median length, and the lines said twice running.
"""

import argparse
import asyncio
import re
import statistics
import time
from itertools import pairwise
from pathlib import Path

from realtime_helpers.mock_server.replies import Message, Prompt
from realtime_helpers.mock_server.rules import Rules

QUESTIONS = Path(__file__).with_name("professor_questions.txt")
PROFESSOR = "You are a very grumpy physics professor. A student is here to see you. Respond very tersely and minimally."


def names_topic(answer: str, topics: list[str]) -> bool:
    """Whether `answer` holds one of `topics` as whole words; "atom" and "atoms" are the same."""

    def plain(text: str) -> str:
        words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text.lower().replace("’", "'"))
        return f" {' '.join(word.removesuffix('s') for word in words)} "

    return any(plain(topic) in plain(answer) for topic in topics if topic.strip())


async def ask(questions: list[str]) -> tuple[list[str], list[float]]:
    """All questions in one conversation: the answers, and the milliseconds each took."""
    history: list[Message] = []
    answers, took_ms = [], []
    for question in questions:
        history.append(Message("user", question))
        began = time.perf_counter()
        answer = " ".join([part.text async for part in Rules().reply(Prompt(PROFESSOR, tuple(history)))])
        took_ms.append((time.perf_counter() - began) * 1000)
        answers.append(answer)
        history.append(Message("assistant", answer))
    return answers, took_ms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--show", action="store_true", help="print each question and answer")
    args = parser.parse_args()
    rows = [line.split("\t") for line in args.questions.read_text(encoding="utf-8").splitlines() if line.strip()]
    questions, topics = [row[0] for row in rows], [row[1].split("|") for row in rows]
    answers, took_ms = asyncio.run(ask(questions))
    named = [names_topic(answer, words) for answer, words in zip(answers, topics, strict=True)]
    if args.show:
        for question, answer, found in zip(questions, answers, named, strict=True):
            print(f"{'  ' if found else 'no'}  {question}\n      {answer}")
    repeats = sum(a == b for a, b in pairwise(answers))
    print(f"names the topic: {sum(named)} of {len(named)}")
    print(f"words per answer: median {statistics.median(len(answer.split()) for answer in answers):g}")
    print(f"same line twice running: {repeats}")
    print(f"time per answer: median {statistics.median(took_ms):.2f} ms, longest {max(took_ms):.2f} ms")


if __name__ == "__main__":
    main()
