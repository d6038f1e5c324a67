"""What a bot is measured by. It is read where it is kept anyway, and only when somebody asks."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

from bot.campaign import CampaignState
from bot.connector import account_name
from bot.records import EventState, PartState
from bot.service import Status
from bot.value import now

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from bot.store import Store

OPEN_PARTS = (PartState.QUEUED, PartState.SENDING, PartState.AMBIGUOUS)

TURNS = 200
"""Of so many turns, the newest, it is told how long they took."""

QUANTILES = {"0.5": 0.5, "0.95": 0.95, "1": 1.0}

SLOW_SECONDS, SELDOM = 0.1, 100
"""Counting that takes longer than the first is done again after so many times as long."""

CAMPAIGNS = 20
"""So many campaigns are measured one by one, the newest."""

Samples = dict[tuple[str, ...], float]


class Kind(StrEnum):
    """What the value of a figure does."""

    GAUGE = "gauge"
    """It goes up and down."""
    COUNTER = "counter"
    """It grows, and begins anew with the process."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that is measured.

    Args:
        help: what it is, in one sentence.
        labels: what tells its samples apart; each sample has a value for each of them.
    """

    name: str
    help: str
    samples: Samples
    labels: Sequence[str] = ()
    kind: Kind = Kind.GAUGE


class Counts:
    """What the store has. Where there is much, it is counted anew only now and then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: Mapping[str, int] = {}
        self._due = 0.0

    async def read(self) -> Mapping[str, int]:
        """By name, as `Store.counts`; counting takes a hundredth of the time at most.

        Raises:
            StoreError: the store cannot be read.
        """
        begun = time.monotonic()
        if begun >= self._due:
            self._known = await self._store.counts()
            took = time.monotonic() - begun
            self._due = begun + (SELDOM * took if took > SLOW_SECONDS else 0.0)
        return self._known


async def figures(runtime: Runtime, counts: Counts) -> AsyncIterator[Figure]:
    """All of them, as they are now.

    Raises:
        StoreError: the store cannot be read.
    """
    async for figure in _stored(await counts.read()):
        yield figure
    yield _told(runtime)
    yield _models(runtime)
    async for figure in _turns(runtime):
        yield figure
    yield await _outbox(runtime)
    yield _waiting(runtime)
    async for figure in _services(runtime):
        yield figure
    async for figure in _campaigns(runtime):
        yield figure


async def _stored(counts: Mapping[str, int]) -> AsyncIterator[Figure]:
    for name in ("events", "parts"):
        states: Samples = {
            (key.removeprefix(f"{name}."),): float(count)
            for key, count in counts.items()
            if key.startswith(f"{name}.") and key != "parts.ever_ambiguous"
        }
        yield Figure(f"townhall_{name}", f"How many {name} the ledger has.", states, ("state",))
    ambiguous: Samples = {(): float(counts["parts.ever_ambiguous"])}
    yield Figure(
        "townhall_parts_ever_ambiguous", "Parts whose outcome was unknown once.", ambiguous
    )
    memories: Samples = {(): float(counts["memories"])}
    yield Figure("townhall_memories", "What is remembered.", memories)


def _told(runtime: Runtime) -> Figure:
    told: Samples = {one: float(count) for one, count in runtime.arrivals.items()}
    text = "Events that platforms told of, those that were known already, too."
    return Figure("townhall_told", text, told, ("account", "kind"), Kind.COUNTER)


def _models(runtime: Runtime) -> Figure:
    calls: Samples = {one: float(count) for one, count in runtime.models.calls.items()}
    text = "How often each model was asked, and what came of it."
    labels = ("model", "provider", "outcome")
    return Figure("townhall_model_calls", text, calls, labels, Kind.COUNTER)


async def _turns(runtime: Runtime) -> AsyncIterator[Figure]:
    rooms: Samples = {(): float(len(runtime.turns.lanes))}
    yield Figure("townhall_turn_rooms", "Rooms in which turns are due or in hand.", rooms)
    due = [one.received_at for one in await runtime.store.pending(limit=1) if one.received_at]
    waits: Samples = {(): (now() - due[0]).total_seconds() if due else 0.0}
    text = "How long the event that waits longest has waited for its turn."
    yield Figure("townhall_oldest_pending_seconds", text, waits)
    done = await runtime.store.events([EventState.DONE], limit=TURNS)
    took = sorted(
        (one.ended_at - one.received_at).total_seconds()
        for one in done
        if one.ended_at and one.received_at
    )
    seconds: Samples = {
        (name,): took[ceil(share * len(took)) - 1] for name, share in QUANTILES.items() if took
    }
    text = "From an event in the store to its answer in the outbox, of the newest turns."
    yield Figure("townhall_turn_seconds", text, seconds, ("quantile",))


async def _outbox(runtime: Runtime) -> Figure:
    rooms: Samples = {}
    for platform, account in runtime.outbox.senders:
        for state in OPEN_PARTS:
            found = await runtime.store.outbox_rooms(platform, account, [state])
            rooms[account_name(platform, account), state] = len(found)
    text = "Rooms that parts are on their way to."
    return Figure("townhall_outbox_rooms", text, rooms, ("account", "state"))


def _waiting(runtime: Runtime) -> Figure:
    waiting: Samples = {}
    for account, sender in runtime.outbox.senders.items():
        waiting[(account_name(*account),)] = float(sender.waiting)
    text = "Parts that wait until the limits of their account or room let them go."
    return Figure("townhall_parts_waiting", text, waiting, ("account",))


async def _services(runtime: Runtime) -> AsyncIterator[Figure]:
    health = await runtime.health()
    statuses: Samples = {
        (name, status.value): float(one.status is status)
        for name, one in health.items()
        for status in Status
    }
    text = "Whether a service is up, degraded or down."
    yield Figure("townhall_service_status", text, statuses, ("service", "status"))
    restarts: Samples = {
        (name,): float(one.restarts) for name, one in runtime.supervisor.services.items()
    }
    text = "How often a service was started again."
    yield Figure("townhall_service_restarts", text, restarts, ("service",), Kind.COUNTER)


async def _campaigns(runtime: Runtime) -> AsyncIterator[Figure]:
    campaigns = await runtime.store.campaigns(limit=CAMPAIGNS)
    states: Samples = {
        (str(one.id), state.value): float(one.state is state)
        for one in campaigns
        for state in CampaignState
    }
    text = "Which state each of the newest campaigns is in."
    yield Figure("townhall_campaign_state", text, states, ("campaign", "state"))
    recipients: Samples = {}
    for one in campaigns:
        for account, counts in (await runtime.store.tallies(one.id)).items():
            for state, count in counts.items():
                recipients[str(one.id), account_name(*account), state.value] = count
    text = "How many recipients of each of the newest campaigns are in which state."
    labels = ("campaign", "account", "state")
    yield Figure("townhall_campaign_recipients", text, recipients, labels)
