"""A taxi company's switchboard, written by somebody who says little in schemas."""

from .cases import After, Choice, Dialogue, Expect, ToolSet, Turn, function
from .values import has

INSTRUCTIONS = """\
# Role
You answer the phone for City Cabs. It is now Wednesday the 14th of October 2026, 9:15 in the morning.
# Rules
- Get pickup address, destination, pickup time and number of passengers before you order a cab.
- If they only want to know what a ride costs, use estimate_fare.
- Speak in short sentences.
"""

TOOLS = (
    function(
        "order_taxi",
        "Sends a taxi",
        {
            "pickup": {"type": "string", "description": "pickup address"},
            "destination": {"type": "string", "description": "where the passenger wants to go"},
            "time": {"type": "string", "description": "pickup time as HH:MM (24h)"},
            "passengers": {"type": "integer", "minimum": 1, "maximum": 8},
            "vehicle": {"type": "string", "enum": ["sedan", "van", "wheelchair"], "default": "sedan"},
        },
        ("pickup", "destination", "time", "passengers"),
    ),
    function(
        "estimate_fare",
        "Estimates what a ride costs",
        {"pickup": {"type": "string"}, "destination": {"type": "string"}},
        ("pickup", "destination"),
    ),
)

ASKS = {
    "time": r"times?\b|when\b|what hour|how soon|o'clock",
    "pickup": r"pick\w*|from where|where from|where are you|start\w*|from which|address",
    "destination": r"destination|where\b[^?]* go\b|where (?:to|do|would|does|will)|going|drop\w*|heading|to which",
    "passengers": r"passengers?|people|persons?|how many",
    "vehicle": r"vehicle|sedan|van\b|wheelchair|(?:kind|type) of (?:car|taxi|cab)",
}


def order_taxi(pickup, destination, time, passengers, vehicle="sedan"):
    return {"ok": True, "cab": 31, "arrives": time}


def estimate_fare(pickup, destination):
    return "about 24 euros"


DIALOGUES = (
    Dialogue(
        "slot by slot",
        "Hi, I need a taxi.",
        (
            Expect(
                "order_taxi",
                {
                    "pickup": has("12|twelve", "mill", "road"),
                    "destination": has("airport"),
                    "time": "10:30",
                    "passengers": 3,
                },
            ),
        ),
        {
            "pickup": ("12 Mill Road.", "The address is 12 Mill Road."),
            "destination": ("To the airport.", "The airport."),
            "time": ("Half past ten.", "At half past ten this morning."),
            "passengers": ("Three.", "There are three of us."),
            "vehicle": "A normal car.",
        },
    ),
    Dialogue(
        "everything in one sentence",
        "Can I get a cab from 5 Park Street to the central station at quarter to eleven for two people?",
        (
            Expect(
                "order_taxi",
                {
                    "pickup": has("5|five", "park", "street"),
                    "destination": has("central", "station"),
                    "time": "10:45",
                    "passengers": 2,
                },
            ),
        ),
        {
            "pickup": "5 Park Street.",
            "destination": "Central station.",
            "time": "Quarter to eleven.",
            "passengers": "Two.",
            "vehicle": "A normal car.",
        },
    ),
    Dialogue(
        "another number of passengers, a van",
        "I'd like a van for four to the stadium tonight at 7 pm.",
        (
            Expect(
                "order_taxi",
                {
                    "pickup": has("hotel", "astoria"),
                    "destination": has("stadium"),
                    "time": "19:00",
                    "passengers": 6,
                    "vehicle": "van",
                },
            ),
        ),
        {
            "pickup": ("Hotel Astoria.", "Pick us up at Hotel Astoria."),
            "destination": "The stadium.",
            "time": "Seven in the evening.",
            "passengers": ("Six.", "Six people."),
            "vehicle": "A van.",
        },
        (Turn(2, "Actually, we'll be six, not four."),),
    ),
    Dialogue(
        "the fare only, then the ride",
        "How much is a taxi from the museum to the harbour?",
        (
            Expect("estimate_fare", {"pickup": has("museum"), "destination": has("harbour|harbor")}),
            Expect(
                "order_taxi",
                {"pickup": has("museum"), "destination": has("harbour|harbor"), "time": "12:15", "passengers": 1},
            ),
        ),
        {
            "pickup": "From the museum.",
            "destination": "To the harbour.",
            "time": ("At a quarter past twelve.", "Twelve fifteen."),
            "passengers": ("Only me.", "One."),
            "vehicle": "A normal car.",
        },
        (After(("estimate_fare",), "Okay. Then send me one at a quarter past twelve."),),
        rest={"order_taxi": "I need a taxi at a quarter past twelve.", "estimate_fare": "What is the fare?"},
    ),
    Dialogue(
        "changes his mind",
        "I need a taxi to the airport.",
        (),
        {"pickup": "12 Mill Road.", "time": "At eleven.", "passengers": "One."},
        (Turn(3, "Oh, never mind, my neighbour takes me. I don't need it any more."),),
    ),
)

CHOICES = (
    Choice("none: says, calls nothing", "What is the fare from the station to the zoo?", "none"),
    Choice(
        "required: calls",
        "From the station to the zoo.",
        "required",
        (Expect("estimate_fare", {"pickup": has("station"), "destination": has("zoo")}),),
    ),
)

TAXI = ToolSet(
    "taxi",
    INSTRUCTIONS,
    TOOLS,
    ASKS,
    {"order_taxi": order_taxi, "estimate_fare": estimate_fare},
    DIALOGUES,
    CHOICES,
)
