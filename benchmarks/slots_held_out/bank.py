"""A bank's emergency line: blocking cards. What is blocked twice or wrongly is a real harm."""

from .cases import After, Choice, Dialogue, Expect, ToolSet, Turn, function
from .values import day, has

INSTRUCTIONS = """\
# Identity
Emergency line of Northern Bank for lost and stolen cards. It's Sunday, 12 July 2026.
# Task
Find out which card it is, the last four digits, and why it must be blocked. Then block it. Offer a replacement
card only if the customer asks for one. Never ask for a PIN. Stay calm.
"""

FOUR = {"type": "string", "pattern": "^[0-9]{4}$", "description": "Last four digits of the card number"}

TOOLS = (
    function(
        "block_card",
        "Blocks a card at once. Cannot be undone.",
        {
            "card_type": {"type": "string", "enum": ["debit", "credit"], "description": "Type of card"},
            "last_four": FOUR,
            "reason": {"type": "string", "enum": ["lost", "stolen", "fraud"], "description": "Why it is blocked"},
            "last_used": {"type": "string", "description": "When the customer used it last, if known"},
        },
        ("card_type", "last_four", "reason"),
    ),
    function(
        "order_replacement",
        "Sends a new card to the customer.",
        {
            "last_four": FOUR,
            "express": {"type": "boolean", "description": "Express delivery, costs 15 euros"},
            "street": {"type": "string", "description": "Street and house number to send it to"},
        },
        ("last_four", "express", "street"),
    ),
)

ASKS = {
    "card_type": r"(?:type|kind|sort) of card|card type|which card|debit|credit",
    "last_four": r"last four|four digits|digits|card number|last 4|numbers?\b",
    "reason": r"reason|why\b|what happened|lost\b|stolen|fraud|happened",
    "last_used": r"last use\w*|used (?:it|the card)|last time|when did",
    "express": r"express|fast|delivery",
    "street": r"street|address|where (?:should|shall|do|would|to)|send",
}


def block_card(card_type, last_four, reason, last_used=None):
    return {"blocked": True, "case": "C-7715"}


def order_replacement(last_four, express, street):
    return {"arrives_in_days": 2 if express else 7}


def offline(**_):
    return {"error": "card system offline, customer must call back in ten minutes"}


YESTERDAY = day("2026-07-11", "yesterday", "yesterday evening")
DIALOGUES = (
    Dialogue(
        "slot by slot",
        "Please, you have to block my card!",
        (
            Expect(
                "block_card",
                {"card_type": "credit", "last_four": "4418", "reason": "stolen"},
                {"last_used": YESTERDAY},
            ),
        ),
        {
            "card_type": ("It's a credit card.", "My credit card."),
            "last_four": ("Four four one eight.", "4418."),
            "reason": ("Somebody stole it.", "It was stolen."),
            "last_used": "Yesterday.",
        },
    ),
    Dialogue(
        "most in one sentence, digits corrected",
        "Hello, I've lost my debit card, it ends in 9031, no, sorry, 9037.",
        (Expect("block_card", {"card_type": "debit", "last_four": "9037", "reason": "lost"}),),
        {
            "card_type": "The debit card.",
            "last_four": "9037.",
            "reason": "I lost it.",
            "last_used": "I don't remember.",
        },
    ),
    Dialogue(
        "blocked, and a new one",
        "My credit card ending in 2260 was stolen in the underground.",
        (
            Expect("block_card", {"card_type": "credit", "last_four": "2260", "reason": "stolen"}),
            Expect(
                "order_replacement", {"last_four": "2260", "express": True, "street": has("8|eight", "garden", "lane")}
            ),
        ),
        {
            "card_type": "The credit card.",
            "last_four": "2260.",
            "reason": "It was stolen.",
            "last_used": "I don't know.",
            "express": ("Yes, express, please.", "Yes."),
            "street": ("8 Garden Lane.", "To 8 Garden Lane."),
        },
        (After(("block_card",), "Thank you. And I need a new card."),),
        rest={"order_replacement": "I would like a replacement card."},
    ),
    Dialogue(
        "the system is offline",
        "Block my debit card, please, number ends in 5 5 0 2, somebody is paying with it and it's not me, it's fraud.",
        (Expect("block_card", {"card_type": "debit", "last_four": "5502", "reason": "fraud"}),),
        {
            "card_type": "Debit.",
            "last_four": "5502.",
            "reason": "It's fraud.",
            "last_used": "I don't know.",
        },
        (After(("block_card",), "Oh dear. Then I'll call back later."),),
        fakes={"block_card": offline},
    ),
    Dialogue(
        "found it",
        "I think I lost my credit card.",
        (),
        {"card_type": "The credit card."},
        (Turn(2, "Wait a second. No, here it is, I have found it! Don't block it."),),
    ),
)

CHOICES = (
    Choice("none: says, calls nothing", "My debit card 9037 is lost, block it.", "none"),
    Choice(
        "required: calls the one that fits",
        "My debit card ending in 9037 was stolen.",
        "required",
        (Expect("block_card", {"card_type": "debit", "last_four": "9037", "reason": "stolen"}),),
    ),
)

BANK = ToolSet(
    "bank",
    INSTRUCTIONS,
    TOOLS,
    ASKS,
    {"block_card": block_card, "order_replacement": order_replacement},
    DIALOGUES,
    CHOICES,
    ("express",),
)
