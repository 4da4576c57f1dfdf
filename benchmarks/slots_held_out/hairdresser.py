"""A hairdresser's appointments: free-text dates and times, an optional stylist, a salon that is closed on Mondays."""

from .cases import After, Choice, Dialogue, Expect, ToolSet, Turn, function
from .values import clock, day

INSTRUCTIONS = """\
You are Lisa, the voice assistant of the salon "Kamm & Schere". Today is Thursday, May 21st 2026. We are open Tuesday to
Saturday, 9 am to 6 pm. Make appointments for customers. Ask for one thing at a time.
If a time is not free, offer another.
"""

TOOLS = (
    function(
        "find_free_times",
        "Look up the free times on a day",
        {"date": {"type": "string", "description": "The day"}},
        ("date",),
    ),
    function(
        "make_appointment",
        "Make an appointment",
        {
            "service": {
                "type": "string",
                "enum": ["cut", "cut_and_color", "beard_trim", "perm"],
                "description": "What is to be done",
            },
            "date": {"type": "string", "description": "The day of the appointment"},
            "time": {"type": "string", "description": "The time of the appointment"},
            "customer": {"type": "string", "description": "Name of the customer"},
            "stylist": {"type": "string", "description": "Preferred stylist, if any", "enum": ["Mia", "Jonas", "Ella"]},
        },
        ("service", "date", "time", "customer"),
    ),
)

ASKS = {
    "service": r"services?|what (?:is|would you like|can we|should be|do you want) (?:to be )?(?:done|to have)|"
    r"cut\b|perm\b|beard|kind of|type of|treatment",
    "date": r"dates?\b|days?\b|when\b",
    "time": r"times?\b|o'clock|hour|when\b",
    "customer": r"names?\b|customer|who(?:se)? (?:is|am|are)",
    "stylist": r"stylist|mia\b|jonas|ella\b|prefer\w*",
}


def find_free_times(date):
    return {"free": ["10:00", "14:30", "16:00"]}


def make_appointment(**appointment):
    return "Booked. We look forward to it."


TUESDAY = day("2026-05-26", "Tuesday", "next Tuesday", "on Tuesday")
FRIDAY = day("2026-05-22", "tomorrow")

DIALOGUES = (
    Dialogue(
        "slot by slot",
        "Hello Lisa, I need an appointment.",
        (
            Expect(
                "make_appointment",
                {"service": "cut", "date": TUESDAY, "time": clock("14:30", "half past two"), "customer": "Sarah"},
            ),
        ),
        {
            "service": ("Just a cut.", "A cut, please."),
            "date": ("Next Tuesday.", "On Tuesday, the twenty-sixth of May."),
            "time": ("Half past two in the afternoon.", "At 2:30 pm."),
            "customer": ("Sarah.", "My name is Sarah."),
            "stylist": "It doesn't matter.",
        },
        allowed=("find_free_times",),
    ),
    Dialogue(
        "synonyms and hesitation, another day",
        "Hi, um, I'd like, er, a beard trim tomorrow at, let me see, four in the afternoon.",
        (
            Expect(
                "make_appointment",
                {
                    "service": "beard_trim",
                    "date": day("2026-05-23", "Saturday", "on Saturday"),
                    "time": clock("16:00", "four", "four in the afternoon"),
                    "customer": ("Peter Novak", "Peter"),
                },
            ),
        ),
        {
            "service": "A beard trim.",
            "date": "On Saturday.",
            "time": "Four in the afternoon.",
            "customer": ("Peter Novak.", "It's Peter Novak."),
            "stylist": "Anybody.",
        },
        (Turn(2, "Oh wait, not tomorrow. Make it Saturday."),),
        allowed=("find_free_times",),
    ),
    Dialogue(
        "with a stylist, all at once",
        "Could Ella do a cut and color for me on the second of June at 10 am? My name is Julia Brandt.",
        (
            Expect(
                "make_appointment",
                {
                    "service": "cut_and_color",
                    "date": day("2026-06-02", "the second of June", "second of June"),
                    "time": clock("10:00"),
                    "customer": ("Julia Brandt", "Julia"),
                    "stylist": "Ella",
                },
            ),
        ),
        {
            "service": "Cut and color.",
            "date": "The second of June.",
            "time": "Ten in the morning.",
            "customer": "Julia Brandt.",
            "stylist": "Ella.",
        },
        allowed=("find_free_times",),
    ),
    Dialogue(
        "what is free first",
        "What times do you have free tomorrow?",
        (
            Expect("find_free_times", {"date": FRIDAY}),
            Expect(
                "make_appointment",
                {"service": "perm", "date": FRIDAY, "time": clock("16:00", "four"), "customer": "Helen"},
            ),
        ),
        {
            "service": "A perm.",
            "date": "Tomorrow.",
            "time": ("At four.", "At four in the afternoon."),
            "customer": "Helen.",
            "stylist": "I don't mind.",
        },
        (After(("find_free_times",), "Then I'll take four in the afternoon, for a perm."),),
        again="Please tell me what is free tomorrow.",
        rest={"make_appointment": "Please make an appointment tomorrow at four in the afternoon, for a perm."},
    ),
    Dialogue(
        "asks only for the opening hours",
        "Are you open on Mondays?",
        (),
        {},
        (Turn(2, "All right, I'll think about it."),),
        allowed=("find_free_times",),
    ),
)

CHOICES = (
    Choice(
        "one function: that one",
        "Tomorrow, please.",
        {"type": "function", "name": "find_free_times"},
        (Expect("find_free_times", {"date": FRIDAY}),),
    ),
)

HAIRDRESSER = ToolSet(
    "hairdresser",
    INSTRUCTIONS,
    TOOLS,
    ASKS,
    {"find_free_times": find_free_times, "make_appointment": make_appointment},
    DIALOGUES,
    CHOICES,
)
