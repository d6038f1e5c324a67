"""One campaign on its way: its audience is frozen, its pumps run, it ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from bot.audience import Account, Accounts, Audience
from bot.campaign import OPEN, Campaign, CampaignState
from bot.campaigns import Slice, Tallies
from bot.errors import Fenced, StoreError, TownhallError
from bot.services.notification.pump import Pump
from bot.store import persist
from bot.value import now

if TYPE_CHECKING:
    from bot.runtime import Runtime

SLICE = 5_000
"""How many recipients are frozen in one commit: others wait for it some 20 ms."""

TICK_SECONDS = 0.1
"""How often the outbox is looked at."""

SLOW_SECONDS = 1.0
"""How often, while nothing may move."""

STUMBLE_SECONDS = 5.0
"""How long to wait after an error that nobody foresaw."""

LONGEST_NAP = 3600.0
"""Clocks are set now and then, so nobody sleeps until a far time in one piece."""

logger = structlog.get_logger("bot.notification")


class Runner:
    """Brings a campaign to its end; while it runs, nobody else writes that campaign.

    Args:
        accounts: what the members of audiences mean here.
        dead_days: how long a room that took no message is left alone.
        withdrawing: held while deliveries are taken out of the outbox.

    Attributes:
        campaign: as it is now.
        pumps: one for each account.
        task: what it does.
        calm: set once nothing leaves any more of what is paused or cancelled.
    """

    def __init__(
        self,
        runtime: Runtime,
        campaign: Campaign,
        accounts: Accounts,
        dead_days: float,
        withdrawing: asyncio.Lock,
    ) -> None:
        self.runtime, self.store, self.campaign = runtime, runtime.store, campaign
        self._accounts, self._dead_days = accounts, dead_days
        self.pumps: dict[Account, Pump] = {}
        self.calm = asyncio.Event()
        self._withdrawing = withdrawing
        self._audience: Audience | None = None
        self._frozen: Slice | None = None
        self._stopping = asyncio.Event()
        self.task = asyncio.create_task(self._run(), name=f"campaign {campaign.id}")

    async def stop(self) -> None:
        """End soon; what is in the outbox stays there."""
        self._stopping.set()
        await self.task

    @property
    def is_moving(self) -> bool:
        """Whether new recipients are taken up."""
        return self.campaign.state in (CampaignState.RUNNING, CampaignState.SCHEDULED)

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
        if self.is_moving and not self._stopping.is_set():
            await self._begin()
        if not self.is_moving:
            await self._calm_down()
        while not self._stopping.is_set():
            froze = self.is_moving and await self._freeze()
            tallies = await self.store.tallies(self.campaign.id)
            moved = await self._step(tallies)
            if self._is_over(tallies):
                await self._end()
                return
            await self._nap(0 if froze else self._tick(moved))

    async def _wait_for_start(self) -> None:
        starts = self.campaign.starts_at
        while self.is_moving and starts and not self._stopping.is_set():
            if (left := (starts - now()).total_seconds()) <= 0:
                return
            await self._nap(min(left, LONGEST_NAP))

    async def _begin(self) -> None:
        """From now on it runs; who its audience is depends on when that was."""
        started = self.campaign.started_at or now()
        if self.campaign.state is not CampaignState.RUNNING or not self.campaign.started_at:
            await self.change(state=CampaignState.RUNNING, started_at=started)
        self._frozen = await self.store.frozen(self.campaign.id)
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

    async def _step(self, tallies: Tallies) -> bool:
        """Let every pump do its part; whether anything moved."""
        for account, counts in tallies.items():
            if account not in self.pumps and any(counts.get(state) for state in OPEN):
                pump = self.pumps[account] = self._pump(account)
                await pump.open()
        steps = (self._pumped(one, tallies) for one in self.pumps.values())
        moved = await asyncio.gather(*steps, return_exceptions=True)
        for failed in (one for one in moved if isinstance(one, BaseException)):
            raise failed
        refused = next((one.refused for one in self.pumps.values() if one.refused), "")
        if refused and self.is_moving:
            logger.error("campaign paused", campaign=str(self.campaign.id), why=refused)
            await self.change(state=CampaignState.PAUSED, reason=refused)
            await self._calm_down()
        return any(moved)

    async def _pumped(self, pump: Pump, tallies: Tallies) -> bool:
        settled = await pump.settle()
        if not self.is_moving or pump.refused:
            return settled
        return await pump.fill(sum(tallies.get(pump.account, {}).values())) or settled

    def _pump(self, account: Account) -> Pump:
        return Pump(self.runtime, self.campaign, account, self._dead_days)

    async def _calm_down(self) -> None:
        """Take back what has not left."""
        tallies = await self.store.tallies(self.campaign.id)
        for account in tallies:
            if account not in self.pumps:
                self.pumps[account] = self._pump(account)
                await self.pumps[account].open()
        async with self._withdrawing:
            for pump in self.pumps.values():
                await pump.withdraw()
        self.calm.set()

    def _is_over(self, tallies: Tallies) -> bool:
        if not self.is_moving:
            return all(pump.is_idle for pump in self.pumps.values())
        is_whole = self._frozen is not None and self._frozen.is_last
        return is_whole and not any(
            counts.get(state) for counts in tallies.values() for state in OPEN
        )

    async def _end(self) -> None:
        if self.is_moving:
            await self.change(state=CampaignState.DONE, ended_at=now(), retracting=False)
            logger.info("campaign done", campaign=str(self.campaign.id))

    async def change(self, **changes: object) -> None:
        """Store the campaign as it is from now on."""
        changed = self.campaign.model_copy(update=changes)
        lease = self.runtime.inbox.lease
        await persist(self.store, lambda c: c.put_campaign(changed), lease)
        self.campaign = changed

    def _tick(self, moved: bool) -> float:
        if moved:
            return TICK_SECONDS / 4
        waiting = bool(self.pumps) and all(one.waits and one.is_idle for one in self.pumps.values())
        return SLOW_SECONDS if waiting else TICK_SECONDS

    async def _nap(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
