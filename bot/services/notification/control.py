"""What can be done to campaigns, and the runners of those that are under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Self
from uuid import UUID

from bot.audience import Account, Accounts, Audience
from bot.campaign import Campaign, CampaignState, Recipient, RecipientState, Sweep
from bot.campaigns import Slice
from bot.content import Verb
from bot.errors import TownhallError
from bot.part import Part
from bot.records import PartState
from bot.services.notification.pump import Pump
from bot.services.notification.runner import Manner, Paces, Runner
from bot.value import now

if TYPE_CHECKING:
    from bot.runtime import Runtime

QUEUED, FAILED = RecipientState.QUEUED, RecipientState.FAILED
THERE = (RecipientState.SENT, FAILED, RecipientState.AMBIGUOUS, RecipientState.SKIPPED)
"""Who may have got something: all of it, or some of its parts."""

SKIP_THE_REST = Sweep(states=(QUEUED,), to=RecipientState.SKIPPED, reason="cancelled")
TAKE_BACK = Sweep(states=THERE, to=QUEUED, verb=Verb.DELETE)
TRY_AGAIN = Sweep(states=(FAILED,), to=QUEUED)

Failed = tuple[Recipient, list[Part]]
"""Who failed, and the parts that did."""


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
        self._paces: dict[UUID, Paces] = {}

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Self]:
        """Take up the campaigns that an earlier process left; leave them at the end."""
        await self.look()
        try:
            yield self
        finally:
            await asyncio.gather(*(one.stop() for one in self._runners.values()))

    async def look(self) -> None:
        """Let all campaigns move that have something to do and do not move yet."""
        async with self._lock:
            for one in await self._store.under_way():
                if one not in self._runners and (campaign := await self._store.campaign(one)):
                    self._start(campaign)

    def pumps(self, campaign: UUID) -> Mapping[Account, Pump]:
        """The pumps of a campaign, while it moves."""
        runner = self._runners.get(campaign)
        return runner.pumps if runner else {}

    async def add(self, campaign: Campaign) -> Campaign:
        """Store a new campaign and let it move; if its key is taken, it is the one that has it."""
        async with self._lock:
            await self._write(campaign)
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
            cancelled, at = CampaignState.CANCELLED, now()
            swept = _sweeping(campaign, SKIP_THE_REST)
            return _changed(swept, state=cancelled, ended_at=at, reason="cancelled by hand")

        return await self._act(campaign, act, is_whole=True)

    async def retry_failed(self, campaign: Campaign) -> Campaign:
        """See `NotificationService.retry_failed`."""

        async def act(campaign: Campaign) -> Campaign:
            running, paused = CampaignState.RUNNING, CampaignState.PAUSED
            _allow(campaign, "retried", running, paused, CampaignState.DONE)
            if campaign.retracted or await self._has(campaign, RecipientState.RETRACTED):
                raise TownhallError("this campaign was retracted: nobody is to get it any more")
            await self._remember(campaign)
            await self._reopen(campaign)
            swept = _sweeping(campaign, TRY_AGAIN)
            if campaign.state is CampaignState.DONE:  # those few need not be spread
                return _changed(swept, state=running, ended_at=None, over=0.0)
            return swept

        return await self._act(campaign, act)

    async def retract(self, campaign: Campaign) -> Campaign:
        """See `NotificationService.retract`."""

        async def act(campaign: Campaign) -> Campaign:
            ended = (CampaignState.DONE, CampaignState.CANCELLED)
            _allow(campaign, "retracted", CampaignState.PAUSED, *ended)
            if not campaign.started_at:
                raise TownhallError("it never began: there is nothing to retract")
            await self._remember(campaign)
            await self._close(campaign)
            sweeps = (TAKE_BACK,) if campaign.retracting else (SKIP_THE_REST, TAKE_BACK)
            swept, running = _sweeping(campaign, *sweeps), CampaignState.RUNNING
            told = {"ended_at": None, "reason": "", "retracting": True, "retracted": True}
            return _changed(swept, state=running, **told)

        return await self._act(campaign, act, is_whole=True)

    # inside

    async def _act(
        self,
        campaign: Campaign,
        act: Callable[[Campaign], Awaitable[Campaign]],
        *,
        is_whole: bool = False,
    ) -> Campaign:
        """Change a campaign while nobody else does, and go on with it as it is then.

        Args:
            is_whole: whether nobody is added to its audience from now on.
        """
        async with self._lock:
            if runner := self._runners.pop(campaign.id, None):
                await runner.stop()
            campaign = await self._store.campaign(campaign.id) or campaign
            try:
                changed = await act(campaign)
                await self._write(changed, await self._end(changed) if is_whole else None)
                campaign = changed
            finally:
                await self._run(campaign)
        return campaign

    async def _run(self, campaign: Campaign) -> None:
        """Let a campaign move; what is paused or cancelled only until nothing of it leaves."""
        if campaign.is_moving:
            self._start(campaign)
        elif campaign.sweeps or await self._has(campaign, RecipientState.SENDING):
            await self._start(campaign).calm.wait()

    def _start(self, campaign: Campaign) -> Runner:
        runner = self._runners[campaign.id] = Runner(
            self._runtime,
            campaign,
            self._accounts,
            Manner(
                self._dead_days, self._withdrawing, self._paces.setdefault(campaign.id, Paces())
            ),
        )
        runner.task.add_done_callback(lambda _: self._forget(runner))
        return runner

    def _forget(self, runner: Runner) -> None:
        if self._runners.get(runner.campaign.id) is runner:
            del self._runners[runner.campaign.id]
        if runner.campaign.is_over:
            self._paces.pop(runner.campaign.id, None)

    async def _has(self, campaign: Campaign, state: RecipientState) -> bool:
        tallies = await self._store.tallies(campaign.id)
        return any(counts.get(state) for counts in tallies.values())

    async def _remember(self, campaign: Campaign) -> None:
        """Make sure that it is known who got it.

        Raises:
            TownhallError: it was forgotten.
        """
        first, last = await self._store.places(campaign.id)
        if first == last and await self._store.tallies(campaign.id):
            raise TownhallError("this campaign was so long ago that nobody knows who got it")

    async def _reopen(self, campaign: Campaign) -> None:
        """Let those who failed be tried, whatever is known of their rooms, and only that way."""
        async for page in self._failed(campaign):
            async with self._store.commit(self._runtime.inbox.lease) as c:
                for one, dead in page:
                    c.revive(one.platform, one.account, one.room)
                    anew = f"sent anew as {one.deliveries(2)[1]}"
                    for part in () if one.messages else dead:  # what was begun is gone on with
                        c.mark(part, PartState.DISCARDED, reason=anew)

    async def _close(self, campaign: Campaign) -> None:
        """Let nothing that failed be a dead letter any more, for nobody is to send it."""
        async for page in self._failed(campaign):
            async with self._store.commit(self._runtime.inbox.lease) as c:
                for part in chain.from_iterable(dead for _, dead in page):
                    c.mark(part, PartState.DISCARDED, reason="its campaign was retracted")

    async def _failed(self, campaign: Campaign) -> AsyncIterator[list[Failed]]:
        """Those who failed, with the parts that did, some at a time."""
        after = 0
        while found := await self._store.recipients(campaign.id, (FAILED,), after=after):
            after = found[-1].place
            outs = [await self._store.parts(one.delivery) for one in found]
            dead = [[o.part for o in some if o.state is PartState.FAILED] for some in outs]
            yield list(zip(found, dead, strict=True))

    async def _end(self, campaign: Campaign) -> Slice | None:
        """The slice that ends its audience, if it has no end yet."""
        frozen = await self._store.frozen(campaign.id)
        if frozen and frozen.is_last:
            return None
        return Slice(ordinal=frozen.ordinal + 1 if frozen else 1, source="named", is_last=True)

    async def _write(self, campaign: Campaign, end: Slice | None = None) -> None:
        async with self._store.commit(self._runtime.inbox.lease) as c:
            c.put_campaign(campaign)
            if end:
                c.freeze(campaign.id, Audience(), end)


def beginning(at: datetime | None) -> CampaignState:
    """What a campaign is that begins at a time, or now."""
    later = at is not None and at > now()
    return CampaignState.SCHEDULED if later else CampaignState.RUNNING


def _sweeping(campaign: Campaign, *sweeps: Sweep) -> Campaign:
    """A campaign that has something to do to its recipients, behind what it had to do anyhow."""
    return _changed(campaign, sweeps=(*campaign.sweeps, *sweeps))


def _changed(campaign: Campaign, **changes: object) -> Campaign:
    return campaign.model_copy(update=changes)


def _allow(campaign: Campaign, act: str, *states: CampaignState) -> None:
    if campaign.state not in states:
        allowed = " or ".join(states)
        can = f"; only what is {allowed} can be" if allowed else ""
        raise TownhallError(f"this campaign is {campaign.state} and cannot be {act}{can}")
