"""Cinema tickets: names of films as an enum, counts of two kinds, and one performance sold out."""

from .cases import After, Choice, Dialogue, Expect, ToolSet, Turn, function

INSTRUCTIONS = """\
You sell tickets for the Rex cinema over the phone.
Current date: 2026-11-24 (Tuesday).
Films this week: The Last Lighthouse (17:00 and 20:15), Paper Tigers (18:30), Moon Garden (15:00 and 17:30).
You can look with seats_left whether there is room.
Tickets are 9 euros, children pay 6. If a performance is sold out, say so and offer another one.
"""

FILM = {
    "type": "string",
    "enum": ["The Last Lighthouse", "Paper Tigers", "Moon Garden"],
    "description": "Title of the film",
}
DATE = {"type": "string", "description": "Day of the performance in ISO format (YYYY-MM-DD)"}
SHOWING = {"type": "string", "enum": ["15:00", "17:00", "17:30", "18:30", "20:15"], "description": "Start time"}

TOOLS = (
    function(
        "seats_left",
        "How many seats are left in a performance.",
        {"film": FILM, "date": DATE, "showing": SHOWING},
        ("film", "date", "showing"),
    ),
    function(
        "buy_tickets",
        "Buy tickets for a performance.",
        {
            "film": FILM,
            "date": DATE,
            "showing": SHOWING,
            "adults": {"type": "integer", "minimum": 0, "description": "Number of adults"},
            "children": {"type": "integer", "minimum": 0, "description": "Number of children under 12"},
        },
        ("film", "date", "showing", "adults", "children"),
    ),
)

ASKS = {
    "film": r"films?\b|movies?\b|title|lighthouse|tigers|moon garden",
    "date": r"dates?\b|days?\b|when\b",
    "showing": r"showing|times?\b|start\w*|performance|o'clock|when\b|\d\d:?\d\d",
    "adults": r"adults?\b|tickets?\b|grown",
    "children": r"child\w*|kids?\b",
}


def seats_left(film, date, showing):
    return {"left": 0 if showing == "20:15" else 48}


def buy_tickets(film, date, showing, adults, children):
    return {"paid": 9 * adults + 6 * children, "row": 7}


def bought(film, date, showing, adults, children):
    return Expect(
        "buy_tickets", {"film": film, "date": date, "showing": showing, "adults": adults, "children": children}
    )


def seats(film, date, showing):
    return Expect("seats_left", {"film": film, "date": date, "showing": showing})


DIALOGUES = (
    Dialogue(
        "slot by slot",
        "I'd like some tickets, please.",
        (bought("Paper Tigers", "2026-11-27", "18:30", 2, 0),),
        {
            "film": ("Paper Tigers.", "For Paper Tigers."),
            "date": ("On Friday.", "On Friday, the twenty-seventh."),
            "showing": ("Half past six.", "At 6:30 pm."),
            "adults": ("Two.", "Two adults."),
            "children": ("None.", "No children."),
        },
        allowed=("seats_left",),
    ),
    Dialogue(
        "several slots in one sentence",
        "Two adults and three children for Moon Garden tomorrow at three in the afternoon.",
        (bought("Moon Garden", "2026-11-25", "15:00", 2, 3),),
        {
            "film": "Moon Garden.",
            "date": "Tomorrow.",
            "showing": ("Three o'clock.", "At three in the afternoon."),
            "adults": "Two adults.",
            "children": "Three children.",
        },
        allowed=("seats_left",),
        again="I'd like tickets for Moon Garden.",
    ),
    Dialogue(
        "sold out, another performance",
        "Are there any seats left for The Last Lighthouse tonight at quarter past eight?",
        (
            seats("The Last Lighthouse", "2026-11-24", "20:15"),
            bought("The Last Lighthouse", "2026-11-24", "17:00", 4, 0),
        ),
        {
            "film": "The Last Lighthouse.",
            "date": ("Tonight.", "Today."),
            "showing": ("At quarter past eight.", "At eight fifteen in the evening."),
            "adults": ("Four.", "Four adults."),
            "children": ("No children.", "Zero."),
        },
        (
            After(
                ("seats_left",),
                "Oh. Then four tickets for today at five o'clock, please, all adults.",
                {"showing": "At five in the afternoon."},
            ),
        ),
        allowed=("seats_left",),
        rest={"buy_tickets": "I'd like to buy four tickets for today at five o'clock."},
    ),
    Dialogue(
        "one more child",
        "Hi, I want to see Moon Garden on Saturday with one child.",
        (bought("Moon Garden", "2026-11-28", "17:30", 1, 2),),
        {
            "film": "Moon Garden.",
            "date": "On Saturday.",
            "showing": ("Half past five.", "At half past five in the afternoon."),
            "adults": ("One.", "One adult."),
            "children": "Two children.",
        },
        (Turn(2, "Oh, my neighbour's son comes along, so that's two children."),),
        allowed=("seats_left",),
    ),
    Dialogue(
        "only how many seats",
        "How many seats are left for Paper Tigers on Thursday?",
        (seats("Paper Tigers", "2026-11-26", "18:30"),),
        {"film": "Paper Tigers.", "date": "Thursday.", "showing": ("At half past six.", "Six thirty in the evening.")},
    ),
    Dialogue(
        "too dear",
        "I'd like to buy tickets for Paper Tigers.",
        (),
        {"date": "Tomorrow.", "showing": "Half past six."},
        (Turn(2, "What does it cost?"), Turn(3, "Nine euros? No, that's too much. No, thank you.")),
        allowed=("seats_left",),
    ),
)

CHOICES = (
    Choice(
        "required: calls",
        "Two adults, no children, Paper Tigers, tomorrow, half past six in the evening.",
        "required",
        (seats("Paper Tigers", "2026-11-25", "18:30"), bought("Paper Tigers", "2026-11-25", "18:30", 2, 0)),
        any_of=True,
    ),
)

CINEMA = ToolSet(
    "cinema", INSTRUCTIONS, TOOLS, ASKS, {"seats_left": seats_left, "buy_tickets": buy_tickets}, DIALOGUES, CHOICES
)
