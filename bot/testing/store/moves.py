"""What is true of campaigns when a room gets a new key, as a group that became a supergroup."""

from __future__ import annotations

import pytest

from bot.audience import Audience
from bot.campaign import Recipient, RecipientState
from bot.content import Verb
from bot.memory import Room
from bot.store import Store
from bot.testing.store.campaigns import CHAT, QUEUED, frozen, moved, subscribe
from bot.testing.store.engine import Engine

OLD, NEW = (Room(platform="chat", account="default", key=key) for key in ("old", "new"))
FAILED, SKIPPED = RecipientState.FAILED, RecipientState.SKIPPED


async def recipients(store: Store, *rooms: str, state: RecipientState = QUEUED) -> list[Recipient]:
    """Those of a new campaign, in this order; the last of them in that state."""
    audience = Audience(named=tuple((*CHAT, room) for room in rooms))
    *_, last = await frozen(store, audience)
    async with store.commit() as c:
        c.settle([moved(last, state)])
    return await store.recipients(last.campaign)


async def move(store: Store) -> None:
    """Say that the old room lives on as the new one."""
    async with store.commit() as c:
        c.succeed(OLD, NEW)


class MoveLaws(Engine):
    """One recipient per room, whichever key it is known by, and nothing is said twice."""

    async def test_who_waits_waits_under_the_new_key(self, store: Store) -> None:
        """In their place; another account's room of that name is another room."""
        await subscribe(store, "other", "old", account="sales")
        first, one = await recipients(store, "a", "old")
        [other] = await frozen(store, Audience(topics=("other",)))
        await move(store)
        assert [r.room for r in await store.recipients(one.campaign)] == ["a", "new"]
        assert await store.recipients(other.campaign) == [other]
        assert (await store.recipients(one.campaign))[0] == first
        assert await store.tallies(one.campaign) == {CHAT: {QUEUED: 2}}

    @pytest.mark.parametrize("state", RecipientState)
    async def test_who_has_both_keys_gets_it_once(
        self, store: Store, state: RecipientState
    ) -> None:
        """The recipient of the new key stands for both, whatever became of it."""
        old, new = await recipients(store, "old", "new", state=state)
        await move(store)
        first, second = await store.recipients(old.campaign)
        assert (first.state, first.room, first.reason) == (
            SKIPPED,
            "old",
            "another address is the same room",
        )
        assert second == new
        both = {CHAT: {SKIPPED: 2}} if state is SKIPPED else {CHAT: {state: 1, SKIPPED: 1}}
        assert await store.tallies(old.campaign) == both

    @pytest.mark.parametrize("state", [one for one in RecipientState if one is not QUEUED])
    async def test_what_the_old_key_got_the_new_one_does_not(
        self, store: Store, state: RecipientState
    ) -> None:
        """What is in the outbox keeps the key that its delivery is known by."""
        new, old = await recipients(store, "new", "old", state=state)
        await move(store)
        waiting, served = await store.recipients(old.campaign)
        assert served == old
        assert waiting.state is (QUEUED if state in (FAILED, SKIPPED) else SKIPPED)
        assert waiting.room == new.room

    async def test_of_what_arrived_in_part_nothing_is_said_anew(self, store: Store) -> None:
        """Nor is what is being taken back moved away from what it is about."""
        new, old = await recipients(store, "new", "old")
        for one in (
            moved(old, QUEUED, messages=("m1",), revision=1),
            moved(old, QUEUED, messages=("m1",), verb=Verb.DELETE, revision=1),
        ):
            async with store.commit() as c:
                c.settle([moved(new, QUEUED), one])
            await move(store)
            waiting, begun = await store.recipients(old.campaign)
            assert (waiting.state, begun) == (SKIPPED, one)

    async def test_who_takes_no_messages_takes_none_under_a_new_key(self, store: Store) -> None:
        """Since when, and why, stays known."""
        async with store.commit() as c:
            c.bury(*CHAT, "old", "blocked")
            c.bury(*CHAT, "other", "gone")
        before = await store.dead(*CHAT)
        await move(store)
        after = await store.dead(*CHAT)
        assert after == {"new": before["old"].model_copy(update={"room": "new"})} | {
            "other": before["other"]
        }
