"""What people do with what a bot offers on a simulated Discord: commands and buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.testing.simulator import Said, Simulator
from connectors.discord.simulator.clock import Clock
from connectors.discord.simulator.commands import Commands
from connectors.discord.simulator.components import pressed
from connectors.discord.simulator.desk import EPHEMERAL, Desk
from connectors.discord.simulator.files import Files
from connectors.discord.simulator.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    Interaction,
    Interactions,
)
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import State
from connectors.discord.simulator.webhooks import Webhooks


class Asking(Simulator):
    """Commands and buttons.

    Attributes:
        clock: the time, which can be moved.
        commands: what the bot registered.
        interactions: what people asked for.
        webhooks: what the bot speaks through under other names.
    """

    state: State
    clock: Clock
    commands: Commands
    interactions: Interactions
    webhooks: Webhooks
    _desk: Desk
    _files: Files

    async def __aexit__(self, *exc: object) -> None:
        await super().__aexit__(*exc)
        self._files.close()

    async def command(
        self, room: str, person: str, name: str, arguments: Mapping[str, Any]
    ) -> None:
        """See `Simulator.command`. The bot is given the time to register it.

        Raises:
            TimeoutError: it did not.
        """
        await self.wait_for(lambda _: name in self.commands.known)
        channel, data = self.state.channels[room], self.commands.invocation(name, arguments)
        self.interactions.ask(COMMAND, channel, person, data)

    async def press(self, message: str, person: str, label: str) -> None:
        """See `Simulator.press`.

        Raises:
            KeyError: there is nothing of that label that a bot is told of.
        """
        shown = self._message(message)
        channel = self.state.channels[shown["channel_id"]]
        data = pressed(shown["components"], label)
        self.interactions.ask(COMPONENT, channel, person, data, pressed=shown)

    async def type(self, room: str, person: str, name: str, option: str, typed: Any) -> Interaction:
        """Type an option of a command; its `choices` come with the bot's answer."""
        channel = self.state.channels[room]
        data = self.commands.invocation(name, {option: typed}, focused=option)
        return self.interactions.ask(AUTOCOMPLETE, channel, person, data)

    @property
    def last_asked(self) -> Interaction:
        """The last interaction."""
        return next(reversed(self.interactions.known.values()))

    async def boost(self, tier: int) -> None:
        """Boost the server, up to tier 3: larger files may be sent."""
        self._desk.servers.tier = tier

    def is_hidden(self, message: str) -> bool:
        """Whether only one person sees a message."""
        return bool(self._message(message)["flags"] & EPHEMERAL)

    def amend(self, room: str, message: str, said: Said | None) -> None:
        """A message changed, or is gone."""
        log = self.log[room]
        for place, one in enumerate(log):
            if one.message == message and one.by_bot:
                log[place : place + 1] = [said] if said else []
        self.announce()

    def announce(self) -> None:
        """Something happened that `wait_for` may be waiting for."""
        self._changed.set()

    def _message(self, message: str) -> Json:
        if message in self._desk.hidden:
            return self._desk.hidden[message]
        return self.state.where[message].messages[int(message)]
