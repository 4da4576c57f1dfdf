"""Word error rate of the mock server's ears on speakers they were never tried on before.

    python -m benchmarks.ears

"29th" and "twenty ninth" are the same words here: a number may be written in any way in which it could be read out.
"whole" counts how many of the marked names, dates and numbers were heard without a single wrong word.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import jiwer
import numpy as np

from realtime_helpers.audio import SAMPLE_RATE_HZ, duration_ms, float_to_pcm16
from realtime_helpers.mock_server.ears import Moonshine

from . import held_out, sounds

# What matters stands in [brackets].
SENTENCES = {
    "plain": """
        Could you tell me what the weather is like today?
        I have been waiting for this parcel since last week.
        Why does a spoon look bent in a glass of water?
        Please turn the music down a little.
        What is the difference between mass and weight?
        I think there is a mistake on my bill.
        Do you sell rain jackets for children?
        How does a refrigerator make things cold?
        I would rather sit by the window if that is possible.
        Never mind, I will call again later.
        Does sound travel faster in water than in air?
        What happens when two black holes collide?
    """,
    "names": """
        My name is [Margaret Collins].
        I would like to speak to [Doctor Henderson], please.
        Is [Peter] working this evening?
        The reservation is under the name [Walker].
        Please send it to [Elizabeth Turner] in [Manchester].
        We are flying from [Boston] to [Madrid].
        Did [Isaac Newton] ever meet [Robert Hooke]?
        This is [Daniel Foster] from [Chicago].
        Who was [Marie Curie]?
        Could you connect me with [Sarah Mitchell]?
    """,
    "dates": """
        I need a table on [Friday the ninth of May].
        My birthday is on [the thirty first of October].
        Can we move it to [Tuesday] at [half past seven]?
        The flight leaves on [March third] at [six fifteen].
        We arrive on [the twenty second of June].
        Is the shop open on [Sunday morning]?
        I ordered it on [November twelfth].
        Let us meet [next Thursday] at [noon].
        The warranty ends in [January twenty twenty eight].
        Could I come in [tomorrow afternoon] at [quarter to four]?
    """,
    "numbers": """
        There will be [eleven] of us.
        My order number is [four seven two nine].
        It weighs about [thirty five] kilograms.
        Please send me [sixteen] red candles.
        My phone number is [five five five, eight one three six].
        The total was [two hundred and forty] dollars.
        I am [sixty two] years old.
        We have [three] adults and [two] children.
        The room is [nineteen] feet long.
        Light travels [three hundred thousand] kilometers in [one] second.
    """,
}

_ONE_TO_NINETEEN = """
zero one two three four five six seven eight nine ten
eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
"""
_ONES = _ONE_TO_NINETEEN.split()
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
_ORDINALS |= {"twelve": "twelfth"} | {tens: tens[:-1] + "ieth" for tens in _TENS[2:]}


def words_of(number: int) -> list[str]:
    """240 -> two hundred forty."""
    if number < 20:
        return [_ONES[number]]
    if number < 100:
        return [_TENS[number // 10], *(words_of(number % 10) if number % 10 else [])]
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            return [*words_of(number // size), name, *(words_of(number % size) if number % size else [])]
    raise ValueError(number)


def readings(token: str) -> list[list[str]]:
    """Every way in which a written word could be read out."""
    digits = "".join(letter for letter in token if letter.isdigit())
    if not digits or len(digits) > 9:
        return [[token]]
    ways = [[_ONES[int(digit)] for digit in digits]]
    value = int(digits)
    if token.endswith(("st", "nd", "rd", "th")):
        *head, last = words_of(value)
        ways = [[*head, _ORDINALS.get(last, last + "th")]]
    else:
        ways.append(words_of(value))
        if len(digits) in (3, 4):  # years and the clock: twenty twenty eight, six fifteen
            high, low = divmod(value, 100)
            ways.append([*words_of(high), *(words_of(low) if low else [])])
    return ways


def versions(text: str) -> Iterator[str]:
    """The text without case and punctuation, once for every way to read its numbers."""
    text = text.lower().replace("dr.", "doctor").replace("$", "").replace(",000", "000").replace("%", " percent")
    for mark in "-:.,?!;()":
        text = text.replace(mark, " " if mark == "-" else "")
    tokens = [token for token in text.split() if token not in ("and", "dollars")]
    for chosen in itertools.islice(itertools.product(*(readings(token) for token in tokens)), 64):
        yield " ".join(itertools.chain.from_iterable(chosen))


def judge(reference: str, heard: str) -> tuple[int, int, int, int]:
    """Word errors, words, marked parts heard whole, marked parts."""
    said = next(versions(reference.replace("[", "").replace("]", "")))
    best, errors = "", len(said.split()) + 1
    for version in versions(heard):
        score = jiwer.process_words(said, version) if version else None
        wrong = score.substitutions + score.deletions + score.insertions if score else len(said.split())
        if wrong < errors:
            best, errors = version, wrong
    marked = [next(versions(part.split("]")[0])) for part in reference.split("[")[1:]]
    return errors, len(said.split()), sum(f" {part} " in f" {best} " for part in marked), len(marked)


def main() -> None:
    ears = Moonshine()
    random = np.random.default_rng(11)
    sentences = {kind: [line.strip() for line in text.strip().splitlines()] for kind, text in SENTENCES.items()}
    print(f"{ears.name}: word error rate, {sum(map(len, sentences.values()))} sentences a voice")
    print(f"  {'voice':20} {'noise':7}" + "".join(f"{kind:>22}" for kind in sentences) + f"{'all':>9}")
    sums: dict[tuple[str, str], np.ndarray] = {}
    mistakes, spent, sounding, took = [], 0.0, 0.0, []
    for voice, who in held_out.VOICES.items():
        for noise, snr_db in (("clean", None), ("15 dB", 15)):
            for kind, lines in sentences.items():
                for line in lines:
                    said = sounds.at_rms(held_out.say(line.replace("[", "").replace("]", ""), voice), -26)
                    if snr_db:
                        said = said + random.normal(size=len(said)) * 10 ** ((-26 - snr_db) / 20)
                    pcm = float_to_pcm16(np.concatenate([said, np.zeros(SAMPLE_RATE_HZ // 10)]))
                    began = time.perf_counter()
                    heard = ears.transcribe(pcm)
                    took.append(time.perf_counter() - began)
                    spent, sounding = spent + took[-1], sounding + duration_ms(pcm) / 1000
                    result = np.array(judge(line, heard))
                    kin = "flite's three" if voice in held_out.FLITE else "Kokoro's three"
                    for key in ((f"{voice} ({who})", noise), (kin, noise)):
                        table = sums.setdefault(key, np.zeros((len(sentences), 4), int))
                        table[list(sentences).index(kind)] += result
                    if result[0]:
                        mistakes.append(f"  {voice} {noise}: {line}  ->  {heard}")
    for (voice, noise), table in sorted(sums.items(), key=lambda row: ("three" in row[0][0], row[0][0])):
        cells = [
            f"{100 * wrong / words:5.1f}%" + (f" whole {whole}/{parts}" if parts else "")
            for wrong, words, whole, parts in table
        ]
        total = 100 * table[:, 0].sum() / table[:, 1].sum()
        print(f"  {voice:20} {noise:7}" + "".join(f"{cell:>22}" for cell in cells) + f"{total:8.1f}%")
    print(f"real-time factor {spent / sounding:.3f}, p50 {np.percentile(took, 50) * 1000:.0f} ms, "
          f"p95 {np.percentile(took, 95) * 1000:.0f} ms a sentence")  # fmt: skip
    print("What was misheard:", *mistakes, sep="\n")


if __name__ == "__main__":
    main()
