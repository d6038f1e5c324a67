"""The runtime: wires the parts, and is what plugins and services talk to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from typing import Any, Self, TypeVar, overload
from uuid import UUID

import structlog

from bot.abilities import Abilities
from bot.capabilities import Capabilities
from bot.character import Character
from bot.cluster import Cluster, Lease
from bot.clusters.alone import Alone
from bot.connector import Connector, account_name
from bot.content import Attachment, Content
from bot.discovery import installed_connectors, installed_plugins, named_plugins
from bot.doors import Doors
from bot.errors import Unavailable
from bot.events import Event
from bot.flights import WIRE_SECONDS
from bot.foreign import foreign
from bot.inbox import Inbox
from bot.media import Media
from bot.memory import Entity, Memory, Room
from bot.messages import Messages
from bot.model import Handler, Models
from bot.outbox import Outbox
from bot.pipeline import Pipeline
from bot.plugin import Plugin
from bot.retention import Retention, RetentionConfig
from bot.sender import Sender
from bot.service import Health, Service, ServiceState
from bot.settings import DEFAULT_ACCOUNT, Settings
from bot.store import Store
from bot.supervisor import Supervised, Supervisor
from bot.turns import Turns

S = TypeVar("S", bound=Service)

STOP_SECONDS = 10.0
"""How long a stop may take; what is not done by then is left to the next start."""


class Runtime:
    """One bot: a character, a store, and the services around them.

    Args:
        character: who the bot is.
        settings: where values come from.
        store: what is durable.
        plugins: what the bot can do besides what is installed and the character names.
        discover: whether plugins that are installed are added.
        connectors: which platforms to speak on; by default those that are set up.

    Attributes:
        arrivals: how many events came, by account and kind; those that were known already, too.
    """

    def __init__(
        self,
        character: Character,
        *,
        settings: Settings,
        store: Store,
        cluster: Cluster | None = None,
        plugins: Iterable[Plugin] = (),
        connectors: Mapping[str, type[Connector]] | None = None,
        discover: bool = True,
    ) -> None:
        self.character, self.settings, self.store = character, settings, store
        self.cluster = cluster or Alone()
        self.lease: Lease | None = None
        self.logger = structlog.get_logger("bot")
        self.abilities, self.models = Abilities(), Models()
        self.arrivals: Counter[tuple[str, str]] = Counter()
        self.messages = Messages(self)
        self.media, self.doors = Media(self._fetch), Doors()
        installed = installed_plugins() if discover else ()
        self.plugins = (*installed, *named_plugins(character.plugins), *plugins)
        self.supervisor = Supervisor(self._changed, redacted=settings.redacted)
        self._kinds = dict(connectors) if connectors is not None else installed_connectors()
        self._stack = AsyncExitStack()

    # its life

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.store)
            await stack.enter_async_context(self.media)
            lease = self.lease = await stack.enter_async_context(self.cluster.lease("bot"))
            self.pipeline = Pipeline(self)
            self.outbox = Outbox(self.store, self.capabilities, self.me, lease)
            self.turns = Turns(self, lease)
            self.inbox = Inbox(self, self.turns, lease)
            stack.push_async_callback(self._stop_work)
            for plugin in self.plugins:
                await self._add(plugin)
            self._queue_services()
            days = self.settings.load(RetentionConfig).days
            await self._start_work()
            await stack.enter_async_context(Retention(self.store, days, lease).at_work())
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def _add(self, plugin: Plugin) -> None:
        self.abilities.add(plugin.actions, plugin.providers, plugin.evaluators, plugin.listeners)
        for model in plugin.models:
            self.register_model(model.type, model.handler, model.provider, model.priority)
        for service in plugin.services:
            self._queue(service)
        try:
            if plugin.init:
                await foreign(plugin.init(self.character.settings, self))
        except Exception:
            self.logger.exception("plugin did not initialise; going on without", plugin=plugin.name)

    def _queue_services(self) -> None:
        wanted = self.character.connectors
        for platform, kind in self._kinds.items():
            accounts = self.settings.accounts(platform, kind.config_type)
            if wanted is not None:
                accounts = (accounts or (DEFAULT_ACCOUNT,)) if platform in wanted else ()
            for account in accounts:
                if account_name(platform, account) not in self.supervisor.services:
                    self._queue_connector(kind, account)

    def _queue(self, kind: type[Service]) -> Supervised:
        if issubclass(kind, Connector):
            self._kinds[kind.platform] = kind
            return self._queue_connector(kind, DEFAULT_ACCOUNT)
        return self.supervisor.register(kind.service_type, kind, partial(kind.start, self))

    def _queue_connector(self, kind: type[Connector], account: str) -> Supervised:
        name = account_name(kind.platform, account)
        one = self.supervisor.register(name, kind, partial(kind.start, self, account))
        self.outbox.senders[kind.platform, account] = Sender(
            self.store, kind.platform, account, one, lease=self.inbox.lease
        )
        return one

    async def _start_work(self) -> None:
        """What an earlier process left goes first: its parts, its events, and then the new."""
        for sender in self.outbox.senders.values():
            await sender.start()
        await self.turns.start()
        await self.supervisor.start()

    async def _stop_work(self) -> None:
        """Accept nothing more, finish what is in hand, say what was decided, log out.

        Each may take half of the time that is left, the last all of it.
        """
        self.logger.info("stopping")
        senders, clock = self.outbox.senders.values(), asyncio.get_running_loop().time
        end = clock() + STOP_SECONDS
        await self.turns.stop((end - clock()) / 2)
        patience = max((end - clock()) / 2 - WIRE_SECONDS, 0.0)  # the wire has its own besides
        await asyncio.gather(*(one.stop(patience) for one in senders))
        await self.supervisor.stop(max(end - clock(), 0.0))

    # services, settings and models

    @overload
    def get_service(self, service: type[S]) -> S | None: ...
    @overload
    def get_service(self, service: str) -> Service | None: ...
    def get_service(self, service: type[S] | str) -> S | Service | None:
        """The running service of that type, or None.

        Args:
            service: its class, or its name: `discord`, `discord/sales`, `notification`.
        """
        name = service if isinstance(service, str) else service.service_type
        one = self.supervisor.services.get(name)
        return one.service if one else None

    def get_all_services(self) -> list[Service]:
        """Every service that runs."""
        return [one.service for one in self.supervisor.services.values() if one.service]

    async def register_service(self, service: type[Service]) -> Service | None:
        """Add a service to a bot that is running; None if it did not start."""
        one = self._queue(service)
        if issubclass(service, Connector):
            await self.outbox.senders[service.platform, DEFAULT_ACCOUNT].start()
        await self.supervisor.launch(one)
        return one.service

    async def health(self) -> dict[str, Health]:
        """How each service fares."""
        return await self.supervisor.health()

    def get_setting(self, name: str, default: Any = None) -> Any:
        """The value of a setting, or `default`."""
        return self.settings.get(name, default)

    def register_model(self, type: str, handler: Handler, provider: str, priority: int = 0) -> None:
        """Add a model; of two for one type, the one with the higher priority is asked first."""
        self.models.register(type, handler, provider, priority)

    async def use_model(self, type: str, params: Any) -> Any:
        """Ask the models of that type, in order of priority; see `Models.use`."""
        return await self.models.use(type, params)

    # messages

    async def deliver(self, *events: Event) -> None:
        """Take events in; see `Deliver`."""
        await self.inbox.deliver(*events)
        self.arrivals.update((account_name(one.platform, one.account), one.kind) for one in events)

    async def send(self, room: Room, content: Content | str) -> UUID:
        """Say something; the id of the delivery, once it is stored.

        Raises:
            ConfigError: no connector speaks for the room's account.
            StoreError: nothing was stored.
        """
        content = Content(text=content) if isinstance(content, str) else content
        return await self.outbox.send(room, content)

    async def keep(self, platform: str, account: str, name: str, value: str | None) -> None:
        """Write a note of an account; see `Connector.keep`."""
        async with self.store.commit(self.lease) as c:
            c.keep(platform, account, name, value)

    async def drain(self) -> None:
        """Return once nothing waits, in or out, but for what was put off for a while."""
        await self.turns.lanes.drain()
        for sender in self.outbox.senders.values():
            await sender.drain()

    def wake(self, room: Room, delivery: UUID | None = None) -> None:
        """Look into the store for what waits in a room, in and out."""
        self.turns.lanes.wake([room.id])
        if sender := self.outbox.sender(room):
            sender.wake(room.id, delivery)

    async def process_actions(
        self, memory: Memory, responses: Iterable[Content] = ()
    ) -> list[Content]:
        """Answer a Memory through the pipeline; what was said in answer.

        Asked again for the same Memory and responses, it is not answered again.

        Args:
            responses: what to say and which actions to run; without any, the model decides.

        Raises:
            ConfigError: nothing was ever stored of its room or its sender.
            TownhallError: it is called from within a turn of the same room.
        """
        return await self.messages.process(memory, tuple(responses))

    def me(self, room: Room) -> Entity:
        """Who the bot is in a room."""
        return Entity(
            platform=room.platform,
            key=f"self/{room.account}",
            name=self.character.name,
            is_bot=True,
        )

    def speaks_in(self, event: Event) -> bool:
        """Whether this bot has a connector, up or down, for the account that was spoken to."""
        return (event.platform, event.account) in self.outbox.senders

    def connector(self, room: Room) -> Connector | None:
        """The connector that speaks in a room, while it runs."""
        service = self.get_service(account_name(room.platform, room.account))
        return service if isinstance(service, Connector) else None

    def kind(self, platform: str) -> type[Connector] | None:
        """The connector of a platform, whether or not one runs."""
        return self._kinds.get(platform)

    def capabilities(self, room: Room) -> Capabilities:
        """What can be done in a room, whether or not its connector runs."""
        return self._kinds[room.platform].capabilities_for(room)

    def _fetch(self, attachment: Attachment) -> AbstractAsyncContextManager[AsyncIterable[bytes]]:
        """Ask the account that holds a file."""
        holder = self.get_service(attachment.holder)
        if not isinstance(holder, Connector):
            raise Unavailable(f"{attachment.holder or 'nobody'}, who has the file, does not run")
        return holder.fetch(attachment)

    def _changed(self, one: Supervised) -> None:
        level = "info" if one.state is ServiceState.RUNNING else "debug"
        getattr(self.logger, level)("service", service=one.name, state=one.state)
