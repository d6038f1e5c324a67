"""A plugin with actions in which secrets are at hand."""

from __future__ import annotations

from bot import Content, Persona, Plugin, action


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
    raise RuntimeError(f"{services} {[one.config for one in services]} {turn.event} {turn.runtime}")


plugin = Plugin("pier", actions=(guest, look, fail))
