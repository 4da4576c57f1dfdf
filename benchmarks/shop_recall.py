"""How often the right product is among the first two of the shop's search, for forty questions held out for this.

    python -m benchmarks.shop_recall [--development]

The shop's search by meaning, with the mock server's embeddings and with the floor below which it says that there is
nothing; the same without that floor; and SQLite's full-text search alone over the same texts (any word of the question,
without the commonest ones, ranked by bm25). `--development`: the eighty questions that the search was made with.
"""

import argparse
import asyncio
import re
from pathlib import Path
from types import SimpleNamespace

from realtime_helpers.mock_server import MockServer
from realtime_helpers.service import EMBEDDING_MODEL
from realtime_helpers.shop import Shop

HELD_OUT = Path(__file__).with_name("shop_recall_questions.txt")
DEVELOPMENT = Path(__file__).with_name("shop_recall_development.txt")
AMONG = 2
_COMMONEST = set(
    """a an and are at be by do for from have how i i'd i'm if in is it like me my need of on one our something that the
    there they to us want was we what when where which with would you your don't""".split()  # noqa: SIM905
)


def questions(path: Path) -> list[tuple[str, set[str]]]:
    """Each question with the names of its right answers."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    pairs = [line.split(" | ") for line in lines]
    return [(question, {name.strip() for name in names.split(",")}) for question, names in pairs]


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--development", action="store_true", help="the questions that the search was made with")
    asked = questions(DEVELOPMENT if arguments.parse_args().development else HELD_OUT)
    with MockServer(["unused"]) as server:
        async with server.async_client() as client:
            shop = Shop(SimpleNamespace(name="mock", embedding_model=EMBEDDING_MODEL, client=client))
            await shop.embed_products()
            missing = set.union(*(right for _, right in asked)) - {p.name for p in shop.database.products()}
            if missing:
                raise SystemExit(f"The shop does not have {', '.join(sorted(missing))}.")
            hits = {"meaning": 0, "meaning without the floor": 0, "full text": 0}
            for question, right in asked:
                found = await shop.search_products(question)
                words = [word for word in re.findall(r"[a-z']+", question.lower()) if word not in _COMMONEST]
                answers = {
                    "meaning": [product["name"] for product in found["products"]],
                    "meaning without the floor": [product.name for _, product in await shop.rank(question)],
                    "full text": [product.name for product in shop.database.matching(words, all_in_name=False)],
                }
                for way, names in answers.items():
                    hits[way] += bool(right & set(names[:AMONG]))
                if not right & set(answers["meaning"][:AMONG]):
                    print(f"missed: {question}  ->  {', '.join(answers['meaning'][:AMONG]) or 'nothing'}")
            for way, count in hits.items():
                print(f"{way}: {count} of {len(asked)} in the first {AMONG} ({100 * count / len(asked):.0f}%)")


if __name__ == "__main__":
    asyncio.run(main())
