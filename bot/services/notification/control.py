"""What can be done to campaigns, and the runners of those that are under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from bot.audience import Account, Accounts, Audience
from bot.campaign import Campaign, CampaignState, RecipientState
from bot.campaigns import Slice
from bot.commit import Commit
from bot.content import Verb
from bot.errors import TownhallError
from bot.services.notification.pump import Pump
from bot.services.notification.runner import Runner
from bot.value import now

if TYPE_CHECKING:
    from bot.runtime import Runtime

SWEEP = 10_000
"""How many recipients one commit brings into another state."""

UNDER_WAY = (
    CampaignState.RUNNING,
    CampaignState.SCHEDULED,
    CampaignState.PAUSED,
    CampaignState.CANCELLED,
)
"""States in which something may still be in the outbox."""


class Control:
    """Changes campaigns. While one has a runner, only that writes it: so it is stopped first.

    Args:
        dead_days: how long a room that took no message is left alone.
    """

    def __init__(self, runtime: Runtime, accounts: Accounts, dead_days: float) -> None:
        self._runtime, self._store = runtime, runtime.store
        self._accounts, self._dead_days = accounts, dead_days
        self._lock, self._withdrawing = asyncio.Lock(), asyncio.Lock()
        self._runners: dict[UUID, Runner] = {}

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Self]:
        """Take up the campaigns that an earlier process left; leave them at the end."""
        for campaign in await self._store.campaigns(UNDER_WAY, limit=1_000):
            await self._run(campaign)
        try:
            yield self
        finally:
            await asyncio.gather(*(one.stop() for one in self._runners.values()))

    def pumps(self, campaign: UUID) -> Mapping[Account, Pump]:
        """The pumps of a campaign, while it moves."""
        runner = self._runners.get(campaign)
        return runner.pumps if runner else {}

    async def add(self, campaign: Campaign) -> Campaign:
        """Store a new campaign and let it move; if its key is taken, it is the one that has it."""
        await self._write(lambda c: c.put_campaign(campaign))
        if campaign.key:
            known = await self._store.campaign_of(campaign.key)
            if known and known.id != campaign.id:
                return known
        await self._run(campaign)
        return campaign

    async def launch(self, campaign: Campaign) -> Campaign:
        """See `NotificationService.launch`."""

        async def act(campaign: Campaign) -> Campaign:
            _allow(campaign, "launched", CampaignState.DRAFT)
            state = beginning(campaign.starts_at)
            is_now = state is CampaignState.RUNNING
            return _changed(campaign, state=state, started_at=now() if is_now else None)

        return await self._act(campaign, act)

    async def pause(self, campaign: Campaign) -> Campaign:
        """See `NotificationService.pause`."""

        async def act(campaign: Campaign) -> Campaign:
            _allow(campaign, "paused", CampaignState.RUNNING, CampaignState.SCHEDULED)
            return _changed(campaign, state=CampaignState.PAUSED, reason="paused by hand")

        return await self._act(campaign, act)

    async def resume(self, campaign: Campaign) -> Campaign:
        """See `NotificationService.resume`."""

        async def act(campaign: Campaign) -> Campaign:
            _allow(campaign, "resumed", CampaignState.PAUSED)
            running = CampaignState.RUNNING
            state = running if campaign.started_at else beginning(campaign.starts_at)
            return _changed(campaign, state=state, reason="")

        return await self._act(campaign, act)

    async def cancel(self, campaign: Campaign) -> Campaign:
        """See `NotificationService.cancel`."""

        async def act(campaign: Campaign) -> Campaign:
            if campaign.is_over:
                _allow(campaign, "cancelled")
            if campaign.retracting:
                raise TownhallError("this campaign is being retracted: pause it instead")
            return _changed(
                campaign, state=CampaignState.CANCELLED, ended_at=now(), reason="cancelled by hand"
            )

        campaign = await self._act(campaign, act)
        await self._skip_the_rest(campaign)
        return campaign

    async def retry_failed(self, campaign: Campaign) -> Campaign:
        """See `NotificationService.retry_failed`."""

        async def act(campaign: Campaign) -> Campaign:
            running, paused = CampaignState.RUNNING, CampaignState.PAUSED
            _allow(campaign, "retried", running, paused, CampaignState.DONE)
            await self._sweep(campaign, (RecipientState.FAILED,), RecipientState.QUEUED)
            state = paused if campaign.state is paused else running
            return _changed(campaign, state=state, ended_at=None)

        return await self._act(campaign, act)

    async def retract(self, campaign: Campaign) -> Campaign:
        """See `NotificationService.retract`."""

        async def act(campaign: Campaign) -> Campaign:
            ended = (CampaignState.DONE, CampaignState.CANCELLED)
            _allow(campaign, "retracted", CampaignState.PAUSED, *ended)
            if not campaign.retracting:
                await self._skip_the_rest(campaign)
            there, again = (RecipientState.SENT,), RecipientState.QUEUED
            await self._sweep(campaign, there, again, verb=Verb.DELETE)
            running = CampaignState.RUNNING
            return _changed(campaign, state=running, ended_at=None, reason="", retracting=True)

        return await self._act(campaign, act)

    # inside

    async def _act(
        self, campaign: Campaign, act: Callable[[Campaign], Awaitable[Campaign]]
    ) -> Campaign:
        """Change a campaign while nobody else does, and go on with it as it is then."""
        async with self._lock:
            if runner := self._runners.pop(campaign.id, None):
                await runner.stop()
            changed = await self._store.campaign(campaign.id) or campaign
            try:
                changed = await act(changed)
                await self._write(lambda c: c.put_campaign(changed))
            finally:
                await self._run(changed)
        return changed

    async def _run(self, campaign: Campaign) -> None:
        """Let a campaign move; what is paused or cancelled only until nothing of it leaves."""
        if campaign.state not in UNDER_WAY:
            return
        moves = campaign.state in (CampaignState.RUNNING, CampaignState.SCHEDULED)
        tallies = {} if moves else await self._store.tallies(campaign.id)
        if moves or any(counts.get(RecipientState.SENDING) for counts in tallies.values()):
            runner = self._runners[campaign.id] = Runner(
                self._runtime, campaign, self._accounts, self._dead_days, self._withdrawing
            )
            runner.task.add_done_callback(lambda _: self._forget(runner))
            if not moves:
                await runner.calm.wait()

    def _forget(self, runner: Runner) -> None:
        if self._runners.get(runner.campaign.id) is runner:
            del self._runners[runner.campaign.id]

    async def _skip_the_rest(self, campaign: Campaign) -> None:
        """Nobody is added to the audience any more, and whoever waits is skipped."""
        frozen = await self._store.frozen(campaign.id)
        if frozen is None or not frozen.is_last:
            ordinal = frozen.ordinal + 1 if frozen else 1
            end = Slice(ordinal=ordinal, source="named", is_last=True)
            nobody = Audience()
            await self._write(lambda c: c.freeze(campaign.id, nobody, end))
        queued, skipped = (RecipientState.QUEUED,), RecipientState.SKIPPED
        await self._sweep(campaign, queued, skipped, reason="cancelled")

    async def _sweep(
        self,
        campaign: Campaign,
        states: Sequence[RecipientState],
        to: RecipientState,
        *,
        verb: Verb = Verb.SAY,
        reason: str = "",
    ) -> None:
        """Bring all recipients from `states` into another, a slice at a time."""
        first, last = await self._store.places(campaign.id)
        for after in range(first, last, SWEEP):
            until = min(after + SWEEP, last)
            async with self._store.commit(self._runtime.inbox.lease) as c:
                c.sweep(campaign.id, states, to, after=after, until=until, verb=verb, reason=reason)

    async def _write(self, write: Callable[[Commit], object]) -> None:
        async with self._store.commit(self._runtime.inbox.lease) as c:
            write(c)


def beginning(at: datetime | None) -> CampaignState:
    """What a campaign is that begins at a time, or now."""
    later = at is not None and at > now()
    return CampaignState.SCHEDULED if later else CampaignState.RUNNING


def _changed(campaign: Campaign, **changes: object) -> Campaign:
    return campaign.model_copy(update=changes)


def _allow(campaign: Campaign, act: str, *states: CampaignState) -> None:
    if campaign.state not in states:
        allowed = " or ".join(states)
        can = f"; only what is {allowed} can be" if allowed else ""
        raise TownhallError(f"this campaign is {campaign.state} and cannot be {act}{can}")
