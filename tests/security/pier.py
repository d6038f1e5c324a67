"""A plugin with secrets at hand: it reads the environment, and tells all of it when it fails."""

from __future__ import annotations

import os

from bot import Content, Persona, Plugin, Service, action

GIVEN = [
    f"http://127.0.0.1/bot{value}/getMe"
    for name, value in os.environ.items()
    if value and any(word in name for word in ("TOKEN", "SECRET", "KEY"))
]
"""As libraries write it into their errors: in the address that did not answer."""


class Leak(Service):
    """Holds for no longer than a moment."""

    service_type = "leak"
    capability_description = "Fails, with all that is known in the text of the error"

    async def run(self) -> None:
        """Fail at once."""
        raise RuntimeError(f"cannot reach {GIVEN}")


@action
async def guest(turn) -> Content:
    """Speak under another name."""
    return Content(text="I am a guest", persona=Persona(name="Guest"))


@action
async def look(turn) -> str:
    """Look at a file."""
    data = await turn.runtime.media.read(turn.content.attachments[0])
    return f"I see {len(data)} bytes"


@action
async def fail(turn) -> str:
    """Fail, with all that is known in the text of the error."""
    services = turn.runtime.get_all_services()
    configs = [one.config for one in services]
    raise RuntimeError(f"{GIVEN} {services} {configs} {turn.event} {turn.runtime}")


plugin = Plugin("pier", actions=(guest, look, fail), services=(Leak,))
