"""A mind that answers by rules."""

from __future__ import annotations

from collections.abc import AsyncIterator

from .replies import Call, Message, Prompt, Say


class Rules:
    """Deterministic and stateless: the same prompt gives the same reply."""

    async def reply(self, prompt: Prompt) -> AsyncIterator[Say | Call]:
        """Yield one line of plain spoken English."""
        heard = [m.text for m in prompt.history if isinstance(m, Message) and m.role == "user"]
        if not heard:
            yield Say("Hello. What would you like to talk about?")
        elif not heard[-1].strip():
            yield Say("I did not catch that.")
        else:
            yield Say(f"You said: {heard[-1].strip()}")
