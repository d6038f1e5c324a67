"""The ledger: what became of one message, put together from what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from bot.campaign import Campaign
from bot.connector import Connector
from bot.events import Event, EventKind
from bot.flood import own_lane
from bot.memory import Memory
from bot.records import Act, Delivery, EventState, Outgoing, PartState, Step, Stored
from bot.store import Store
from bot.turn import delivery_id
from bot.value import Value

UNKNOWN_PARTS = (PartState.AMBIGUOUS, PartState.HELD)
GIVEN_UP_EVENTS = (EventState.DEAD, EventState.AMBIGUOUS)
GIVEN_UP_PARTS = (PartState.FAILED, PartState.HELD)
"""The states in which a person should look."""

LEAVING = (PartState.QUEUED, PartState.SENDING, PartState.AMBIGUOUS)
"""The states of what holds up all that is behind it in its room."""

CHANGES = frozenset({EventKind.EDIT, EventKind.DELETE})

GAP = 8
"""How many replies in a row are looked for in vain before there are no more. One without anything
that can be seen has a number and is not stored."""

MANY = 1_000
"""How many events before one are counted."""


class Queue(Value):
    """Where an event waits for its turn.

    Args:
        is_own: whether its sender said too much, and waits in a lane of their own.
        before: how many events are handled first; `MANY` stands for any number from there on.
    """

    is_own: bool
    before: int


class Reply(Value):
    """A delivery, and what became of it part by part.

    Args:
        campaign: whose copy it is, or takes back, where it is a campaign's.
        behind: what leaves to its room first, as long as it waits; no more than `MANY`.
    """

    delivery: Delivery
    parts: tuple[Outgoing, ...]
    campaign: Campaign | None = None
    behind: tuple[Outgoing, ...] = ()


class Story(Value):
    """All that is known of one message.

    Args:
        event: what brought it; None where we spoke of our own accord.
        queue: where that waits, as long as it does.
        memory: what it says now.
        changes: its edits and its deletion, in order of arrival.
        steps: the log of its turn.
        replies: what was said in answer, or of our own accord; of a campaign, all that one of its
            recipients was sent.
        acts: what people did about it.
        asked: the delivery that was asked about, where that was one of ours.
    """

    event: Stored | None = None
    queue: Queue | None = None
    memory: Memory | None = None
    changes: tuple[Stored, ...] = ()
    steps: tuple[Step, ...] = ()
    replies: tuple[Reply, ...] = ()
    acts: tuple[Act, ...] = ()
    asked: UUID | None = None

    @property
    def is_given_up(self) -> bool:
        """Whether a person should look: the event or one of the parts was put aside."""
        parts = (out.state for reply in self.replies for out in reply.parts)
        return bool(
            (self.event and self.event.state in GIVEN_UP_EVENTS)
            or any(state in GIVEN_UP_PARTS for state in parts)
        )


Traces = tuple[Sequence[Stored], Sequence[Delivery]]


async def why(
    store: Store, message: str, connectors: Iterable[type[Connector]] = ()
) -> tuple[Story, ...]:
    """The stories of a message: of each account that knows it; none where nobody does.

    Asked about a message of ours, it tells of the one that it answered.

    Args:
        message: the id of a Memory or a delivery, the key of an event, a platform's reference of
            the message, or its link.
        connectors: those who can read links.
    """
    events, deliveries = await _find(store, message, connectors)
    told = [one for one in events if one.event.kind not in CHANGES] or events[:1]
    stories = [await _of_event(store, one) for one in told]
    stories += [await _of_delivery(store, one) for one in deliveries]
    return tuple(stories)


# what was asked about


async def _find(store: Store, message: str, connectors: Iterable[type[Connector]]) -> Traces:
    if (known := _as_id(message)) and any(found := await _by_id(store, known)):
        return found
    if event := await store.event(message):
        return [event], []
    events, deliveries = await _by_reference(store, message)
    for connector in connectors:
        if reference := connector.message_of(message):
            more = await _by_reference(store, reference)
            events += [one for one in more[0] if one.event.platform == connector.platform]
            deliveries += [one for one in more[1] if one.room.platform == connector.platform]
    return events, deliveries


async def _by_reference(store: Store, reference: str) -> tuple[list[Stored], list[Delivery]]:
    return await store.events_of(reference), await store.deliveries_of(reference)


async def _by_id(store: Store, id: UUID) -> Traces:
    if delivery := await store.delivery(id):
        return [], [delivery]
    found = [await _by_reference(store, one) for one in await store.messages(id)]
    events = {one.seq: one for more, _ in found for one in more if one.event.memory_id == id}
    deliveries = {one.id: one for _, more in found for one in more if one.memory == id}
    if not (events or deliveries) and (memory := await store.memory(id)):
        return [], await _unsent(store, memory)
    return list(events.values()), list(deliveries.values())


async def _unsent(store: Store, memory: Memory) -> list[Delivery]:
    """The delivery of a Memory that no platform has a message of yet, if it is an answer."""
    if memory.content.in_reply_to is None:
        return []
    events, _ = await _by_id(store, memory.content.in_reply_to)
    answers = [reply.delivery for one in events for reply in await _replies(store, one.event)]
    return [one for one in answers if one.memory == memory.id]


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# its story


async def _of_event(store: Store, stored: Stored, asked: UUID | None = None) -> Story:
    event = stored.event
    replies = tuple(await _replies(store, event))
    others = await store.events_of(event.message) if event.message else []
    return Story(
        event=stored,
        queue=await _queue(store, stored),
        memory=await store.memory(event.memory_id) if event.memory_id else None,
        changes=tuple(one for one in others if _changes(one, stored)),
        steps=tuple(await store.steps(stored.seq)),
        replies=replies,
        acts=await _acts(store, event.key, *(str(one.delivery.id) for one in replies)),
        asked=asked,
    )


async def _queue(store: Store, stored: Stored) -> Queue | None:
    room, sender = stored.event.room, stored.event.sender
    if room is None or stored.state is not EventState.PENDING:
        return None
    for lane in (room.id, own_lane(room, sender)) if sender else (room.id,):
        there = await store.pending(after=stored.seq - 1, room=lane, limit=1)
        if there and there[0].seq == stored.seq:
            waiting = await store.pending(room=lane, limit=MANY)
            before = sum(one.seq < stored.seq for one in waiting)
            return Queue(is_own=lane != room.id, before=before)
    return None


async def _of_delivery(store: Store, delivery: Delivery) -> Story:
    event = await store.event(delivery.event) if delivery.event else None
    if event:
        return await _of_event(store, event, delivery.id)
    recipient = await store.recipient_of(delivery.id, delivery.room)
    campaign = await store.campaign(recipient.campaign) if recipient else None
    tried = [await store.delivery(one) for one in recipient.tried] if recipient else [delivery]
    replies = [await _reply(store, one, campaign) for one in tried if one]
    return Story(
        replies=tuple(replies),
        acts=await _acts(store, *(str(one.delivery.id) for one in replies)),
        asked=delivery.id,
    )


async def _acts(store: Store, *subjects: str) -> tuple[Act, ...]:
    """What people did to any of `subjects`, in order."""
    found = [act for one in subjects for act in await store.acts(subject=one)]
    return tuple(sorted(found, key=lambda act: act.at))


def _changes(one: Stored, stored: Stored) -> bool:
    is_same = one.event.memory_id == stored.event.memory_id and one.seq != stored.seq
    return is_same and one.event.kind in CHANGES


async def _replies(store: Store, event: Event) -> list[Reply]:
    found: list[Reply] = []
    ordinal = following = 0
    while ordinal < following + GAP:
        if delivery := await store.delivery(delivery_id(event, ordinal)):
            found.append(await _reply(store, delivery))
            following = ordinal + 1
        ordinal += 1
    return found


async def _reply(store: Store, delivery: Delivery, campaign: Campaign | None = None) -> Reply:
    outs = tuple(await store.parts(delivery.id))
    behind = await _behind(store, outs)
    return Reply(delivery=delivery, parts=outs, campaign=campaign, behind=behind)


async def _behind(store: Store, outs: Sequence[Outgoing]) -> tuple[Outgoing, ...]:
    """What leaves to a room before the first of these that waits, and is none of them."""
    first = next((out for out in outs if out.state is PartState.QUEUED), None)
    if first is None:
        return ()
    room, own = first.part.room, first.part.delivery
    there = await store.outbox(room.platform, room.account, LEAVING, room=room.id, limit=MANY)
    return tuple(one for one in there if one.seq < first.seq and one.part.delivery != own)
