"""Tasks by tools: any tool's JSON schema is read, its values are taken out of what was said, and it is called.

heard, dates, times, units, values   what was said, and the values in it
schema, choose                       a tool and its slots, and which tool is meant
dialogue, outbound                   where a conversation stands, and what comes next
speak                                questions, and results in words
"""

from .dialogue import task_reply

__all__ = ["task_reply"]
