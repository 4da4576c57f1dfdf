"""The shop's database: products, a full-text index, a basket, and the vectors of texts. SQLite, in memory or a file."""

import sqlite3
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

SHELVES = Path(__file__).with_name("shop_products.toml")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS product (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    description TEXT NOT NULL,
    good_for TEXT NOT NULL,
    season TEXT NOT NULL,
    price_cents INTEGER NOT NULL CHECK (price_cents > 0),
    weight_g INTEGER NOT NULL CHECK (weight_g > 0),
    stock INTEGER NOT NULL CHECK (stock >= 0)
);
CREATE VIRTUAL TABLE IF NOT EXISTS product_text USING fts5(
    name, kind, description, good_for, season, content='product', content_rowid='id', tokenize='porter unicode61'
);
CREATE TABLE IF NOT EXISTS basket (
    line INTEGER PRIMARY KEY,
    product_id INTEGER NOT NULL UNIQUE REFERENCES product (id),
    quantity INTEGER NOT NULL CHECK (quantity > 0)
);
CREATE TABLE IF NOT EXISTS meaning (
    made_by TEXT NOT NULL,
    text TEXT NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (made_by, text)
);
"""
_COLUMNS = "id, name, kind, description, good_for, season, price_cents, weight_g, stock"


@dataclass(frozen=True, slots=True)
class Product:
    """Something on the shelves. Money is in cents, as binary fractions cannot hold ten of them exactly."""

    id: int
    name: str
    kind: str
    description: str
    good_for: str
    season: str
    price_cents: int
    weight_g: int
    stock: int

    @property
    def price_dollars(self) -> float:
        return self.price_cents / 100

    @property
    def text(self) -> str:
        """What its vector is made of. The description is for people, and its jokes would lead the vector astray."""
        return f"{self.name}: {self.good_for}. {self.description}"


class ShopDatabase:
    """`ShopDatabase()` is filled from `shop_products.toml`, in memory; with a path it is a file and stays."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        self.sqlite = sqlite3.connect(path)
        self.sqlite.executescript(_SCHEMA)
        if not self.sqlite.execute("SELECT EXISTS (SELECT 1 FROM product)").fetchone()[0]:
            self._fill_shelves()

    def _fill_shelves(self) -> None:
        rows = tomllib.loads(SHELVES.read_text(encoding="utf-8"))["product"]
        with self.sqlite:
            self.sqlite.executemany(
                "INSERT INTO product (name, kind, description, good_for, season, price_cents, weight_g, stock)"
                " VALUES (:name, :kind, :description, :good_for, :season, :price_cents, :weight_g, :stock)",
                [row | {"price_cents": round(row["price_dollars"] * 100)} for row in rows],
            )
            self.sqlite.execute("INSERT INTO product_text (product_text) VALUES ('rebuild')")

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What a SELECT answers, each row as a dict."""
        cursor = self.sqlite.execute(query, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    # -- products ------------------------------------------------------------------------------------------------------

    def products(self) -> list[Product]:
        """All of them, in the order of the shelves."""
        return self._products(f"SELECT {_COLUMNS} FROM product ORDER BY id")

    def matching(self, words: list[str], *, all_in_name: bool) -> list[Product]:
        """Full-text search, best first: every word in the name, or any word anywhere. Endings do not count."""
        if not words:
            return []
        quoted = ['"{}"'.format(word.replace('"', '""')) for word in words]
        query = f"name : ({' AND '.join(quoted)})" if all_in_name else " OR ".join(quoted)
        return self._products(
            f"SELECT {', '.join('product.' + column for column in _COLUMNS.split(', '))} FROM product_text"
            " JOIN product ON product.id = product_text.rowid WHERE product_text MATCH ? ORDER BY rank, product.id",
            query,
        )

    def _products(self, query: str, *values: object) -> list[Product]:
        return [Product(*row) for row in self.sqlite.execute(query, values)]

    # -- the basket ----------------------------------------------------------------------------------------------------

    def put_in_basket(self, product: Product, quantity: int) -> bool:
        """Whether there were enough: what is in the basket already counts."""
        with self.sqlite:  # a transaction: two tools at once cannot take the last one twice
            put = self.sqlite.execute(
                "INSERT INTO basket (product_id, quantity)"
                " SELECT id, :more FROM product WHERE id = :id AND stock >= :more"
                " ON CONFLICT (product_id) DO UPDATE SET quantity = quantity + :more"
                " WHERE quantity + :more <= (SELECT stock FROM product WHERE id = :id)",
                {"id": product.id, "more": quantity},
            )
        return put.rowcount == 1

    def basket(self) -> list[tuple[Product, int]]:
        """What is in it, and how many of each."""
        columns = ", ".join("product." + column for column in _COLUMNS.split(", "))
        query = f"SELECT {columns}, quantity FROM basket JOIN product ON product.id = product_id ORDER BY line"
        return [(Product(*row[:-1]), row[-1]) for row in self.sqlite.execute(query)]

    def sell_basket(self) -> list[tuple[Product, int]]:
        """Empty it, and take what was in it off the shelves, both or neither. What was sold."""
        with self.sqlite:
            sold = self.basket()
            self.sqlite.execute(
                "UPDATE product SET stock = stock - quantity FROM basket WHERE product.id = basket.product_id"
            )
            self.sqlite.execute("DELETE FROM basket")
        return sold

    # -- vectors -------------------------------------------------------------------------------------------------------

    def vector(self, made_by: str, text: str) -> bytes | None:
        query = "SELECT vector FROM meaning WHERE made_by = ? AND text = ?"
        found = self.sqlite.execute(query, (made_by, text)).fetchone()
        return found and found[0]

    def keep_vectors(self, made_by: str, vectors: dict[str, bytes]) -> None:
        with self.sqlite:
            self.sqlite.executemany(
                "INSERT OR REPLACE INTO meaning (made_by, text, vector) VALUES (?, ?, ?)",
                [(made_by, text, vector) for text, vector in vectors.items()],
            )

    def close(self) -> None:
        self.sqlite.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
