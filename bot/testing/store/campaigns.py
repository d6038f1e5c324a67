"""What is true of campaigns and their recipients."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import uuid4

from bot.audience import Account, Audience
from bot.campaign import Campaign, CampaignState, Recipient, RecipientState, Sweep
from bot.content import Content, Verb
from bot.memory import Memory, Room
from bot.part import Part, Receipt
from bot.records import Delivery, PartState, said_by
from bot.store import Store
from bot.testing.store.engine import BOT, NOON, Engine

CHAT: Account = ("chat", "default")
QUEUED, SENDING, SENT = RecipientState.QUEUED, RecipientState.SENDING, RecipientState.SENT


def a_campaign(text: str = "hello", **changes: object) -> Campaign:
    """A campaign; a new one each time."""
    told = {"content": Content(text=text), "audience": ("topic:news",), "created_at": NOON}
    return Campaign.model_validate({**told, **changes})


async def put(store: Store, campaign: Campaign) -> Campaign:
    """Store a campaign."""
    async with store.commit() as c:
        c.put_campaign(campaign)
    return campaign


async def subscribe(store: Store, topic: str, *rooms: str, account: str = "default") -> None:
    """Put rooms on the list of a topic."""
    async with store.commit() as c:
        for room in rooms:
            c.subscribe("chat", account, room, topic)


async def frozen(
    store: Store, audience: Audience, campaign: Campaign | None = None, *, size: int = 3
) -> list[Recipient]:
    """All recipients of an audience, frozen slice by slice."""
    campaign = campaign or await put(store, a_campaign())
    last = await store.frozen(campaign.id)
    while piece := await store.slice(audience, last, size=size):
        async with store.commit() as c:
            c.freeze(campaign.id, audience, piece)
        last = piece
    return await store.recipients(campaign.id)


async def enqueue(store: Store, one: Recipient, *, parts: int = 1) -> list[Part]:
    """Put the delivery to a recipient in the outbox."""
    room = Room(platform=one.platform, account=one.account, key=one.room)
    delivery = Delivery(id=one.delivery, room=room, content=Content(text="hello"))
    made = [Part(delivery=delivery.id, ordinal=n, room=room, text="hello") for n in range(parts)]
    async with store.commit() as c:
        c.settle([moved(one, SENDING)])
        c.remember(said(delivery))
        c.enqueue(delivery, made)
    return made


def said(delivery: Delivery) -> Memory:
    """What a delivery says, as the bot remembers it."""
    about = {"room_id": delivery.room.id, "created_at": NOON, "content": delivery.content}
    return Memory(id=delivery.memory, entity_id=BOT.id, **about)


def moved(one: Recipient, state: RecipientState, **changes: object) -> Recipient:
    """A recipient in another state."""
    return one.model_copy(update={"state": state, "since": NOON, **changes})


def keys(recipients: list[Recipient]) -> list[str]:
    """Their rooms."""
    return [one.room for one in recipients]


class CampaignLaws(Engine):
    """A campaign is one, its audience is frozen once, and the counts are always right."""

    async def test_a_campaign_comes_back(self, store: Store) -> None:
        """Every field survives, and its newest state is known."""
        campaign = await put(store, a_campaign(key="k", over=5.0, without=("chat:x",)))
        assert await store.campaign(campaign.id) == campaign == await store.campaign_of("k")
        paused = campaign.model_copy(update={"state": CampaignState.PAUSED, "reason": "so"})
        await put(store, paused)
        assert await store.campaigns() == [paused]
        assert await store.campaigns([CampaignState.DONE]) == []
        assert await store.campaign_of("other") is None

    async def test_a_key_is_taken_once(self, store: Store) -> None:
        """The second campaign of a key is not stored, and the first stays as it was."""
        first, second = a_campaign("one", key="k"), a_campaign("two", key="k")
        await put(store, first)
        await put(store, second)
        assert await store.campaigns() == [first]

    async def test_campaigns_are_listed_newest_first(self, store: Store) -> None:
        """As many as are asked for."""
        stored = [await put(store, a_campaign(str(n))) for n in range(3)]
        assert await store.campaigns(limit=2) == [stored[2], stored[1]]

    async def test_a_slice_is_frozen_once(self, store: Store) -> None:
        """Told again, or out of its order, it changes nothing."""
        await subscribe(store, "news", *"abcd")
        campaign, audience = await put(store, a_campaign()), Audience(topics=("news",))
        first = await store.slice(audience, size=2)
        assert first
        second = await store.slice(audience, first, size=2)
        assert second
        for piece in (second, first, first, second, second):
            async with store.commit() as c:
                c.freeze(campaign.id, audience, piece)
        assert keys(await store.recipients(campaign.id)) == list("abcd")
        assert await store.tallies(campaign.id) == {CHAT: {QUEUED: 4}}
        assert await store.frozen(campaign.id) == second

    async def test_recipients_are_read_by_state_and_account(self, store: Store) -> None:
        """In the order of their places, in pages."""
        await subscribe(store, "news", *"abcd")
        await subscribe(store, "news", "s", account="sales")
        a, *_, s = found = await frozen(store, Audience(topics=("news",)))
        async with store.commit() as c:
            c.settle([moved(a, SENT, messages=("m1", "m2"))])
        all_of = partial(store.recipients, a.campaign)
        assert await all_of(limit=2, after=a.place) == found[1:3]
        assert await all_of([SENT]) == [moved(a, SENT, messages=("m1", "m2"))]
        assert await all_of([QUEUED], account=CHAT) == found[1:4]
        assert await all_of(account=("chat", "sales")) == [s]

    async def test_campaigns_do_not_mix(self, store: Store) -> None:
        """Two that are frozen at the same time have their own recipients."""
        await subscribe(store, "news", *"abcd")
        one, two = await put(store, a_campaign()), await put(store, a_campaign())
        audience = Audience(topics=("news",))
        piece = await store.slice(audience, size=2)
        while piece:
            for campaign in (one, two):
                async with store.commit() as c:
                    c.freeze(campaign.id, audience, piece)
            piece = await store.slice(audience, piece, size=2)
        for campaign in (one, two):
            assert keys(await store.recipients(campaign.id)) == list("abcd")
            assert await store.tallies(campaign.id) == {CHAT: {QUEUED: 4}}

    async def test_the_tallies_follow_every_move(self, store: Store) -> None:
        """Settled or swept, each recipient counts in one state."""
        await subscribe(store, "news", *"abcd")
        a, b, c_, d = await frozen(store, Audience(topics=("news",)))
        async with store.commit() as c:
            c.settle([moved(a, SENT), moved(b, RecipientState.FAILED, reason="no")])
        async with store.commit() as c:
            c.sweep(a.campaign, Sweep(states=(QUEUED,), to=RecipientState.SKIPPED), c_.place)
        counts = {SENT: 1, RecipientState.FAILED: 1, RecipientState.SKIPPED: 1, QUEUED: 1}
        assert await store.tallies(a.campaign) == {CHAT: counts}
        [waiting] = await store.recipients(a.campaign, [QUEUED])
        assert waiting.place == d.place
        assert await store.places(a.campaign) == (a.place - 1, d.place)

    async def test_what_is_swept_is_a_new_delivery(self, store: Store) -> None:
        """Its revision grows, and what was sent stays known."""
        await subscribe(store, "news", "a")
        [a] = await frozen(store, Audience(topics=("news",)))
        async with store.commit() as c:
            c.settle([moved(a, SENT, messages=("m",))])
        async with store.commit() as c:
            c.sweep(a.campaign, Sweep(states=(SENT,), to=QUEUED, verb=Verb.DELETE), a.place)
        [swept] = await store.recipients(a.campaign)
        assert (swept.state, swept.verb, swept.messages) == (QUEUED, Verb.DELETE, ("m",))
        assert swept.delivery != a.delivery

    async def test_where_nothing_arrived_nothing_is_taken_back(self, store: Store) -> None:
        """Who failed is swept only where some of the message is there."""
        await subscribe(store, "news", *"ab")
        a, b = await frozen(store, Audience(topics=("news",)))
        failed = RecipientState.FAILED
        async with store.commit() as c:
            c.settle([moved(a, failed, messages=("m",)), moved(b, failed)])
            back = Sweep(states=(SENT, failed), to=QUEUED, verb=Verb.DELETE)
            c.sweep(a.campaign, back, b.place)
        assert keys(await store.recipients(a.campaign, [QUEUED])) == ["a"]

    async def test_what_has_something_to_do_is_under_way(self, store: Store) -> None:
        """What is to run, what is in the outbox, and who waits in what is cancelled."""
        await subscribe(store, "news", *"ab")
        audience = Audience(topics=("news",))
        run, held, over = [
            await put(store, a_campaign(state=state))
            for state in ("running", "paused", "cancelled")
        ]
        assert await store.under_way() == [run.id]
        [one, _] = await frozen(store, audience, held)
        await frozen(store, audience, over)
        assert await store.under_way() == [run.id, over.id]
        async with store.commit() as c:
            c.settle([moved(one, SENDING)])
            c.sweep(over.id, Sweep(states=(QUEUED,), to=RecipientState.SKIPPED), one.place + 9)
        assert await store.under_way() == [run.id, held.id]

    async def test_who_got_what_is_over_is_forgotten(self, store: Store) -> None:
        """Old rows of finished campaigns go; the numbers stay, and no place is given twice."""
        await subscribe(store, "news", *"ab")
        over, held, later = [
            await put(store, a_campaign(state=state, ended_at=NOON))
            for state in ("done", "paused", "done")
        ]
        audience = Audience(topics=("news",))
        for one in (over, held, later):
            await frozen(store, audience, one)
            async with store.commit() as c:
                c.settle([moved(o, SENT) for o in await store.recipients(one.id)])
        for _ in range(2):
            async with store.commit() as c:
                c.prune(NOON + timedelta(seconds=1), 100)
        left = [len(await store.recipients(one.id)) for one in (over, held, later)]
        assert left == [0, 2, 1]
        assert await store.tallies(over.id) == {CHAT: {SENT: 2}}
        first, last = await store.places(over.id)
        assert first == last
        again = await frozen(store, audience)
        assert [one.place for one in again] == [7, 8]

    async def test_a_delivery_tells_its_recipient(self, store: Store) -> None:
        """Every one that it ever had; if it goes on with one, its campaign does, too."""
        await subscribe(store, "news", "a")
        campaign = await put(store, a_campaign(state="done"))
        [one] = await frozen(store, Audience(topics=("news",)), campaign)
        room = Room(platform="chat", account="default", key="a")
        assert await store.recipient_of(one.delivery, room) == one
        failed = moved(one, RecipientState.FAILED, revision=1)
        async with store.commit() as c:
            c.settle([failed])
        for delivery in (one.delivery, failed.delivery):
            assert await store.recipient_of(delivery, room) == failed
        assert await store.recipient_of(uuid4(), room) is None
        async with store.commit() as c:
            c.readmit(failed)
        [again] = await store.recipients(campaign.id)
        assert again.state is SENDING
        assert (await store.campaign(campaign.id)).state is CampaignState.RUNNING  # type: ignore[union-attr]

    async def test_fates_are_those_of_the_parts(self, store: Store) -> None:
        """State, message and reason of each part, in order."""
        await subscribe(store, "news", "a")
        [a] = await frozen(store, Audience(topics=("news",)))
        first, second = await enqueue(store, a, parts=2)
        async with store.commit() as c:
            c.mark(first, PartState.SENT, receipt=Receipt(message="m1"))
            c.mark(second, PartState.QUEUED, reason="slow", due=NOON)
        fates = await store.fates([a.delivery])
        assert [(one.ordinal, one.state, one.message, one.reason, one.due) for one in fates] == [
            (0, "sent", "m1", None, None),
            (1, "queued", None, "slow", NOON),
        ]
        assert await store.fates([]) == []

    async def test_what_has_not_left_is_withdrawn(self, store: Store) -> None:
        """It is as if it had never been said, and comes back as a new delivery."""
        await subscribe(store, "news", *"ab")
        a, b = await frozen(store, Audience(topics=("news",)))
        await enqueue(store, a, parts=2)
        [part] = await enqueue(store, b)
        async with store.commit() as c:
            c.mark(part, PartState.SENDING)
        async with store.commit() as c:
            for one in (a, b):
                c.withdraw(one)
        assert await store.delivery(a.delivery) is None
        assert await store.memory(said_by(a.delivery)) is None
        assert await store.memory(said_by(b.delivery))
        assert [one.delivery for one in await store.fates([a.delivery, b.delivery])] == [b.delivery]
        back, begun = await store.recipients(a.campaign)
        assert (back.state, back.revision, begun.state) == (QUEUED, a.revision + 1, SENDING)

    async def test_rooms_are_found_by_their_ids(self, store: Store) -> None:
        """Those that are known."""
        room, other = (Room(platform="chat", account="default", key=key) for key in "ab")
        async with store.commit() as c:
            c.put_room(room)
        assert await store.rooms_of([room.id, other.id]) == {room.id: room}
