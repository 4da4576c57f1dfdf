"""A coffee bar: enums, an array, a boolean, and no dates at all."""

from .cases import After, Choice, Dialogue, Expect, ToolSet, Turn, function

INSTRUCTIONS = """\
You are the friendly barista of Bean There. Take coffee orders. Today's date is 08/19/2026.
When an order is complete, call place_order once per kind of drink. Don't ask for milk or extras unless the customer
mentions them.
"""

TOOLS = (
    function(
        "place_order",
        "Sends an order to the coffee machine.",
        {
            "drink": {
                "type": "string",
                "enum": ["espresso", "americano", "cappuccino", "latte", "hot_chocolate", "tea"],
            },
            "size": {"type": "string", "enum": ["small", "medium", "large"]},
            "quantity": {"type": "integer", "minimum": 1, "default": 1, "description": "how many"},
            "milk": {"type": "string", "enum": ["whole", "skimmed", "oat", "soy"]},
            "extras": {
                "type": "array",
                "items": {"type": "string", "enum": ["sugar", "cinnamon", "whipped_cream", "extra_shot"]},
            },
            "to_go": {"type": "boolean", "description": "true if the customer takes it away"},
        },
        ("drink", "size", "to_go"),
    ),
    function("cancel_order", "Cancels the order that was placed last."),
)

ASKS = {
    "drink": r"drinks?\b|coffee|what (?:can i get|would you like|will it be|may i)|order\b|espresso|latte|americano",
    "size": r"size|how (?:big|large)|small|medium|large",
    "quantity": r"how many|quantity|number",
    "milk": r"milk|oat\b|soy\b|skimmed",
    "extras": r"extras?\b|sugar|cinnamon|cream",
    "to_go": r"to.?go|take.?away|take it|here or|drink it here|have it here|for here|away",
}


def place_order(**order):
    return {"order": 17, "minutes": 4}


def cancel_order():
    return "Order 17 cancelled."


def order(drink, size, to_go, may=None, **more):
    return Expect("place_order", {"drink": drink, "size": size, "to_go": to_go, **more}, may or {"quantity": 1})


DIALOGUES = (
    Dialogue(
        "slot by slot",
        "Hello! I'd like a coffee, please.",
        (order("cappuccino", "large", True, {"milk": "whole"}),),
        {
            "drink": ("A cappuccino.", "A cappuccino, please."),
            "size": ("A large one.", "Large."),
            "quantity": "One.",
            "to_go": ("To go, please.", "Yes, I take it away."),
            "milk": "Normal milk.",
            "extras": "No extras.",
        },
    ),
    Dialogue(
        "all in one sentence",
        "Two large lattes with oat milk and cinnamon to go, please.",
        (order("latte", "large", True, {}, quantity=2, milk="oat", extras=["cinnamon"]),),
        {
            "drink": "Lattes.",
            "size": "Large.",
            "quantity": "Two.",
            "to_go": "Yes, to go.",
            "milk": "Oat milk.",
            "extras": "Cinnamon.",
        },
    ),
    Dialogue(
        "another size",
        "Um, can I get a small hot chocolate with whipped cream?",
        (order("hot_chocolate", "medium", False, extras=["whipped_cream"]),),
        {
            "drink": "A hot chocolate.",
            "size": "Medium.",
            "quantity": "Just one.",
            "to_go": ("I'll drink it here.", "No, I'll have it here."),
            "extras": "Whipped cream.",
        },
        (Turn(2, "Actually, no, make that a medium."),),
    ),
    Dialogue(
        "two drinks in one sentence",
        "I'd like a small espresso and a large tea, both to go.",
        (order("espresso", "small", True), order("tea", "large", True)),
        {
            "drink": "A small espresso and a large tea.",
            "size": "The espresso small and the tea large.",
            "to_go": ("To go.", "Yes, both to go."),
            "quantity": "One.",
        },
        rest={"place_order": "And the large tea to go, please."},
    ),
    Dialogue(
        "ordered, then cancelled",
        "One medium americano for here, please.",
        (order("americano", "medium", False), Expect("cancel_order")),
        {"drink": "An americano.", "size": "Medium.", "quantity": "One.", "to_go": ("For here.", "No, for here.")},
        (After(("place_order",), "Oh no, I have to run. Please cancel that order."),),
        rest={"cancel_order": "Please cancel my order."},
    ),
    Dialogue(
        "not on the menu",
        "Do you have fresh orange juice?",
        (),
        {},
        (Turn(2, "No, then I don't want anything. Bye."),),
    ),
)

CHOICES = (
    Choice("none: says, calls nothing", "A large latte to go, please.", "none"),
    Choice(
        "one function without arguments: that one",
        "Sorry, I changed my mind.",
        {"type": "function", "name": "cancel_order"},
        (Expect("cancel_order"),),
    ),
)

COFFEE = ToolSet(
    "coffee",
    INSTRUCTIONS,
    TOOLS,
    ASKS,
    {"place_order": place_order, "cancel_order": cancel_order},
    DIALOGUES,
    CHOICES,
    ("to_go",),
)
