"""A vet's practice: names of people and pets, free text, parameters in camelCase."""

from .cases import Choice, Dialogue, Expect, ToolSet, Turn, function
from .values import reason

INSTRUCTIONS = """\
You're the receptionist of Paws & Co, a vet's practice. Today's date is the 30th of April, 2026, a Thursday.

When somebody wants an appointment, you need: the owner's name, the pet's name, what animal it is, what is wrong,
the date and the time. If it's an emergency (an accident, poison, trouble breathing), call emergencyCallback right
away instead.
"""

SPECIES = {"type": "string", "enum": ["dog", "cat", "rabbit", "bird", "other"], "description": "What animal it is"}

TOOLS = (
    function(
        "bookVisit",
        "Book an appointment at the practice",
        {
            "ownerName": {"type": "string", "description": "Name of the owner"},
            "petName": {"type": "string", "description": "Name of the pet"},
            "species": SPECIES,
            "problem": {"type": "string", "description": "What is wrong with the pet"},
            "visitDate": {"type": "string", "description": "Date as YYYY-MM-DD"},
            "visitTime": {"type": "string", "description": "Time as HH:MM, 24 hours"},
        },
        ("ownerName", "petName", "species", "problem", "visitDate", "visitTime"),
    ),
    function(
        "emergencyCallback",
        "A vet calls back at once in an emergency",
        {"phone": {"type": "string", "description": "Phone number to call back"}, "species": SPECIES},
        ("phone", "species"),
    ),
)

ASKS = {
    "ownerName": r"your (?:own |full |last )?name|owner|(?:first |last |sur)names?\b|what name|which name|who am i|"
    r"name of the owner",
    "problem": r"problem|wrong\b|matter|reason|symptoms?|what happened",
    "petName": r"pet.?s? name|name of (?:the|your) (?:pet|dog|cat|rabbit|bird|animal)|"
    r"(?:dog|cat|rabbit|bird|animal)'s name|(?:is|are) (?:he|she|it) called|pet\b",
    "species": r"species|animal|what kind of|dog or|cat or",
    "visitDate": r"dates?\b|days?\b|when\b",
    "visitTime": r"times?\b|o'clock|hour|when\b",
    "phone": r"phone|number|reach|call (?:you )?back",
}


def bookVisit(**visit):
    return {"appointment": f"{visit['visitDate']} {visit['visitTime']}", "room": 2}


def emergencyCallback(phone, species):
    return "A vet will call within two minutes."


def visit(owner, pet, species, problem, date, time):
    return Expect(
        "bookVisit",
        {
            "ownerName": owner,
            "petName": pet,
            "species": species,
            "problem": problem,
            "visitDate": date,
            "visitTime": time,
        },
    )


DIALOGUES = (
    Dialogue(
        "slot by slot",
        "Hello, I'd like to make an appointment.",
        (visit("Laura Stone", "Bella", "dog", reason("limp|limps|limping"), "2026-05-04", "09:30"),),
        {
            "ownerName": ("Laura Stone.", "My name is Laura Stone."),
            "petName": ("Bella.", "She's called Bella."),
            "species": ("A dog.", "She's a dog."),
            "problem": ("She's limping.", "She is limping since yesterday."),
            "visitDate": ("On Monday.", "Next Monday, the fourth of May."),
            "visitTime": ("Half past nine.", "At half past nine in the morning."),
        },
    ),
    Dialogue(
        "half of it at once",
        "Hi, this is Mark Evans, my cat Felix isn't eating and I'd like to come tomorrow.",
        (visit("Mark Evans", "Felix", "cat", reason("eating|eat|eats"), "2026-05-01", "15:45"),),
        {
            "ownerName": ("Mark Evans.", "I'm Mark Evans."),
            "petName": "Felix.",
            "species": "A cat.",
            "problem": ("He isn't eating.", "He doesn't eat."),
            "visitDate": "Tomorrow.",
            "visitTime": ("A quarter to four.", "At 3:45 pm."),
        },
    ),
    Dialogue(
        "another day, three days on",
        "I need an appointment for my rabbit on the eighth of May.",
        (visit("Nina Fox", "Snowy", "rabbit", reason("tooth|teeth"), "2026-05-11", "16:00"),),
        {
            "ownerName": ("Nina Fox.", "My name is Nina Fox."),
            "petName": ("Snowy.", "My rabbit is called Snowy."),
            "species": "A rabbit.",
            "problem": ("Her teeth are too long.", "It's her teeth, they're too long."),
            "visitDate": "On the eleventh of May.",
            "visitTime": ("Four o'clock.", "At four in the afternoon."),
        },
        (Turn(2, "Hmm, no, the eleventh is better. The eleventh of May."),),
    ),
    Dialogue(
        "an emergency",
        "Help, my dog has eaten poison!",
        (Expect("emergencyCallback", {"phone": ("5550123", "555 0123", "555-0123"), "species": "dog"}),),
        {
            "phone": ("555 0123.", "Five five five, zero one two three."),
            "species": "A dog.",
            "ownerName": "Please hurry, it's an emergency!",
            "petName": "Please hurry, it's an emergency!",
            "problem": "He has eaten poison, it's an emergency!",
            "visitDate": "Now! It's an emergency!",
            "visitTime": "Now! It's an emergency!",
        },
        again="It's an emergency, my dog has eaten poison, a vet must call me back!",
    ),
    Dialogue(
        "only a question",
        "Do you also look after horses?",
        (),
        {},
        (Turn(2, "Then I'll ask somewhere else. Bye!"),),
    ),
)

CHOICES = (
    Choice(
        "one function: that one",
        "My bird can't breathe, call me back on 555 0123.",
        {"type": "function", "name": "emergencyCallback"},
        (Expect("emergencyCallback", {"phone": ("5550123", "555 0123", "555-0123"), "species": "bird"}),),
    ),
)

VET = ToolSet(
    "vet",
    INSTRUCTIONS,
    TOOLS,
    ASKS,
    {"bookVisit": bookVisit, "emergencyCallback": emergencyCallback},
    DIALOGUES,
    CHOICES,
)
