"""A museum's information desk: a tool without parameters, guided tours in three languages."""

from .cases import After, Choice, Dialogue, Expect, ToolSet, Turn, function

INSTRUCTIONS = """\
You're the information desk of the Maritime Museum. (Saturday 15/08/2026.) Answer questions about the opening hours with
opening_hours. You can reserve guided tours; they take up to twenty visitors and are in English, French or Spanish.
"""

TOOLS = (
    function("opening_hours", "Today's opening hours and admission fees."),
    function(
        "reserve_tour",
        "Reserve a guided tour.",
        {
            "language": {
                "type": "string",
                "enum": ["en", "fr", "es"],
                "description": "Language: English, French, Spanish",
            },
            "date": {"type": "string", "description": "ISO 8601 date"},
            "visitors": {"type": "integer", "minimum": 1, "maximum": 20, "description": "Size of the group"},
            "school_class": {"type": "boolean", "default": False, "description": "Whether it is a school class"},
        },
        ("language", "date", "visitors"),
    ),
)

ASKS = {
    "language": r"languages?|english|french|spanish",
    "date": r"dates?\b|days?\b|when\b",
    "visitors": r"visitors|people|persons|size|how (?:many|big|large)|group",
    "school_class": r"school|class\b",
}


def opening_hours():
    return {"open": "10:00", "close": "18:00", "adults_eur": 12, "children_eur": 0}


def reserve_tour(language, date, visitors, school_class=False):
    if date.endswith("-16"):
        return {"error": "no guide available on that day"}
    return {"reserved": True, "meeting_point": "main hall"}


def tour(language, date, visitors, **more):
    return Expect("reserve_tour", {"language": language, "date": date, "visitors": visitors, **more})


HOURS = Expect("opening_hours")
DIALOGUES = (
    Dialogue("opening hours", "When do you close today?", (HOURS,)),
    Dialogue(
        "hours, then a tour",
        "Hi, what are your opening hours?",
        (HOURS, tour("fr", "2026-08-21", 12)),
        {
            "language": ("In French.", "French, please."),
            "date": ("Next Friday.", "On Friday, the twenty-first of August."),
            "visitors": ("We're twelve.", "Twelve people."),
            "school_class": "No.",
        },
        (After(("opening_hours",), "Thank you. I would like to reserve a guided tour."),),
        again="When are you open?",
        rest={"reserve_tour": "I want to reserve a guided tour."},
    ),
    Dialogue(
        "all at once",
        "I'd like to book a tour in Spanish for a group of eight on the first of September.",
        (tour("es", "2026-09-01", 8),),
        {
            "language": "In Spanish.",
            "date": "The first of September.",
            "visitors": "Eight.",
            "school_class": "No.",
        },
    ),
    Dialogue(
        "no guide on that day",
        "Can we have a guided tour in English tomorrow? We're five.",
        (tour("en", "2026-08-16", 5), tour("en", "2026-08-18", 5)),
        {
            "language": "English.",
            "date": "Tomorrow.",
            "visitors": ("Five.", "Five people."),
            "school_class": "No.",
        },
        (
            After(
                ("reserve_tour",),
                "Pity. Then let's do it on Tuesday instead.",
                {"date": ("On Tuesday.", "On Tuesday, the eighteenth.")},
            ),
        ),
        rest={"reserve_tour": "Please reserve the tour for Tuesday."},
    ),
    Dialogue(
        "a bigger group after all",
        "A tour in English for ten people, please.",
        (tour("en", "2026-08-29", 14),),
        {
            "language": "English.",
            "date": ("In two weeks.", "On the twenty-ninth of August."),
            "visitors": "Fourteen.",
            "school_class": "No.",
        },
        (Turn(2, "No, make it fourteen, my colleagues want to come, too."),),
    ),
    Dialogue("thanks", "Thank you, you were very helpful earlier.", (), {}, (Turn(2, "That was all. Bye bye."),)),
)

CHOICES = (
    Choice("required: calls", "Good morning!", "required", (HOURS,)),
    Choice("none: says, calls nothing", "What are the opening hours?", "none"),
    Choice(
        "one function without arguments: that one", "Hello.", {"type": "function", "name": "opening_hours"}, (HOURS,)
    ),
)

MUSEUM = ToolSet(
    "museum",
    INSTRUCTIONS,
    TOOLS,
    ASKS,
    {"opening_hours": opening_hours, "reserve_tour": reserve_tour},
    DIALOGUES,
    CHOICES,
    ("school_class",),
)
