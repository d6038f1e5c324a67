"""What can be asked of notifications."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bot.audience import Accounts, shown
from bot.campaign import (
    Campaign,
    CampaignState,
    Imported,
    Preview,
    Progress,
    Quiet,
    Recipient,
    RecipientState,
)
from bot.connector import Connector
from bot.content import Content
from bot.errors import TownhallError
from bot.memory import Room
from bot.part import Priority
from bot.service import Service, ServiceType
from bot.services.notification.addresses import Addresses
from bot.services.notification.clock import zone_of
from bot.services.notification.control import Control, beginning
from bot.services.notification.forecast import is_somebody, preview, progress, unknown
from bot.services.notification.subscriptions import Subscriptions
from bot.settings import Config, setting
from bot.value import now, uid

Name = UUID | str
"""The id of a campaign, or its key."""


class NotificationConfig(Config):
    """How campaigns treat those who cannot be reached."""

    dead_days: Annotated[float, Field(ge=0, le=36_500, allow_inf_nan=False)] = setting(
        "TOWNHALL_DEAD_DAYS",
        default=30.0,
        help="For how many days a campaign skips a room that blocked the bot or is gone. Whoever"
        " writes is no longer skipped.",
    )


class NotificationService(Service):
    """One message to everyone, everywhere, with proof.

    Attributes:
        accounts: what the members of audiences mean here.
        addresses: what is stored of addresses that may hold a password.
        lists: who subscribed to what.
    """

    service_type = ServiceType.NOTIFICATION
    capability_description = "Sends one message to many, on every platform, and knows who got it."
    config_type = NotificationConfig
    config: NotificationConfig

    @asynccontextmanager
    async def lifetime(self) -> AsyncIterator[None]:
        """Take up the campaigns that an earlier process left; leave them at the end."""
        runtime = self.runtime
        self.store = runtime.store
        self.accounts = Accounts(runtime.outbox.senders, self._public)
        self.addresses = Addresses(runtime, self.accounts)
        self.lists = Subscriptions(runtime, self.accounts, self.addresses)
        async with self.store.commit(runtime.inbox.lease) as c:
            for one in runtime.outbox.senders:
                c.put_account(*one)
        for platform, account in runtime.outbox.senders:
            dead = await self.store.dead(platform, account)
            runtime.inbox.dead.update(uid("room", platform, account, room) for room in dead)
        control = Control(runtime, self.accounts, self.config.dead_days)
        async with control.at_work() as self._control:
            yield

    def _public(self, platform: str) -> str:
        kind = self.runtime.kind(platform)
        return kind.public if kind else ""

    # to all default rooms

    async def notify(self, message: Content | str) -> dict[str, int]:
        """Send to the default rooms of every service that supports notifications.

        How many rooms that were, by the name of the account. One that fails leaves the others.
        """
        sent: dict[str, int] = {}
        for service in self.runtime.get_all_services():
            if not (service.supports_notifications and isinstance(service, Connector)):
                continue
            try:
                await service.notify(message)
            except TownhallError as error:
                self.runtime.logger.warning("not notified", service=service.name, why=str(error))
            else:
                sent[service.name] = len(getattr(service.config, "rooms", ()))
        return sent

    # campaigns

    async def broadcast(
        self,
        content: Content | str,
        audience: Sequence[str] | str,
        *,
        without: Sequence[str] = (),
        title: str = "",
        key: str | None = None,
        at: datetime | None = None,
        over: float = 0.0,
        quiet: Quiet | None = None,
        priority: Priority = Priority.BULK,
        by: str = "",
        draft: bool = False,
    ) -> Campaign:
        """Send a message to an audience; the campaign, once it is stored.

        Asked again with the same `key`, it is the campaign that there is.

        Args:
            audience: its members; see `bot/audience.py`. Who is in it is decided at the start.
            without: members that are left out.
            at: when to start, if not now.
            over: how many seconds to spread it over.
            draft: whether it waits for `launch`.

        Raises:
            TownhallError: a member of the audience can be nobody, or there is no such zone.
        """
        members = (audience,) if isinstance(audience, str) else tuple(audience)
        if key and (known := await self.store.campaign_of(key)):
            return known
        if quiet:
            zone_of(quiet)
        members, left_out = await self.addresses.checked(members, without)
        state = CampaignState.DRAFT if draft else beginning(at)
        campaign = Campaign(
            content=Content(text=content) if isinstance(content, str) else content,
            audience=members,
            without=left_out,
            title=title,
            key=key,
            state=state,
            priority=priority,
            by=by,
            starts_at=at,
            over=over,
            quiet=quiet,
            started_at=now() if state is CampaignState.RUNNING else None,
        )
        return await self._control.add(campaign)

    async def preview(
        self,
        content: Content | str,
        audience: Sequence[str] | str,
        *,
        without: Sequence[str] = (),
    ) -> Preview:
        """What a broadcast would be; nothing is stored.

        Raises:
            TownhallError: a member of the audience can be nobody.
        """
        members = (audience,) if isinstance(audience, str) else tuple(audience)
        said = Content(text=content) if isinstance(content, str) else content
        return await preview(self, said, members, tuple(without))

    async def unknown(self, audience: Sequence[str]) -> tuple[str, ...]:
        """The members that name nobody. Nobody is counted, so this is quick.

        Raises:
            TownhallError: one can be nobody.
        """
        return tuple([shown(one) async for one in unknown(self, audience)])

    async def reaches(self, audience: Sequence[str], *, without: Sequence[str] = ()) -> bool:
        """Whether there is anybody in an audience. Nobody is counted, so this is quick.

        Raises:
            TownhallError: a member can be nobody.
        """
        return await is_somebody(self, audience, without)

    async def look(self) -> None:
        """Go on with campaigns that somebody changed past us, as a person at the desk does."""
        await self._control.look()

    async def campaign(self, id_or_key: Name) -> Campaign | None:
        """The campaign with that id or key."""
        number = _id(id_or_key)
        found = await self.store.campaign(number) if number else None
        return found or await self.store.campaign_of(str(id_or_key))

    async def campaigns(self, limit: int = 50) -> list[Campaign]:
        """All campaigns, the newest first."""
        return await self.store.campaigns(limit=limit)

    async def progress(self, id: Name) -> Progress:
        """How far a campaign came.

        Raises:
            TownhallError: there is none.
        """
        campaign = await self._known(id)
        return await progress(self, campaign, self._control.pumps(campaign.id))

    async def recipients(
        self,
        id: Name,
        states: Sequence[RecipientState] = (),
        after: int = 0,
        limit: int = 1000,
    ) -> list[Recipient]:
        """Recipients in `states`, or in any, in order, from behind the place `after`.

        Raises:
            TownhallError: there is no such campaign.
        """
        campaign = await self._known(id)
        return await self.store.recipients(campaign.id, states, after=after, limit=limit)

    # what can be done to a campaign; each raises TownhallError where its state forbids it

    async def launch(self, id: Name) -> Campaign:
        """Start a draft, at its time."""
        return await self._control.launch(await self._known(id))

    async def pause(self, id: Name) -> Campaign:
        """Hold a campaign up; what has not left is taken back."""
        return await self._control.pause(await self._known(id))

    async def resume(self, id: Name) -> Campaign:
        """Go on with a paused campaign."""
        return await self._control.resume(await self._known(id))

    async def cancel(self, id: Name) -> Campaign:
        """End a campaign for good; whoever did not get it is skipped."""
        return await self._control.cancel(await self._known(id))

    async def retry_failed(self, id: Name) -> Campaign:
        """Try again those who failed, and nobody else."""
        return await self._control.retry_failed(await self._known(id))

    async def retract(self, id: Name) -> Campaign:
        """Delete every copy, or edit it where it cannot be deleted any more.

        Whoever did not get it yet is skipped. A copy that stays is listed as sent, with the reason.
        """
        return await self._control.retract(await self._known(id))

    # subscriptions

    async def subscribe(self, room: Room, topic: str = "news") -> bool:
        """Put a room on the list of a topic; whether it was not there before."""
        return await self.lists.subscribe(room, topic)

    async def unsubscribe(self, room: Room, topic: str = "news") -> bool:
        """Take a room off the list of a topic; whether it was there."""
        return await self.lists.unsubscribe(room, topic)

    async def topics(self) -> dict[str, int]:
        """How many rooms are on the list of each topic; a tag's name begins with `tag:`."""
        return await self.store.topics()

    async def subscribers(
        self, topic: str, after: tuple[str, str, str] = ("", "", ""), limit: int = 1000
    ) -> list[tuple[str, str, str]]:
        """Platform, account and room of those on a topic's list, from behind `after`."""
        return await self.store.subscribers(topic, after=after, limit=limit)

    async def import_rows(self, rows: Iterable[tuple[int, str]], topic: str = "news") -> Imported:
        """Put addresses on the list of a topic.

        Args:
            rows: line number and address of each.
        """
        return await self.lists.import_rows(rows, topic)

    async def _known(self, id: Name) -> Campaign:
        if campaign := await self.campaign(id):
            return campaign
        raise TownhallError(f"there is no campaign {id}")


def _id(name: Name) -> UUID | None:
    try:
        return name if isinstance(name, UUID) else UUID(name)
    except ValueError:
        return None
