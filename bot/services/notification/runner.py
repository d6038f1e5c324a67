"""One campaign on its way: its audience is frozen, its pumps run, it ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.audience import Account, Accounts, Audience
from bot.campaign import OPEN, Campaign, CampaignState, RecipientState, Sweep
from bot.campaigns import Slice, Tallies
from bot.commit import Commit
from bot.errors import Fenced, StoreError, TownhallError
from bot.services.notification.clock import Spread
from bot.services.notification.pump import Pump
from bot.store import persist
from bot.value import now

if TYPE_CHECKING:
    from bot.runtime import Runtime

SLICE = 5_000
"""How many recipients are frozen in one commit: others wait for it some 20 ms."""

SWEEP = 10_000
"""How many recipients one commit brings into another state."""

TICK_SECONDS = 0.1
"""How often the outbox is looked at."""

SLOW_SECONDS = 1.0
"""How often, while nothing may move."""

STUMBLE_SECONDS = 5.0
"""How long to wait after an error that nobody foresaw."""

LONGEST_NAP = 3600.0
"""Clocks are set now and then, so nobody sleeps until a far time in one piece."""

Paces = dict[Account, Spread]
"""How the recipients of each account are spread over a time."""

logger = structlog.get_logger("bot.notification")


@dataclass(frozen=True, slots=True)
class Manner:
    """What the runners of one campaign have in common.

    Args:
        dead_days: how long a room that took no message is left alone.
        withdrawing: held while deliveries are taken out of the outbox.
        paces: kept from one runner to the next, so that a pause and a resume hurry nobody.
    """

    dead_days: float
    withdrawing: asyncio.Lock
    paces: Paces


class Runner:
    """Brings a campaign to its end; while it runs, nobody else writes that campaign.

    Args:
        accounts: what the members of audiences mean here.

    Attributes:
        campaign: as it is now.
        pumps: one for each account.
        task: what it does.
        calm: set once nothing leaves any more of what is paused or cancelled.
    """

    def __init__(
        self, runtime: Runtime, campaign: Campaign, accounts: Accounts, manner: Manner
    ) -> None:
        self.runtime, self.store, self.campaign = runtime, runtime.store, campaign
        self._accounts, self._manner = accounts, manner
        self.pumps: dict[Account, Pump] = {}
        self.calm = asyncio.Event()
        self._audience: Audience | None = None
        self._frozen: Slice | None = None
        self._is_new = False
        self._stopping = asyncio.Event()
        self.task = asyncio.create_task(self._run(), name=f"campaign {campaign.id}")

    async def stop(self) -> None:
        """End soon; what is in the outbox stays there."""
        self._stopping.set()
        await self.task

    async def _run(self) -> None:
        try:
            await self._try()
        finally:
            self.calm.set()

    async def _try(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._go()
            except Fenced:
                return
            except StoreError as error:
                logger.warning("a campaign waits for the store", why=str(error))
                await self._nap(SLOW_SECONDS)
            except Exception:
                logger.exception("a campaign stumbled", campaign=str(self.campaign.id))
                await self._nap(STUMBLE_SECONDS)
            else:
                return

    async def _go(self) -> None:
        await self._wait_for_start()
        if self.campaign.is_moving and not self._stopping.is_set():
            await self._begin()
        if not self.campaign.is_moving:
            await self._withdraw()
        await self._sweep()
        if not self.campaign.is_moving:
            self.calm.set()
        while not self._stopping.is_set():
            froze = self.campaign.is_moving and await self._freeze()
            tallies = await self.store.tallies(self.campaign.id)
            moved = await self._step(tallies)
            if self._is_over(tallies):
                await self._end()
                return
            await self._nap(0 if froze else self._tick(moved))

    async def _wait_for_start(self) -> None:
        is_later = self.campaign.state is CampaignState.SCHEDULED
        starts = self.campaign.starts_at if is_later else None
        while starts and not self._stopping.is_set():
            if (left := (starts - now()).total_seconds()) <= 0:
                return
            await self._nap(min(left, LONGEST_NAP))

    async def _begin(self) -> None:
        """From now on it runs; who its audience is depends on when that was."""
        started = self.campaign.started_at or now()
        if self.campaign.state is not CampaignState.RUNNING or not self.campaign.started_at:
            await self.change(state=CampaignState.RUNNING, started_at=started)
        self._frozen = await self.store.frozen(self.campaign.id)
        self._is_new = self._frozen is None
        if self._frozen and self._frozen.is_last:
            return
        try:
            found = self._accounts.audience(self.campaign.audience, self.campaign.without)
        except TownhallError as error:
            await self.change(state=CampaignState.PAUSED, reason=str(error))
            return
        self._audience = found.model_copy(update={"at": started})

    async def _freeze(self) -> bool:
        """Make recipients of the next slice of the audience; whether there was one."""
        audience = self._audience
        if audience is None or (self._frozen and self._frozen.is_last):
            return False
        following = await self.store.slice(audience, self._frozen, size=SLICE)
        if following is None:
            return False
        await persist(
            self.store,
            lambda c: c.freeze(self.campaign.id, audience, following),
            self.runtime.inbox.lease,
        )
        self._frozen = following
        return True

    async def _sweep(self) -> None:
        """Do what is to be done to recipients; what is left when it stops is written down."""
        first, last = await self.store.places(self.campaign.id)
        while self.campaign.sweeps and not self._stopping.is_set():
            sweep, *rest = self.campaign.sweeps
            until = min(max(sweep.after, first) + SWEEP, last)
            left = [sweep.model_copy(update={"after": until})] if until < last else []
            await self.change(swept=(sweep, until), sweeps=(*left, *rest))

    async def _step(self, tallies: Tallies) -> bool:
        """Let every pump do its part; whether anything moved."""
        for account, counts in tallies.items():
            if account not in self.pumps and any(counts.get(state) for state in OPEN):
                self.pumps[account] = self._pump(account)
            pump = self.pumps.get(account)
            if pump and pump.in_flight != counts.get(RecipientState.SENDING, 0):
                await pump.open()  # an earlier process left them, or somebody resent one by hand
        steps = (self._pumped(one, tallies) for one in self.pumps.values())
        moved = await asyncio.gather(*steps, return_exceptions=True)
        for failed in (one for one in moved if isinstance(one, BaseException)):
            raise failed
        refused = next((one.refused for one in self.pumps.values() if one.refused), "")
        if refused and self.campaign.is_moving:
            logger.error("campaign paused", campaign=str(self.campaign.id), why=refused)
            await self.change(state=CampaignState.PAUSED, reason=refused)
            await self._withdraw()
            self.calm.set()
        return any(moved)

    async def _pumped(self, pump: Pump, tallies: Tallies) -> bool:
        settled = await pump.settle()
        if not self.campaign.is_moving or pump.refused:
            return settled
        return await pump.fill(sum(tallies.get(pump.account, {}).values())) or settled

    def _pump(self, account: Account) -> Pump:
        spread = self._manner.paces.setdefault(account, Spread(self.campaign.over))
        days = self._manner.dead_days
        return Pump(self.runtime, self.campaign, account, spread, days, is_new=self._is_new)

    async def _withdraw(self) -> None:
        """Take back what has not left."""
        tallies = await self.store.tallies(self.campaign.id)
        for account in tallies:
            if account not in self.pumps:
                self.pumps[account] = self._pump(account)
                await self.pumps[account].open()
        async with self._manner.withdrawing:
            for pump in self.pumps.values():
                await pump.withdraw()

    def _is_over(self, tallies: Tallies) -> bool:
        if not self.campaign.is_moving:
            return not any(pump.in_flight for pump in self.pumps.values())
        is_whole = self._frozen is not None and self._frozen.is_last
        return is_whole and not any(
            counts.get(state) for counts in tallies.values() for state in OPEN
        )

    async def _end(self) -> None:
        if self.campaign.is_moving:
            await self.change(state=CampaignState.DONE, ended_at=now(), retracting=False)
            logger.info("campaign done", campaign=str(self.campaign.id))

    async def change(self, swept: tuple[Sweep, int] | None = None, **changes: object) -> None:
        """Store the campaign as it is from now on.

        Args:
            swept: a sweep, and up to which place it is done in the same commit.
        """
        changed = self.campaign.model_copy(update=changes)

        def write(c: Commit) -> None:
            if swept:
                c.sweep(changed.id, *swept)
            c.put_campaign(changed)

        await persist(self.store, write, self.runtime.inbox.lease)
        self.campaign = changed

    def _tick(self, moved: bool) -> float:
        pumps = self.pumps.values()
        if moved:  # once nothing is left in the outbox, it is likely to be over
            return TICK_SECONDS / 4 if any(one.in_flight for one in pumps) else 0.0
        waiting = bool(pumps) and all(one.waits and not one.in_flight for one in pumps)
        return SLOW_SECONDS if waiting else TICK_SECONDS

    async def _nap(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
