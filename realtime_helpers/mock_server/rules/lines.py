"""The lines themselves, by tone and occasion.

{t} is the topic as a bare noun, {p} as it fits into a sentence, {T} and {P} the same at the start of one. A tone that
has no lines of its own for an occasion borrows the plain ones and adds its openers and closers.
"""

from __future__ import annotations

PLAIN: dict[str, tuple[str, ...]] = {
    "introduction": (
        "Hello, this is {me}. How can I help?",
        "Hello. I am {me}. What can I do for you?",
        "Hi there, {me} here. What would you like to talk about?",
    ),
    "greeting": (
        "Hello. What would you like to talk about?",
        "Hello again. What is on your mind?",
        "Hi. What shall we talk about?",
    ),
    "how_are_you": ("I am well, thank you. And you?", "Very well, thanks for asking. How are you?"),
    "thanks": ("You are welcome.", "My pleasure.", "Any time.", "Glad to be of use."),
    "thanks_to_user": ("Thank you.", "Thank you very much."),
    "apology": ("I am sorry about that.", "My apologies."),
    "forgiven": ("No harm done.", "That is quite all right."),
    "goodbye": ("Goodbye. It was good to talk.", "Goodbye for now.", "Bye. Take care."),
    "unclear": (
        "I did not catch that. Could you say it again?",
        "Sorry, I did not catch that.",
        "I heard something, but I did not catch that.",
    ),
    "stop": (
        "Of course. I am listening.",
        "All right, I will stop there. What would you like?",
        "Go ahead, I am listening.",
    ),
    "name": ("I am {me}.", "You are talking to {me}."),
    "you_are": ("Hello, {p}. What can I do for you?", "Nice to meet you, {p}."),
    "your_name": ("You are {p}.", "You told me your name is {p}."),
    "no_name": ("You have not told me your name.", "I do not know your name yet."),
    "machine": (
        "I am a program that answers by rules. The voice is synthetic too.",
        "No person here, only a program with a voice.",
    ),
    "hear": ("Yes, I hear you.", "Loud and clear."),
    "able": (
        "I can listen, answer simple questions, do sums, and stop when you interrupt.",
        "I answer by rules: some physics, some sums, a little talk. Try me.",
    ),
    "clock": ("I have no clock and no window, so I cannot say.", "I cannot see a clock or the weather from here."),
    "language": ("I am sorry, I only know English.", "English is all I have, I am afraid."),
    "joke": (
        "Why did the photon have no suitcase? It was travelling light.",
        "A neutron asks what a drink costs. For you, no charge.",
        "I would tell you a joke about time travel, but you did not like it.",
    ),
    "said": ("I said: {p}", "Once more: {p}", "It was this: {p}"),
    "you_said": ("You said: {p}.", "I heard: {p}."),
    "nothing_said": ("I have not said anything yet.", "Nothing so far. What would you like to know?"),
    "fact": (
        "{P}? {fact}",
        "{P}, in short. {fact}",
        "Here is {t} in a sentence. {fact}",
        "What I know of {t} is this. {fact}",
    ),
    "deeper": ("{P}, a little deeper. {fact}", "More on {t}. {fact}", "About {p}, there is also this. {fact}"),
    "again": ("You asked about {p} before. {fact}", "{P} once more. {fact}"),
    "capital": ("The capital of {p} is {fact}.", "That is {fact}, the capital of {p}."),
    "sum": ("{P} is {fact}.", "{P} makes {fact}.", "I make {p} {fact}."),
    "no_sum": ("{P} cannot be done. Nobody divides by zero.", "{P} has no answer. Zero divides nothing."),
    "unknown": (
        "{P}? I do not know that one. I answer by simple rules.",
        "You asked about {p}. My rules do not reach that far.",
        "I wish I knew more about {p}. What made you think of it?",
        "{P}, good question. I have no rule for it, so I would be guessing.",
        "{P} is beyond me, I am afraid. What do you think yourself?",
    ),
    "unknown_again": (
        "You asked about {p} before, and I still do not know.",
        "{P} again? I know no more than last time.",
    ),
    "unknown_deeper": (
        "I have told you all I know about {p}.",
        "There is no more about {p} in my rules.",
        "Beyond that, {t} is out of my depth.",
    ),
    "request": (
        "{P}, noted. What else should I know?",
        "So you would like {p}. Anything else?",
        "{P}, I see. I cannot do it for real, but go on.",
    ),
    "stock": (
        "{P}? I cannot look that up here, so I will not promise.",
        "You are after {p}. I wish I could check for you.",
    ),
    "statement": (
        "So {p}. Tell me more.",
        "I see, {p}. What happened then?",
        "{P}. What would you like to do about it?",
    ),
    "mention": ("You mentioned {p}. Tell me more.", "{P}, I see. What about it?", "Go on about {p}."),
    "yes": ("Good. What next?", "All right. Go on.", "Fine. What else?"),
    "no": ("No? Then what would you like?", "All right, not that. What else?", "Understood. What then?"),
    "lost": ("I am not sure what you mean. Ask me about something.", "I did not follow that. What is it about?"),
    "ask": ("May I ask {p}?", "If I may ask, {p}?"),
    "tell": ("{P}.", "Please note: {p}."),
    "no_language": ("I was asked for {p}, but I only know English.", "I was asked for {p} and have only English."),
}

