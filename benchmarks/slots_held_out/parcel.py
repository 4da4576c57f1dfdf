"""A parcel service: tracking numbers read out, a redirection, a service that is down."""

from .cases import After, Choice, Dialogue, Expect, ToolSet, Turn, function
from .values import code, reason

INSTRUCTIONS = """\
You help customers of Swift Parcel in English only. Date: Mon, 7 Sep 2026.
Tracking numbers are two letters and six digits. Ask for the tracking number before anything else.
"""

NUMBER = {"type": "string", "pattern": "^[A-Z]{2}[0-9]{6}$", "description": "Tracking number, e.g. SP123456"}

TOOLS = (
    function("track_parcel", "Where is the parcel now?", {"tracking_number": NUMBER}, ("tracking_number",)),
    function(
        "redirect_parcel",
        "Have the parcel delivered to a neighbour, a shop or a locker on a given day.",
        {
            "tracking_number": NUMBER,
            "deliver_to": {"type": "string", "enum": ["neighbour", "shop", "locker"]},
            "delivery_date": {"type": "string", "format": "date"},
        },
        ("tracking_number", "deliver_to", "delivery_date"),
    ),
    function(
        "report_damage",
        "Report a damaged parcel.",
        {
            "tracking_number": NUMBER,
            "damage": {"type": "string", "description": "What is broken, in the customer's words"},
            "email": {"type": "string", "description": "Optional e-mail address for the answer"},
        },
        ("tracking_number", "damage"),
    ),
)

ASKS = {
    "tracking_number": r"tracking|parcel number|(?:your|the) number|code\b|which parcel",
    "deliver_to": r"deliver to|deliver it|where (?:to|should|shall|do|would)|neighbou?r|shop\b|locker|redirect\w* to",
    "delivery_date": r"delivery date|dates?\b|days?\b|when\b",
    "damage": r"damage\w*|broken|happened|wrong\b|problem|describe",
    "email": r"e-?mail",
}


def track_parcel(tracking_number):
    return {"status": "in transit", "place": "Leeds", "expected": "2026-09-08"}


def redirect_parcel(tracking_number, deliver_to, delivery_date):
    return {"ok": True}


def report_damage(tracking_number, damage, email=None):
    return "Thank you, we will refund you."


def down(**_):
    return {"error": "service unavailable, try again in a minute"}


TRACK = Expect("track_parcel", {"tracking_number": code("SP204817")})
NUMBERS = (
    "S P two zero four eight one seven.",
    "The letters S P, and then two, zero, four, eight, one, seven.",
    "SP204817.",
)
DIALOGUES = (
    Dialogue(
        "number read out",
        "Hi, where is my parcel?",
        (TRACK,),
        {"tracking_number": NUMBERS},
    ),
    Dialogue(
        "number given at once",
        "Could you track SP204817 for me?",
        (TRACK,),
        {"tracking_number": NUMBERS},
    ),
    Dialogue(
        "the service is down, tried again",
        "I want to know where my parcel is, the number is SP204817.",
        (TRACK, TRACK),
        {"tracking_number": NUMBERS},
        (After(("track_parcel",), "Could you try that once more, please?"),),
        fakes={"track_parcel": down},
        rest={"track_parcel": "Please try again to find out where my parcel is."},
    ),
    Dialogue(
        "redirected, to somewhere else",
        "I won't be at home. Can you leave my parcel with a neighbour?",
        (
            Expect(
                "redirect_parcel",
                {"tracking_number": code("SP330052"), "deliver_to": "locker", "delivery_date": "2026-09-10"},
            ),
        ),
        {
            "tracking_number": "SP330052.",
            "deliver_to": "To a locker.",
            "delivery_date": ("On Thursday.", "This Thursday, the tenth of September."),
        },
        (Turn(2, "No, not the neighbour, put it in a locker, please."),),
        allowed=("track_parcel",),
    ),
    Dialogue(
        "damaged",
        "My parcel SP204817 arrived and it is damaged.",
        (Expect("report_damage", {"tracking_number": code("SP204817"), "damage": reason("vase", "broken")}),),
        {
            "tracking_number": NUMBERS,
            "damage": ("The vase is broken.", "What's damaged? The blue vase is broken."),
            "email": "I don't have one.",
        },
        allowed=("track_parcel",),
    ),
    Dialogue(
        "has no number",
        "Where is my parcel?",
        (),
        {},
        (Turn(2, "I don't have the number with me."), Turn(3, "No. I'll look for it and call again.")),
    ),
)

CHOICES = (
    Choice(
        "required: calls the one that fits",
        "SP204817, where is it?",
        "required",
        (TRACK,),
    ),
    Choice(
        "one function: that one, though another fits better",
        "Where is my parcel SP204817? It was to come to a shop on the ninth of September.",
        {"type": "function", "name": "redirect_parcel"},
        (
            Expect(
                "redirect_parcel",
                {"tracking_number": code("SP204817"), "deliver_to": "shop", "delivery_date": "2026-09-09"},
            ),
        ),
    ),
)

PARCEL = ToolSet(
    "parcel",
    INSTRUCTIONS,
    TOOLS,
    ASKS,
    {"track_parcel": track_parcel, "redirect_parcel": redirect_parcel, "report_damage": report_damage},
    DIALOGUES,
    CHOICES,
)
