"""Replies by rules: `Rules` is the mock server's default mind.

personas  who speaks, read from the instructions      words, numbers, topics  what was said
intents   what it means                               knowledge, lines        what there is to say
facts     what the speaker knows for certain: read-backs confirmed, prices and dates told
phone     manners on the phone: no small talk, and an end to it
mind      puts them together
"""

from .mind import Rules

__all__ = ["Rules"]
