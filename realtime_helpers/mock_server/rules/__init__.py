"""Replies by rules: `Rules` is the mock server's default mind.

personas  who speaks, read from the instructions      words, numbers, topics  what was said
intents   what it means                               knowledge, lines        what there is to say
mind      puts them together
"""

from .mind import Rules

__all__ = ["Rules"]
