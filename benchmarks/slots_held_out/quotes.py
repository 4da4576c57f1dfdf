"""An agent that does the ringing up: it asks suppliers for a quote and stores it. The user is the supplier."""

from .cases import Dialogue, Expect, ToolSet, Turn, function

INSTRUCTIONS = """\
You are the purchasing assistant of Green Desk Furniture. You have phoned a supplier for a quote for 40 oak boards.
Today is February 18, 2026. Greet the supplier, say why you call, and ask for the price per board, the delivery time in
days and the name of the person you speak to. Store the answer with save_quote, then thank them and say goodbye. If the
supplier cannot deliver, store that with save_refusal.
"""

TOOLS = (
    function(
        "save_quote",
        "Store a supplier's quote.",
        {
            "price_per_board": {"type": "number", "description": "Price per board in euros"},
            "delivery_days": {"type": "integer", "description": "Delivery time in days"},
            "contact_name": {"type": "string", "description": "Name of the person at the supplier"},
        },
        ("price_per_board", "delivery_days", "contact_name"),
    ),
    function(
        "save_refusal",
        "Store that a supplier cannot or will not make a quote.",
        {
            "cause": {"type": "string", "enum": ["out_of_stock", "not_interested", "call_later"], "description": "Why"},
        },
        ("cause",),
    ),
)

ASKS = {
    "price_per_board": r"prices?\b|cost\w*|how much|charge|quote|per board|offer",
    "delivery_days": r"deliver\w*|days\b|how (?:long|soon|fast|quickly)|lead time",
    "contact_name": r"names?\b|who(?:m)? (?:am|are|is)|speaking (?:to|with)|contact",
    "cause": r"cause|why\b|reason|stock|interested",
}


def save_quote(price_per_board, delivery_days, contact_name):
    return {"stored": True}


def save_refusal(cause):
    return {"stored": True}


def quote(price, days, name):
    return Expect("save_quote", {"price_per_board": price, "delivery_days": days, "contact_name": name})


DIALOGUES = (
    Dialogue(
        "answers what is asked",
        "Brook Timber, good morning.",
        (quote(18.5, 10, ("Sandra", "Sandra Hill")),),
        {
            "price_per_board": ("Eighteen euros fifty.", "18.50 euros a board."),
            "delivery_days": ("Ten days.", "We deliver in ten days."),
            "contact_name": ("Sandra.", "My name is Sandra Hill."),
        },
        again="This is Brook Timber. You rang me, what is it about?",
    ),
    Dialogue(
        "says two things at once",
        "Hello, Kowalski Woods, Adam speaking.",
        (quote(22, 7, "Adam"),),
        {
            "price_per_board": "Twenty-two euros each, and we need a week to deliver, so seven days.",
            "delivery_days": ("A week, seven days.", "Seven days."),
            "contact_name": "Adam.",
        },
        again="Adam from Kowalski Woods here. What do you need?",
    ),
    Dialogue(
        "corrects the price",
        "Miller and Sons, this is George.",
        (quote(15, 21, "George"),),
        {
            "price_per_board": "Seventeen euros a board. Oh, no, sorry, fifteen. Fifteen euros.",
            "delivery_days": ("Three weeks.", "Three weeks, that's twenty-one days."),
            "contact_name": "George.",
        },
        again="George here, Miller and Sons. How can I help you?",
    ),
    Dialogue(
        "out of stock",
        "Alpine Boards, hello.",
        (Expect("save_refusal", {"cause": "out_of_stock"}),),
        {"cause": ("We are out of stock.", "Out of stock."), "contact_name": "Why do you need my name?"},
        (Turn(2, "I'm sorry, we can't make you an offer. We're out of stock."),),
    ),
    Dialogue(
        "hangs up",
        "Hello?",
        (),
        {},
        (Turn(2, "Sorry, you have the wrong number. Goodbye."),),
    ),
)

QUOTES = ToolSet(
    "quotes", INSTRUCTIONS, TOOLS, ASKS, {"save_quote": save_quote, "save_refusal": save_refusal}, DIALOGUES
)
