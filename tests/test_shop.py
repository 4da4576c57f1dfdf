"""The shop's database, its search, and its six tools, with the mock server's embeddings."""

import asyncio
from types import SimpleNamespace

import numpy as np
import openai
import pytest

from realtime_helpers.mock_server import MockServer
from realtime_helpers.service import EMBEDDING_MODEL
from realtime_helpers.shop import MOST_SHOWN, Shop
from realtime_helpers.shop_database import ShopDatabase
from realtime_helpers.shop_meaning import EmbeddingError, Meanings
from realtime_helpers.shop_names import named

ORIGINAL = {
    "Solar Powered Flashlight": 19.99,
    "Hiking Poles": 24.99,
    "Outdoor Rain Jacket": 49.99,
    "Survival Kit": 99.99,
    "Outdoor Backpack": 39.99,
    "Camping Cookware": 29.99,
    "Camping Stove": 49.99,
    "Camping Lantern": 19.99,
    "Camping Tent": 99.99,
}


@pytest.fixture(scope="module")
def server():
    with MockServer(["unused"]) as server:
        yield server


@pytest.fixture
async def service(server):
    async with server.async_client() as client:
        yield SimpleNamespace(name="mock", embedding_model=EMBEDDING_MODEL, client=client)


@pytest.fixture
async def shop(service):
    seen = []
    shop = Shop(service, show=lambda products: seen.append([product.name for product in products]))
    shop.seen = seen
    await shop.embed_products()
    yield shop
    shop.database.close()


@pytest.fixture
def database():
    with ShopDatabase() as database:
        yield database


def names(found):
    return [product["name"] for product in found["products"]]


# -- the shelves


def test_the_nine_products_of_the_original_come_first_with_their_prices(database):
    products = database.products()
    assert {product.name: product.price_dollars for product in products[:9]} == ORIGINAL
    assert len(products) >= 9 + 40


def test_every_product_is_told_of_in_full(database):
    for product in database.products():
        assert len(product.description) > 40 and product.weight_g > 0 and product.price_cents > 0
        assert product.season in ("all year", "summer", "winter", "three seasons")
    assert {product.stock == 0 for product in database.products()} == {True, False}


def test_a_file_keeps_the_basket_and_is_not_filled_twice(tmp_path):
    for _ in range(2):
        with ShopDatabase(tmp_path / "shop.sqlite3") as database:
            assert database.put_in_basket(database.products()[0], 1)
            shelves = len(database.products())
    with ShopDatabase(tmp_path / "shop.sqlite3") as database:
        assert [(product.id, quantity) for product, quantity in database.basket()] == [(1, 2)]
        assert len(database.products()) == shelves


# -- by name


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Camping Tent", ["Camping Tent"]),
        ("the camping tents", ["Camping Tent"]),
        ("rain jacket", ["Outdoor Rain Jacket"]),
        ("solar flashlight", ["Solar Powered Flashlight"]),
        ("head lamp", ["Trail Headlamp 200", "Trail Headlamp 400"]),
        ("trail head lamp four hundred", ["Trail Headlamp 400"]),
        ("childs sleeping bag", ["Child's Sleeping Bag"]),
        ("bivvy bag", ["Bivy Bag"]),
        ("the camping stove for my brother", ["Camping Stove"]),
        ("moon boots", []),
        ("washing machine", []),
        ("", []),
        ('"; DROP TABLE product', []),
    ],
)
def test_a_name_in_full_in_part_or_misheard(database, said, meant):
    assert sorted(product.name for product in named(database, said)) == sorted(meant)


def test_several_products_of_one_kind(database):
    assert {product.name for product in named(database, "tent")} == {
        "Camping Tent",
        "Festival Tent",
        "Ultralight Tent",
        "Family Tent",
        "Winter Tent",
    }


# -- by meaning


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("somewhere to sleep for six people", "Family Tent"),
        ("I want to keep dry in a downpour", "Outdoor Rain Jacket"),
        ("a trap for coffee addicts", "Coffee Press"),
    ],
)
async def test_a_product_is_found_without_a_word_of_its_name(shop, asked, answer):
    assert answer in names(await shop.search_products(asked))[:2]


async def test_a_search_returns_products_with_prices(shop):
    found = await shop.search_products("tent")
    assert len(found["products"]) == MOST_SHOWN
    for product in found["products"]:
        assert product["price_dollars"] > 0 and product["about"] and product["season"]


async def test_the_cheapest_and_the_lightest_come_first_where_asked_for(shop):
    cheap = await shop.search_products("tent", order="cheapest")
    prices = [product["price_dollars"] for product in cheap["products"]]
    assert names(cheap)[0] == "Festival Tent" and prices == sorted(prices)
    light = await shop.search_products("tent", order="lightest")
    assert names(light)[0] == "Ultralight Tent"


async def test_a_highest_price_is_kept(shop):
    found = await shop.search_products("tent", max_price_dollars=100)
    assert set(names(found)) == {"Camping Tent", "Festival Tent"}


@pytest.mark.parametrize("asked", ["a chocolate cake", "income tax", ""])
async def test_nothing_found_says_so(shop, asked):
    found = await shop.search_products(asked)
    assert found["products"] == [] and "Nothing" in found["note"]


