"""Campaigns, their recipients and subscriptions: the writes and the queries."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.audience import Account, Audience
from bot.campaign import OPEN, Campaign, CampaignState, Dead, Recipient, RecipientState, Sweep
from bot.campaigns import CampaignReads, CampaignWrites, Fate, Slice, Tallies, Weight
from bot.content import Verb
from bot.memory import Room
from bot.records import said_by
from bot.stores.sqlite import campaign_sql as sql
from bot.stores.sqlite import rows
from bot.stores.sqlite.accounts import account_key, account_of
from bot.stores.sqlite.audiences import bindings, following, members
from bot.stores.sqlite.campaign_rows import NUMBER, STATES, as_json, fate, numbers, recipient
from bot.stores.sqlite.rows import ROOM, Row, dump, load, micros, moment
from bot.value import legible

UNSERVED = (RecipientState.QUEUED, RecipientState.FAILED, RecipientState.SKIPPED)
"""Where nothing is sent, or on its way."""

TWICE = "another address is the same room"


class CampaignStatements(CampaignWrites):
    """The writes, for a commit."""

    @abstractmethod
    def _write(self, sql: str, *bindings: Any) -> None:
        """Add a statement to the commit."""

    def put_account(self, platform: str, account: str) -> None:
        """See `CampaignWrites.put_account`."""
        self._write(sql.PUT_ACCOUNT, account_key(platform, account))

    def put_campaign(self, campaign: Campaign) -> None:
        """See `CampaignWrites.put_campaign`."""
        row = (campaign.id.bytes, campaign.key, campaign.state, dump(campaign))
        self._write(sql.PUT_CAMPAIGN, *row)

    def freeze(self, campaign: UUID, audience: Audience, slice: Slice) -> None:
        """See `CampaignWrites.freeze`."""
        for account in {named[:2] for named in audience.named} | set(audience.accounts):
            self.put_account(*account)
        given, place = bindings(audience, slice), (campaign.bytes, slice.ordinal)
        self._write(_about_members(sql.FREEZE, audience, slice), *given, *place, _now())
        self._write(sql.COUNT_FROZEN, *place)
        self._write(sql.FROZE, *place, dump(slice))

    def settle(self, recipients: Sequence[Recipient]) -> None:
        """See `CampaignWrites.settle`."""
        for one in recipients:
            self._write(
                sql.SETTLE,
                one.room,
                NUMBER[one.state],
                micros(one.since),
                None if one.verb is Verb.SAY else one.verb,
                one.revision,
                legible(one.reason) or None,
                "\n".join(one.messages) or None,
                one.place,
            )

    def sweep(self, campaign: UUID, sweep: Sweep, until: int) -> None:
        """See `CampaignWrites.sweep`."""
        verb = None if sweep.verb is Verb.SAY else sweep.verb
        told = (NUMBER[sweep.to], _now(), verb, legible(sweep.reason) or None)
        self._write(sql.SWEEP, *told, campaign.bytes, sweep.after, until, numbers(sweep.states))

    def readmit(self, recipient: Recipient) -> None:
        """See `CampaignWrites.readmit`."""
        self._write(sql.READMIT, _now(), recipient.place)
        self._write(sql.RUN_AGAIN, recipient.campaign.bytes)

    def prune_recipients(self, before: datetime, rows: int) -> None:
        """Forget who got campaigns that are over, at most so many."""
        self._write(sql.PRUNE, micros(before), rows)
        self._write(sql.PRUNED)

    def subscribe(self, platform: str, account: str, room: str, topic: str) -> None:
        """See `CampaignWrites.subscribe`."""
        self.put_account(platform, account)
        self._write(sql.PUT_TOPIC, topic)
        self._write(sql.SUBSCRIBE, topic, account_key(platform, account), room, _now())

    def unsubscribe(self, platform: str, account: str, room: str, topic: str) -> None:
        """See `CampaignWrites.unsubscribe`."""
        self._write(sql.UNSUBSCRIBE, topic, account_key(platform, account), room)

    def bury(self, platform: str, account: str, room: str, reason: str) -> None:
        """See `CampaignWrites.bury`."""
        self.put_account(platform, account)
        self._write(sql.BURY, account_key(platform, account), room, legible(reason), _now())

    def revive(self, platform: str, account: str, room: str) -> None:
        """See `CampaignWrites.revive`."""
        self._write(sql.REVIVE, account_key(platform, account), room)

    def move_recipients(self, old: Room, new: Room) -> None:
        """Say that a room lives on as another one, which no campaign writes to twice."""
        keys = new.key, old.key, account_key(old.platform, old.account)
        skipped, unserved = NUMBER[RecipientState.SKIPPED], numbers(UNSERVED)
        self._write(sql.MOVE_DEAD, *keys)
        self._write(sql.MOVE_RECIPIENTS, *keys, skipped, TWICE, _now(), unserved)

    def withdraw(self, recipient: Recipient) -> None:
        """See `CampaignWrites.withdraw`."""
        delivery = recipient.delivery
        for statement in sql.WITHDRAW:
            self._write(statement, delivery.bytes)
        if recipient.verb is Verb.SAY:
            self._write(sql.FORGET_SAID, said_by(delivery).bytes, delivery.bytes)
        self._write(sql.TAKE_BACK, recipient.place, delivery.bytes)


class CampaignQueries(CampaignReads):
    """The queries, for a store."""

    @abstractmethod
    async def _all(self, sql: str, *bindings: Any) -> list[Row]:
        """Every row of one query."""

    async def campaign(self, id: UUID) -> Campaign | None:
        """See `CampaignReads.campaign`."""
        found = await self._all("SELECT data FROM campaigns WHERE id = ?", id.bytes)
        return load(Campaign, found[0][0]) if found else None

    async def campaign_of(self, key: str) -> Campaign | None:
        """See `CampaignReads.campaign_of`."""
        found = await self._all("SELECT data FROM campaigns WHERE key = ?", key)
        return load(Campaign, found[0][0]) if found else None

    async def campaigns(
        self, states: Sequence[CampaignState] = (), *, limit: int = 50
    ) -> list[Campaign]:
        """See `CampaignReads.campaigns`."""
        found = await self._all(
            "SELECT data FROM campaigns WHERE state IN (SELECT value FROM json_each(?))"
            " ORDER BY seq DESC LIMIT ?",
            as_json(list(states or CampaignState)),
            limit,
        )
        return [load(Campaign, data) for (data,) in found]

    async def under_way(self) -> list[UUID]:
        """See `CampaignReads.under_way`."""
        return [UUID(bytes=key) for (key,) in await self._all(sql.UNDER_WAY)]

    async def frozen(self, campaign: UUID) -> Slice | None:
        """See `CampaignReads.frozen`."""
        found = await self._all("SELECT frozen FROM campaigns WHERE id = ?", campaign.bytes)
        return load(Slice, found[0][0]) if found and found[0][0] else None

    async def slice(
        self, audience: Audience, after: Slice | None = None, *, size: int
    ) -> Slice | None:
        """See `CampaignReads.slice`."""
        return await following(self._all, audience, after, size)

    async def weigh(self, audience: Audience, slice: Slice, *, since: datetime) -> list[Weight]:
        """See `CampaignReads.weigh`."""
        statement = _about_members(sql.WEIGH, audience, slice)
        found = await self._all(statement, *bindings(audience, slice), micros(since))
        return [Weight(account_of(name), count, skipped) for name, count, skipped in found]

    async def members(
        self, audience: Audience, slice: Slice, *, limit: int
    ) -> list[tuple[str, str, str]]:
        """See `CampaignReads.members`."""
        statement = _about_members(sql.MEMBERS, audience, slice)
        found = await self._all(statement, *bindings(audience, slice), limit)
        return [(*account_of(name), room) for name, room in found]

    async def recipients(
        self,
        campaign: UUID,
        states: Sequence[RecipientState] = (),
        *,
        account: Account | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> list[Recipient]:
        """See `CampaignReads.recipients`."""
        name = account and account_key(*account)
        wanted: Any = numbers(states or STATES)
        where = sql.BETWEEN
        if name and len(states) == 1 and states[0] in OPEN:
            where, wanted = sql.OPEN_OF, NUMBER[states[0]]
        given = (campaign.bytes, after, limit, name, wanted)
        found = await self._all(f"{sql.RECIPIENT} WHERE c.id = ?1 {where}", *given)
        return [recipient(row) for row in found]

    async def recipient_of(self, delivery: UUID, room: Room) -> Recipient | None:
        """See `CampaignReads.recipient_of`."""
        name = account_key(room.platform, room.account)
        found = await self._all(f"{sql.RECIPIENT}{sql.OF_ROOM}", name, room.key)
        ours = (one for one in map(recipient, found) if delivery in one.tried)
        is_skipped = RecipientState.SKIPPED
        # Of two addresses of one room, one was served.
        return max(ours, key=lambda one: (one.revision, one.state is not is_skipped), default=None)

    async def places(self, campaign: UUID) -> tuple[int, int]:
        """See `CampaignReads.places`."""
        found = await self._all("SELECT first, last FROM campaigns WHERE id = ?", campaign.bytes)
        return (found[0][0], found[0][1]) if found else (0, 0)

    async def tallies(self, campaign: UUID) -> Tallies:
        """See `CampaignReads.tallies`."""
        counts: dict[Account, dict[RecipientState, int]] = {}
        for name, state, count in await self._all(sql.TALLIES, campaign.bytes):
            counts.setdefault(account_of(name), {})[STATES[state]] = count
        return counts

    async def fates(self, deliveries: Sequence[UUID]) -> list[Fate]:
        """See `CampaignReads.fates`."""
        return [fate(row) for row in await self._among(sql.FATES, deliveries)]

    async def rooms_of(self, ids: Sequence[UUID]) -> dict[UUID, Room]:
        """See `CampaignReads.rooms_of`."""
        found = [rows.room(row) for row in await self._among(f"{ROOM} WHERE r.id", ids)]
        return {room.id: room for room in found}

    async def dead(
        self, platform: str, account: str, rooms: Sequence[str] | None = None
    ) -> dict[str, Dead]:
        """See `CampaignReads.dead`."""
        wanted = None if rooms is None else as_json(list(rooms))
        found = await self._all(sql.DEAD, account_key(platform, account), wanted)
        return {
            room: Dead(room=room, reason=reason, since=moment(at)) for room, reason, at in found
        }

    async def topics(self) -> dict[str, int]:
        """See `CampaignReads.topics`."""
        return {str(name): int(count) for name, count in await self._all(sql.TOPICS)}

    async def subscribers(
        self, topic: str, *, after: tuple[str, str, str] = ("", "", ""), limit: int = 1000
    ) -> list[tuple[str, str, str]]:
        """See `CampaignReads.subscribers`."""
        name = account_key(*after[:2]) if after[0] else ""
        found = await self._all(sql.SUBSCRIBERS, topic, name, after[2], limit)
        return [(*account_of(account), room) for account, room in found]

    async def subscribed(
        self, topic: str, rooms: Sequence[tuple[str, str, str]]
    ) -> set[tuple[str, str, str]]:
        """See `CampaignReads.subscribed`."""
        asked = as_json([(account_key(one[0], one[1]), one[2]) for one in rooms])
        found = await self._all(sql.SUBSCRIBED, asked, topic)
        return {(*account_of(account), room) for account, room in found}

    async def _among(self, select: str, ids: Sequence[UUID]) -> list[Row]:
        """Rows of which the last column of `select` is one of `ids`."""
        if not ids:
            return []
        holes = ", ".join("?" * len(ids))
        return await self._all(f"{select} IN ({holes})", *(one.bytes for one in ids))


def _about_members(statement: str, audience: Audience, slice: Slice) -> str:
    return statement.replace(":members", members(audience, slice))


def _now() -> int:
    return time.time_ns() // 1000
