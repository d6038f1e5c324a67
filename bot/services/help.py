"""/help, on every platform: what the bot can be told to do."""

from __future__ import annotations

from bot.action import Action, action
from bot.plugin import Plugin
from bot.turn import Turn


@action(name="help", idempotent=True, private=True)
async def tell(turn: Turn, command: str = "") -> str:
    """List the commands of this bot, or explain one, when someone asks what it can do."""
    abilities, name = turn.runtime.abilities, command.strip().removeprefix("/")
    if not name:
        return "\n".join(_line(one) for _, one in sorted(abilities.actions.items()))
    if found := abilities.action(name):
        return "\n".join(filter(None, (found.usage(), found.description)))
    return f"There is no /{name}. All that there is: /help"


def _line(one: Action) -> str:
    """How it is used, and the first line of what it is for."""
    return ": ".join([one.usage(), *one.description.splitlines()[:1]])


plugin = Plugin(name="help", description="/help lists the commands.", actions=(tell,))
