"""A hotel's reservation line: availability, booking, cancelling."""

from .cases import After, Choice, Dialogue, Expect, ToolSet, Turn, function
from .values import code

INSTRUCTIONS = """\
You are the reservation assistant of Hotel Seeblick, a small hotel by a lake. Today is Tuesday, 3 March 2026.
Be brief and friendly. Book rooms with book_room once you know arrival, number of nights, room type, number of guests
and the guest's name. If somebody asks whether a room is free, use check_availability.
Never book without the guest's name.
"""

ROOM = {"type": "string", "enum": ["single", "double", "suite"], "description": "Kind of room"}
ARRIVAL = {"type": "string", "format": "date", "description": "Arrival date, YYYY-MM-DD"}
NIGHTS = {"type": "integer", "minimum": 1, "maximum": 30, "description": "Number of nights"}

TOOLS = (
    function(
        "check_availability",
        "Check whether a room type is free from a date for a number of nights.",
        {"check_in": ARRIVAL, "nights": NIGHTS, "room_type": ROOM},
        ("check_in", "nights", "room_type"),
    ),
    function(
        "book_room",
        "Book a room for a guest.",
        {
            "guest_name": {"type": "string", "description": "Name the reservation is under"},
            "check_in": ARRIVAL,
            "nights": NIGHTS,
            "room_type": ROOM,
            "guests": {"type": "integer", "minimum": 1, "maximum": 6, "description": "How many people stay"},
            "breakfast": {"type": "boolean", "description": "Whether breakfast is included"},
        },
        ("guest_name", "check_in", "nights", "room_type", "guests"),
    ),
    function(
        "cancel_booking",
        "Cancel a reservation by its reference.",
        {"reference": {"type": "string", "description": "Booking reference, for example HS204"}},
        ("reference",),
    ),
)

ASKS = {
    "guest_name": r"names?\b|who(?:se)? (?:is|am|are)|under\b",
    "check_in": r"check.?in|arriv\w*|dates?\b|which day|what day|when\b|from\b",
    "nights": r"nights?|how long|check.?out|leav\w*|depart\w*|until",
    "room_type": r"(?:kind|type|sort) of room|room.?type|kinds?\b|types?\b|single|double|suite|which room|what room",
    "guests": r"guests\b|people|persons?|number of guests|how many (?:of you|guests|people)",
    "breakfast": r"breakfast",
    "reference": r"reference|booking number|confirmation",
}


def check_availability(check_in, nights, room_type):
    return {"available": room_type != "suite", "price_per_night": {"single": 90, "double": 130}.get(room_type)}


def book_room(**booking):
    return {"status": "confirmed", "reference": "HS" + booking["check_in"][-2:] + str(booking["nights"])}


def cancel_booking(reference):
    return f"Reservation {reference} has been cancelled."


DIALOGUES = (
    Dialogue(
        "slot by slot",
        "Hello, I'd like to book a room, please.",
        (
            Expect(
                "book_room",
                {"guest_name": "Carter", "check_in": "2026-03-06", "nights": 2, "room_type": "double", "guests": 2},
                {"breakfast": False},
            ),
        ),
        {
            "guest_name": ("Carter.", "My name is Carter."),
            "check_in": ("This Friday.", "On Friday, the sixth of March."),
            "nights": ("Two.", "Two nights."),
            "room_type": ("A double.", "A double room."),
            "guests": ("Two of us.", "Two people."),
            "breakfast": "No.",
        },
        allowed=("check_availability",),
    ),
    Dialogue(
        "most of it at once, corrected",
        "Hi, do you have, um, I need a double room for three nights from the fifteenth of March for two people.",
        (
            Expect(
                "book_room",
                {
                    "guest_name": "Anna Miller",
                    "check_in": "2026-03-15",
                    "nights": 5,
                    "room_type": "double",
                    "guests": 2,
                },
                {"breakfast": True},
            ),
        ),
        {
            "guest_name": ("Anna Miller.", "It's Anna Miller."),
            "check_in": "The fifteenth of March.",
            "nights": "Five nights.",
            "room_type": "A double.",
            "guests": "Two people.",
            "breakfast": "Yes, please.",
        },
        (Turn(2, "Sorry, no, make it five nights."),),
        allowed=("check_availability",),
        again="I'd like to book a double room.",
    ),
    Dialogue(
        "is one free, and then booked",
        "Is there a single room free tomorrow for one night?",
        (
            Expect("check_availability", {"check_in": "2026-03-04", "nights": 1, "room_type": "single"}),
            Expect(
                "book_room",
                {"guest_name": "Tom Baker", "check_in": "2026-03-04", "nights": 1, "room_type": "single", "guests": 1},
                {"breakfast": True},
            ),
        ),
        {
            "guest_name": "Tom Baker.",
            "check_in": "Tomorrow.",
            "nights": "Just one.",
            "room_type": "Single.",
            "guests": ("Just me.", "One."),
            "breakfast": "Yes.",
        },
        (After(("check_availability",), "Great, then please book it for me."),),
        again="Please check whether a single room is free tomorrow for one night.",
        rest={"book_room": "I would like to book a single room for tomorrow, for one night."},
    ),
    Dialogue(
        "cancelled by reference",
        "I have to cancel my booking.",
        (Expect("cancel_booking", {"reference": code("HS204")}),),
        {"reference": ("It's HS204.", "HS 204.")},
    ),
    Dialogue(
        "two requests in one sentence",
        "Please cancel my reservation HS204 and check if a double is free on the twentieth of March for two nights.",
        (
            Expect("cancel_booking", {"reference": code("HS204")}),
            Expect("check_availability", {"check_in": "2026-03-20", "nights": 2, "room_type": "double"}),
        ),
        {"reference": "HS204.", "check_in": "The twentieth of March.", "nights": "Two.", "room_type": "A double."},
        rest={
            "check_availability": "And is a double free on the twentieth of March for two nights?",
            "cancel_booking": "And please cancel my reservation HS204.",
        },
    ),
    Dialogue(
        "will not give a name",
        "I'd like a suite for one night tonight, for two.",
        (),
        {"guests": "Two.", "check_in": "Tonight.", "nights": "One.", "room_type": "A suite."},
        (
            Turn(2, "I'd rather not give you my name."),
            Turn(3, "No, then I don't want the room after all. Forget it."),
        ),
        allowed=("check_availability",),
    ),
    Dialogue(
        "only a greeting", "Good evening, is this Hotel Seeblick?", (), {}, (Turn(2, "Ah, good. I'll call later."),)
    ),
)

_CHECK = Expect("check_availability", {"check_in": "2026-03-04", "nights": 2, "room_type": "single"})
CHOICES = (
    Choice("none: says, calls nothing", "Is a single room free tomorrow for two nights?", "none"),
    Choice("auto, all given: calls", "Is a single room free tomorrow for two nights?", "auto", (_CHECK,)),
    Choice(
        "one function: that one",
        "A single room tomorrow for two nights, for one, on the name of Carter.",
        {"type": "function", "name": "check_availability"},
        (_CHECK,),
    ),
)

HOTEL = ToolSet(
    "hotel",
    INSTRUCTIONS,
    TOOLS,
    ASKS,
    {"check_availability": check_availability, "book_room": book_room, "cancel_booking": cancel_booking},
    DIALOGUES,
    CHOICES,
    ("breakfast",),
)
