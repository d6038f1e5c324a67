"""The menu of commands that Telegram shows, from the bot's actions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bot.action import Action
from bot.errors import DeliveryError

if TYPE_CHECKING:
    from connectors.telegram.connector import TelegramService

NAME = re.compile(r"[a-z0-9_]{1,32}")
DESCRIPTION, MOST = 256, 100
"""Characters, and commands: https://core.telegram.org/bots/api#botcommand, #setmycommands"""


async def publish(service: TelegramService) -> None:
    """Show the actions in the menu, if it shows others. Without any, it is left as it is.

    A failure is logged: a bot without a menu works.
    """
    actions, logger = service.runtime.abilities.actions.values(), service.runtime.logger
    wanted = menu(actions)
    shown = {one["command"] for one in wanted}
    if left := [one.name for one in actions if one.name not in shown]:
        logger.debug("Telegram: no commands, by name or number", actions=left)
    try:
        if wanted and await _shown(service) != wanted:
            await service.client.ask("setMyCommands", {"commands": wanted})
    except DeliveryError as error:
        logger.warning("Telegram: the menu of commands is not up to date", why=str(error))


async def _shown(service: TelegramService) -> list[dict[str, Any]]:
    """The menu as it is; what Telegram may say of it one day besides is left out."""
    names = ("command", "description")
    found = await service.client.ask("getMyCommands", {})
    shown = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [{name: one.get(name) for name in names} for one in shown]


def menu(actions: Iterable[Action]) -> list[dict[str, Any]]:
    """The actions that can be commands, as the Bot API wants them."""
    named = [one for one in actions if NAME.fullmatch(one.name)]
    return [{"command": one.name, "description": _described(one)} for one in named[:MOST]]


def _described(action: Action) -> str:
    """The first paragraph of what it says of itself, in one line."""
    first = " ".join(action.description.split("\n\n")[0].split()) or action.name
    return first if len(first) <= DESCRIPTION else f"{first[: DESCRIPTION - 1]}…"
