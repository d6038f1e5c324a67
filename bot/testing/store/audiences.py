"""What is true of audiences, subscriptions, and those who take no messages."""

from __future__ import annotations

from datetime import timedelta

from bot.audience import Account, Audience
from bot.campaigns import Slice
from bot.memory import Room
from bot.store import Store
from bot.testing.store.campaigns import CHAT, frozen, keys, subscribe
from bot.testing.store.engine import Engine
from bot.value import now


class AudienceLaws(Engine):
    """Everybody who is meant, once."""

    async def test_an_audience_is_frozen_slice_by_slice(self, store: Store) -> None:
        """Addresses, then topics, then rooms: everybody once, whatever the size of a slice."""
        async with store.commit() as c:
            for key in ("e", "a", "f"):
                c.put_room(Room(platform="chat", account="default", key=key))
        await subscribe(store, "news", *"abcd")
        await subscribe(store, "jazz", *"cdx")
        named = (("chat", "default", "d"), ("chat", "default", "z"))
        audience = Audience(named=named, topics=("news", "jazz"), accounts=(CHAT,))
        for size in (1, 2, 100):
            assert keys(await frozen(store, audience, size=size)) == list("dzabcxef")

    async def test_who_is_left_out_is_in_no_slice(self, store: Store) -> None:
        """Addresses, topics and accounts can be left out."""
        await subscribe(store, "news", *"abc")
        await subscribe(store, "news", "s", account="sales")
        await subscribe(store, "quiet", "b")
        audience = Audience(
            named=(("chat", "default", "a"), ("chat", "default", "z")),
            topics=("news",),
            without_named=(("chat", "default", "a"),),
            without_topics=("quiet",),
            without_accounts=(("chat", "sales"),),
        )
        assert keys(await frozen(store, audience)) == ["z", "c"]

    async def test_who_subscribes_later_is_not_in_it(self, store: Store) -> None:
        """An audience is that of its moment."""
        await subscribe(store, "news", "a")
        audience = Audience(topics=("news",), at=now())
        await subscribe(store, "news", "b")
        assert keys(await frozen(store, audience)) == ["a"]

    async def test_closed_rooms_and_threads_are_left_out(self, store: Store) -> None:
        """All rooms of an account are those in which it can speak to everybody."""
        async with store.commit() as c:
            for key, known in (("a", {}), ("b", {"closed": "removed"}), ("c", {"kind": "thread"})):
                c.put_room(Room(platform="chat", account="default", key=key, **known))
        assert keys(await frozen(store, Audience(accounts=(CHAT,)))) == ["a"]

    async def test_an_empty_audience_ends(self, store: Store) -> None:
        """There is one slice, the last, with nobody in it."""
        for audience in (Audience(), Audience(topics=("none",))):
            piece = await store.slice(audience, size=10)
            assert isinstance(piece, Slice)
            assert piece.is_last
            assert await frozen(store, audience) == []

    async def test_an_audience_is_weighed(self, store: Store) -> None:
        """How many there are, and how many of them are known to be dead, by account."""
        await subscribe(store, "news", *"abc")
        await subscribe(store, "news", "s", account="sales")
        async with store.commit() as c:
            c.bury(*CHAT, "b", "blocked")
        audience = Audience(topics=("news",))
        weights, since = dict[Account, tuple[int, int]](), now() - timedelta(days=1)
        piece = await store.slice(audience, size=100)
        while piece:
            for one in await store.weigh(audience, piece, since=since):
                weights[one.account] = (one.recipients, one.skipped)
            piece = await store.slice(audience, piece, size=100)
        assert weights == {CHAT: (3, 1), ("chat", "sales"): (1, 0)}

    async def test_the_dead_are_an_accounts_own(self, store: Store) -> None:
        """With the reason and the time, until they are alive again."""
        async with store.commit() as c:
            for room in "ab":
                c.bury(*CHAT, room, "blocked")
        found = await store.dead(*CHAT, ["a", "z"])
        assert {room: one.reason for room, one in found.items()} == {"a": "blocked"}
        assert await store.dead("chat", "sales") == {}
        async with store.commit() as c:
            c.revive(*CHAT, "a")
        assert list(await store.dead(*CHAT)) == ["b"]

    async def test_lists_are_read_in_pages(self, store: Store) -> None:
        """Who subscribed, once, to which topic, across accounts."""
        await subscribe(store, "news", *"ab", *"ab")
        await subscribe(store, "news", "a", account="sales")
        await subscribe(store, "tag:vip", "a")
        assert await store.topics() == {"news": 3, "tag:vip": 1}
        every = [("chat", "default", "a"), ("chat", "default", "b"), ("chat", "sales", "a")]
        assert await store.subscribers("news", limit=2) == every[:2]
        assert await store.subscribers("news", after=every[1]) == every[2:]
        asked = [every[1], ("chat", "sales", "b")]
        assert await store.subscribed("news", asked) == {every[1]}
        async with store.commit() as c:
            c.unsubscribe("chat", "default", "a", "news")
        assert await store.subscribers("news") == every[1:]
