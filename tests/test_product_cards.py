"""The kernel's side of the cards; the page's is in tests/browser/test_chapter_8.py."""

import pytest

from realtime_helpers.product_cards import ProductCards
from realtime_helpers.shop_database import ShopDatabase


@pytest.fixture
def products():
    with ShopDatabase() as database:
        yield {product.name: product for product in database.products()}


def test_a_card_says_what_a_customer_wants_to_know(products):
    cards = ProductCards()
    cards.show([products["Camping Tent"], products["Snowshoes"], products["Spork Set"]])
    tent, shoes, sporks = cards.cards
    assert (tent["price"], tent["facts"], tent["stock"]) == ("$99.99", "3.9 kg · three seasons", "12 in stock")
    assert shoes["stock"] == "sold out" and shoes["gone"] and not tent["gone"]
    assert sporks["price"] == "$8.00" and sporks["facts"].startswith("70 g")


def test_the_product_that_is_named_comes_to_the_fore(products):
    cards = ProductCards()
    cards.show([products["Camping Tent"], products["Camping Lantern"], products["Camping Stove"]])
    cards.say("The camping")
    assert cards.spoken == ""
    cards.say("The camping tent, or")
    assert cards.spoken == "Camping Tent"
    cards.say("The camping tent, or the Camping Lantern.")
    assert cards.spoken == "Camping Lantern"
    assert str(cards).splitlines()[1] == "> Camping Lantern, $19.99, 30 in stock"
    cards.show([products["Camping Stove"]])
    assert cards.spoken == ""


def test_a_name_with_a_figure_is_known_when_spoken(products):
    cards = ProductCards()
    cards.show([products["Trail Headlamp 200"], products["Trail Headlamp 400"]])
    cards.say("The trail headlamp four hundred is thirty-nine dollars.")
    assert cards.spoken == "Trail Headlamp 400"


def test_a_name_inside_another_word_is_not_named(products):
    cards = ProductCards()
    cards.show([products["Sun Hat"]])
    cards.say("Does the sun hatch anything?")
    assert cards.spoken == ""


def test_nothing_found_differs_from_nothing_asked(products):
    cards = ProductCards()
    assert (cards.names, cards.looked) == ([], 0)
    cards.show([])
    assert (cards.names, cards.looked) == ([], 1)