GRUMPY: dict[str, tuple[str, ...]] = {
    "introduction": ("Yes? What is it?", "You are late. Ask.", "Sit. Be quick."),
    "greeting": ("Yes? What?", "You again. Ask.", "Hello. Get to the point.", "Hm. What do you want?"),
    "how_are_you": ("Busy. Ask something.", "Worse, since you knocked.", "Interrupted."),
    "thanks": ("Fine. Next.", "Thank the library.", "Hm. Close the door.", "Do not mention it. Ever."),
    "thanks_to_user": ("Thanks. I suppose.", "Thank you. There."),
    "apology": ("Sorry. There.", "My mistake. Happens once a decade."),
    "forgiven": ("You should be.", "Noted. Move on."),
    "goodbye": ("Goodbye. Finally.", "Close the door.", "Good. Go."),
    "unclear": ("What? I did not catch that.", "I did not catch that. Speak up.", "Mumbling. I did not catch that."),
    "stop": ("Fine. Talk, then.", "Stopped. What?", "Interrupting. Typical. Go on."),
    "name": ("{Me}. It is on the door.", "{Me}. Next question."),
    "you_are": ("{P}. I will forget it.", "{P}. Noted. Your question?"),
    "your_name": ("{P}. Did you forget?", "{P}. You told me."),
    "no_name": ("You never told me.", "I never asked."),
    "machine": ("A program. With standards.", "A program. Better company than most."),
    "hear": ("Yes. Sadly.", "I hear you. Ask."),
    "able": ("Physics. Sums. Sighing.", "I answer. Briefly. Ask."),
    "clock": ("No clock here. No window either.", "Look outside. I cannot."),
    "language": ("English. Only English.", "No. English or silence."),
    "joke": ("A neutron drinks free. No charge. Happy?", "Your last exam.", "Photons pack nothing. They travel light."),
    "said": ("I said: {p}", "Again, then. {p}", "Listen. {p}"),
    "you_said": ("You said: {p}.", "You said: {p}. Regrettably."),
    "nothing_said": ("Nothing. I was enjoying it.", "I said nothing."),
    "fact": (
        "{T}. {fact}",
        "{T}. {fact} Next.",
        "{T}. {fact} Obviously.",
        "{T}? {fact}",
        "{T}. {fact} Read a book.",
        "{T}. {fact} Write it down.",
    ),
    "deeper": ("{T}. {fact}", "{T}, still. {fact}", "{T}. {fact} Enough."),
    "again": ("You asked that. {T}. {fact}", "{T}. Again. {fact}", "{T}. Asked already. {fact}"),
    "capital": ("{T}. {fact}. Buy a map.", "{fact}. {T}. This is physics."),
    "sum": ("{P}. {Fact}. Obviously.", "{P}. {Fact}. Use your fingers.", "{P} is {fact}. Next."),
    "no_sum": ("{P}. No. Never by zero.", "{P}. Zero divides nothing. Leave."),
    "unknown": (
        "{T}. Look it up.",
        "{T}? Not my field.",
        "{T}. There are books.",
        "{T}? Ask someone patient.",
        "{T}. Try the library.",
        "{T}? No idea. Next.",
        "{T}. Measure it yourself.",
        "{T}? I do not know. Refreshing.",
        "{T}. Somebody's field. Not mine.",
        "{T}? Come back with data.",
        "{T}. Not in my notes.",
        "{T}? Is that on the exam? No.",
    ),
    "unknown_again": ("You asked that. {T}. Still no.", "{T}. You asked that. Look it up.", "{T}. Again. Same answer."),
    "unknown_deeper": ("{T}. That was all of it.", "{T}. I have said enough.", "{T}. Think for yourself."),
    "request": ("{P}. I am not a shop.", "{P}? Get it yourself.", "{P}. Wishes. Charming."),
    "stock": ("{T}? Try a shop.", "{T}. Not in this office."),
    "statement": ("{T}. And?", "{T}. Is there a question?", "{T}. Fascinating. Your question?"),
    "mention": ("{T}. And?", "{T}. Is there a question?", "{T}. Fascinating. Your question?"),
    "yes": ("Good. Next.", "Then why are you still here?", "Fine. What else?"),
    "no": ("No? Then stop wasting chalk.", "Fine. Something else, then.", "No. Very well. Next."),
    "lost": ("That was not a question.", "Ask about something. Anything."),
    "ask": ("{P}? Quickly.", "Tell me {p}."),
    "tell": ("{P}. Write it down.", "{P}. There."),
    "no_language": ("{P}? I have only English.", "{P}. No. English."),
    "interrupted": ("Rude.", "I was talking.", "You interrupted."),
}

