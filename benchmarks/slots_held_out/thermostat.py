"""A house's heating: no person's data, many commands at once, numbers with halves, a tool that takes nothing."""

from .cases import Choice, Dialogue, Expect, ToolSet, Turn, function

INSTRUCTIONS = """\
You control the heating of a house. You're a voice assistant, so be short. Do what is said at once; ask only if the room
or the temperature is missing. Now: 2026-01-08 21:40.
"""

ROOM = {"type": "string", "enum": ["living_room", "bedroom", "kitchen", "bathroom"]}

TOOLS = (
    function(
        "set_temperature",
        "Set the target temperature of a room",
        {
            "room": ROOM,
            "degrees": {"type": "number", "minimum": 5, "maximum": 30, "description": "target temperature in Celsius"},
        },
        ("room", "degrees"),
    ),
    function("get_temperature", "Read the current temperature of a room", {"room": ROOM}, ("room",)),
    function(
        "set_holiday",
        "Turn the heating down while everybody is away",
        {
            "from_date": {"type": "string", "description": "YYYY-MM-DD"},
            "to_date": {"type": "string", "description": "YYYY-MM-DD"},
        },
        ("from_date", "to_date"),
    ),
    function("heating_off", "Switch all heating off"),
)

ASKS = {
    "room": r"rooms?\b|where\b|bedroom|living|kitchen|bathroom",
    "degrees": r"degrees|temperature|how (?:warm|hot|cold|many)",
    "from_date": r"from\b|start\w*|leav\w*|first day|begin\w*",
    "to_date": r"to date|until|till|end\b|return\w*|back\b|last day",
}


def set_temperature(room, degrees):
    return {"room": room, "target": degrees}


def get_temperature(room):
    return {"celsius": 19.5} if room != "bathroom" else {"error": "sensor not reachable"}


def set_holiday(from_date, to_date):
    return "ok"


def heating_off():
    return "ok"


def warm(room, degrees):
    return Expect("set_temperature", {"room": room, "degrees": degrees})


DIALOGUES = (
    Dialogue(
        "all at once",
        "Set the bedroom to eighteen degrees.",
        (warm("bedroom", 18),),
        {"room": "The bedroom.", "degrees": "Eighteen."},
    ),
    Dialogue(
        "slot by slot, and a half",
        "Can you change the temperature?",
        (warm("living_room", 21.5),),
        {"room": ("In the living room.", "The living room."), "degrees": ("Twenty-one and a half.", "21.5 degrees.")},
        again="I want to set the temperature of a room.",
    ),
    Dialogue(
        "two rooms in one sentence",
        "Make it 20 degrees in the kitchen and 22 degrees in the bathroom.",
        (warm("kitchen", 20), warm("bathroom", 22)),
        {"room": "The kitchen and the bathroom.", "degrees": "20 in the kitchen and 22 in the bathroom."},
        rest={"set_temperature": "And 22 degrees in the bathroom."},
    ),
    Dialogue(
        "two kinds of thing in one sentence",
        "How warm is it in the bedroom, and please set the kitchen to nineteen.",
        (Expect("get_temperature", {"room": "bedroom"}), warm("kitchen", 19)),
        {"room": "The kitchen.", "degrees": "Nineteen."},
        rest={
            "set_temperature": "And set the kitchen to nineteen.",
            "get_temperature": "And how warm is it in the bedroom?",
        },
    ),
    Dialogue(
        "corrected in the same breath",
        "Set the kitchen, no, the living room to twenty degrees.",
        (warm("living_room", 20),),
        {"room": "The living room.", "degrees": "Twenty."},
    ),
    Dialogue(
        "on holiday",
        "We're going on holiday. Please turn the heating down while we're away.",
        (Expect("set_holiday", {"from_date": "2026-01-10", "to_date": "2026-01-24"}),),
        {
            "from_date": ("From this Saturday.", "From Saturday, the tenth of January."),
            "to_date": ("Until the twenty-fourth.", "Until the twenty-fourth of January."),
        },
    ),
    Dialogue(
        "a sensor that fails",
        "What's the temperature in the bathroom?",
        (Expect("get_temperature", {"room": "bathroom"}),),
        {"room": "The bathroom."},
        again="I only want to know how warm it is in the bathroom.",
    ),
    Dialogue("all off", "Switch all the heating off, please.", (Expect("heating_off"),)),
    Dialogue(
        "never mind",
        "Set the temperature, please.",
        (),
        {},
        (Turn(2, "Ah, forget it, it's fine as it is."),),
    ),
)

CHOICES = (
    Choice("none: says, calls nothing", "Switch all the heating off.", "none"),
    Choice(
        "one function: that one",
        "It is too cold in the kitchen.",
        {"type": "function", "name": "get_temperature"},
        (Expect("get_temperature", {"room": "kitchen"}),),
    ),
    Choice(
        "two requests, auto",
        "Bedroom to 17 degrees and kitchen to 19.",
        "auto",
        (warm("bedroom", 17), warm("kitchen", 19)),
    ),
)

THERMOSTAT = ToolSet(
    "thermostat",
    INSTRUCTIONS,
    TOOLS,
    ASKS,
    {
        "set_temperature": set_temperature,
        "get_temperature": get_temperature,
        "set_holiday": set_holiday,
        "heating_off": heating_off,
    },
    DIALOGUES,
    CHOICES,
)
