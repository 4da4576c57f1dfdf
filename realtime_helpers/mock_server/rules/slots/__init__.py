"""Tasks by tools: any tool's JSON schema is read, its values are taken out of what was said, and it is called.

heard, dates, times, figures  values in words       schema      a tool and its slots
values, texts                 values for slots      choose      which tool is meant
dialogue                      the state of a talk   speak       what to say, results included
"""

from .dialogue import task_reply

__all__ = ["task_reply"]