async def test_products_are_embedded_once(shop, service, tmp_path):
    assert await shop.embed_products() == 0
    first = Shop(service, tmp_path / "shop.sqlite3")
    assert await first.embed_products() == len(first.database.products())
    first.database.close()
    again = Shop(service, tmp_path / "shop.sqlite3")
    assert await again.embed_products() == 0, "they are in the file"
    again.database.close()


async def test_a_question_is_sent_once_however_it_is_written(shop):
    before = shop.meanings.requests
    first = await shop.search_products("Something against  rain")
    second = await shop.search_products("something against rain")
    assert shop.meanings.requests == before + 1 and first == second


async def test_vectors_of_another_service_or_model_are_not_mixed_in(service, database):
    meanings = Meanings(service, database)
    await meanings.of(["a tent"])
    for other in ({"name": "openai"}, {"embedding_model": "text-embedding-3-large"}):
        changed = Meanings(SimpleNamespace(**vars(service) | other), database)
        await changed.of(["a tent"])
        assert changed.texts_sent == 1
    again = Meanings(service, database)
    (vector,) = await again.of(["a tent"])
    assert again.texts_sent == 0 and abs(np.linalg.norm(vector) - 1) < 1e-5


async def test_a_service_without_that_model_is_one_sentence(service, database):
    service.embedding_model = "no-such-model"
    with pytest.raises(EmbeddingError, match=r"no-such-model.*REALTIME_EMBEDDING_MODEL"):
        await Meanings(service, database).of(["a tent"])


async def test_a_service_that_is_away_is_the_same_sentence(database):
    async with openai.AsyncOpenAI(base_url="http://127.0.0.1:9/v1", api_key="x", max_retries=0) as client:
        away = SimpleNamespace(name="mock", embedding_model=EMBEDDING_MODEL, client=client)
        with pytest.raises(EmbeddingError, match="APIConnectionError"):
            await Meanings(away, database).of(["a tent"])


# -- the other tools


async def test_find_product(shop):
    assert names(await shop.find_product("camping lantern")) == ["Camping Lantern"]
    missing = await shop.find_product("moon boots")
    assert missing["products"] == [] and "moon boots" in missing["note"]


async def test_compare(shop):
    both = await shop.compare_products("camping tent", "ultralight tent")
    assert both["summary"] == "The Camping Tent is cheaper, the Ultralight Tent is lighter."
    assert names(both) == ["Camping Tent", "Ultralight Tent"]
    one = await shop.compare_products("festival tent", "family tent")
    assert one["summary"] == "The Festival Tent is cheaper, and lighter too."
    assert "no product" in (await shop.compare_products("festival tent", "moon boots"))["error"]


async def test_stock(shop):
    assert (await shop.check_stock("camping tent"))["in_stock"] == 12
    gone = await shop.check_stock("snowshoes")
    assert gone["in_stock"] == 0 and "left in stock" in gone["error"]


async def test_basket_and_total(shop):
    assert await shop.basket_total() == {"total_dollars": 0, "basket": []}
    put = await shop.put_in_basket("camping tent")
    assert put["message"] == "In your basket: Camping Tent."
    await shop.put_in_basket("solar flashlight")
    await shop.put_in_basket("camping lantern", 2)
    total = await shop.basket_total()
    assert total["total_dollars"] == 159.96, "in cents: binary fractions would not add up"
    assert total["basket"][2] == {"product": "Camping Lantern", "quantity": 2, "price_dollars": 39.98}
    assert [line["product"] for line in total["basket"]][:2] == ["Camping Tent", "Solar Powered Flashlight"]


async def test_what_cannot_be_put_in_the_basket(shop):
    for product, quantity, says in [
        ("snowshoes", 1, "left in stock"),
        ("moon boots", 1, "no product"),
        ("winter tent", 4, "only 3 left"),
        ("winter tent", 0, "at least 1"),
        ("headlamp", 1, "ask which one"),
    ]:
        assert says in (await shop.put_in_basket(product, quantity))["error"]
    assert shop.database.basket() == []
    assert (await shop.put_in_basket("headlamp"))["choices"] == ["Trail Headlamp 200", "Trail Headlamp 400"]


async def test_the_last_one_is_not_sold_twice(shop):
    put = await asyncio.gather(*(shop.put_in_basket("winter tent", 2) for _ in range(2)))
    assert ["error" in one for one in put] == [False, True]
    assert [quantity for _, quantity in shop.database.basket()] == [2]


async def test_what_is_looked_at_is_shown(shop):
    await shop.search_products("tent", order="cheapest")
    await shop.put_in_basket("camping tent")
    await shop.check_stock("headlamp")
    await shop.find_product("moon boots")
    assert shop.seen[0][0] == "Festival Tent"
    assert shop.seen[1:] == [["Camping Tent"], ["Trail Headlamp 200", "Trail Headlamp 400"], []]


async def test_what_is_sold_leaves_the_basket_and_the_shelves(shop):
    await shop.put_in_basket("camping tent")
    await shop.put_in_basket("camping lantern", 2)
    before = {product.name: product.stock for product in shop.database.products()}
    sold = [(product.name, quantity) for product, quantity in shop.database.sell_basket()]
    assert sold == [("Camping Tent", 1), ("Camping Lantern", 2)] and shop.database.basket() == []
    now = {product.name: product.stock for product in shop.database.products()}
    assert {name: before[name] - now[name] for name in now if now[name] != before[name]} == dict(sold)
    assert shop.database.sell_basket() == []