OWN_LINES: dict[str, dict[str, tuple[str, ...]]] = {
    "grumpy": GRUMPY,
    "pirate": {
        "introduction": ("Ahoy! What brings ye aboard?", "Ahoy there, sailor. Speak up."),
        "greeting": ("Ahoy! What brings ye aboard?", "Ahoy, matey. What be on yer mind?"),
        "thanks": ("Keep yer thanks, matey. Bring rum.", "Aye, any time, matey."),
        "goodbye": ("Fair winds, matey.", "Off with ye, and fair winds."),
        "unclear": ("Arr, the wind took that. I did not catch it.", "Speak up, matey. I did not catch that."),
        "unknown": (
            "Arr, {p}? That be on no chart of mine.",
            "{P}? I sailed the seven seas and never learned that, matey.",
            "Ye ask about {p}. My parrot knows more than I do.",
        ),
    },
    "cowboy": {
        "introduction": ("Howdy, partner. What can I do for you?", "Howdy. Pull up a chair."),
        "greeting": ("Howdy, partner. What is on your mind?", "Well, howdy."),
        "goodbye": ("Happy trails, partner.", "So long, partner."),
        "unknown": (
            "{P}? Partner, that is past my fence.",
            "I reckon I do not know {p}, partner.",
            "You ask about {p}. I only know cattle and simple rules.",
        ),
    },
    "cheerful": {
        "introduction": (
            "Hello and welcome! What would you like to know?",
            "Hi there, how lovely! What can I do for you?",
        ),
        "greeting": ("Hello, how lovely to hear you! What shall we talk about?", "Hi there! What is on your mind?"),
        "thanks": ("You are so welcome!", "It was a joy!"),
        "goodbye": ("Goodbye, and have a wonderful day!", "Bye! Come back soon!"),
        "unknown": (
            "Ooh, {p}! I do not know that one, but I love the question.",
            "{P}, how interesting! My little rule book has nothing on it.",
            "What a nice thing to ask! Sadly {p} is not in my rules.",
        ),
    },
    "formal": {
        "introduction": ("Good day, this is {me}. How may I help?", "Good day. You are speaking with {me}."),
        "greeting": ("Good day. How may I be of service?", "Good day to you. What may I do for you?"),
        "thanks": ("You are most welcome.", "The pleasure is entirely mine."),
        "goodbye": ("Good day to you.", "It was a pleasure. Goodbye."),
        "unclear": ("I beg your pardon, I did not catch that.", "Forgive me, I did not catch that."),
    },
    "poet": {
        "introduction": ("Come in, and bring a word to play with.", "A guest! What shall I sing of?"),
        "unknown": (
            "O {t}, of thee I know no rhyme.",
            "{P}, a word like rain. I know no more than that.",
            "I would sing of {p}, had I more than rules for a heart.",
        ),
    },
}

# Before and after a plain line, so that the tone can be heard. "" keeps it from being heard every time.
OPENERS: dict[str, tuple[str, ...]] = {
    "pirate": ("Arr!", "Ahoy!", "Aye.", "Shiver me timbers."),
    "cowboy": ("Howdy.", "Well now.", "I reckon so."),
    "cheerful": ("Lovely!", "Oh, wonderful!", "What fun!"),
    "formal": ("Certainly.", "With pleasure.", "If I may."),
    "poet": ("O gentle listener.", "Hear, then.", "By candle and by moon."),
}
CLOSERS: dict[str, tuple[str, ...]] = {
    "pirate": (" Arr, matey.", " By the seven seas.", ""),
    "cowboy": (" Partner.", "", " Yes indeed."),
    "cheerful": ("", " Isn't that great!"),
    "poet": (" So sing the stars.", " The night knows the rest.", ""),
}
