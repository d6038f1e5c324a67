"""What a person does about what was given up; each act is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.campaign import OPEN, Recipient, RecipientState
from bot.cluster import Lease
from bot.commit import Commit
from bot.content import Verb
from bot.errors import TownhallError
from bot.memory import Room
from bot.part import Receipt
from bot.records import Act, EventState, Outgoing, PartState, Stored
from bot.store import Store
from bot.value import now

UNKNOWN = (PartState.HELD, PartState.AMBIGUOUS)
STATES: dict[str, tuple[Sequence[EventState], Sequence[PartState]]] = {
    "replay": ((EventState.DEAD,), (PartState.FAILED,)),
    "discard": ((EventState.DEAD, EventState.AMBIGUOUS), (PartState.FAILED, PartState.HELD)),
    "resend": ((EventState.AMBIGUOUS,), UNKNOWN),
    "settle": ((EventState.AMBIGUOUS,), UNKNOWN),
}
"""The states of events and of parts that each verb is for; see `_suits`."""

GROUPS = {
    "replay": "dead-letters",
    "discard": "dead-letters",
    "resend": "ambiguous",
    "settle": "ambiguous",
}
"""The commands that each verb is among."""

RECENT = 20
"""How many of a room's newest messages show how its platform calls them."""


def verbs_for(event: Stored | None, parts: Iterable[Outgoing] = ()) -> tuple[str, ...]:
    """What can be done about an event, or the parts of a delivery."""
    outs = list(parts)
    return tuple(
        verb
        for verb, (of_events, _) in STATES.items()
        if (event and event.state in of_events) or any(_suits(verb, out) for out in outs)
    )


def _suits(verb: str, out: Outgoing) -> bool:
    """Whether it can be done to a part. What was put off can be discarded while it waits."""
    is_stuck = out.state is PartState.QUEUED and bool(out.due or out.setbacks)
    return out.state in STATES[verb][1] or (verb == "discard" and is_stuck)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is to be gone on with: an event of a room, or a delivery to it."""

    room: Room
    delivery: UUID | None = None


class Desk:
    """Acts on one dead letter or ambiguous thing at a time.

    Its key is what the lists show: that of an event, or the id of a delivery. Each act answers with
    what waits now, for the bot that has the database to go on with it.

    Args:
        by: who acts.
    """

    def __init__(self, store: Store, *, by: str, lease: Lease | None = None) -> None:
        self._store, self._by, self._lease = store, by, lease

    async def replay(self, key: str, note: str = "") -> Waiting | None:
        """Handle a dead event, or send what failed of a delivery, once more.

        Raises:
            TownhallError: nothing of that key was given up.
        """
        return await self._again("replay", key, note)

    async def resend(self, key: str, note: str = "") -> Waiting | None:
        """Do again what may have been done: send a part, or run an action that was cut short.

        Raises:
            TownhallError: nothing of that key is ambiguous.
        """
        return await self._again("resend", key, note)

    async def discard(self, key: str, note: str = "") -> Waiting | None:
        """Give up an event, or what is left of a delivery, for good.

        What still waits must have been put off before; its room goes on behind it.

        Raises:
            TownhallError: nothing of that key was given up.
        """
        found = await self._find("discard", key)
        recipient, reason = await self._recipient(found), f"discarded by {self._by}"

        def write(c: Commit) -> None:
            if isinstance(found, Stored):
                c.finish(found.seq, EventState.DISCARDED, reason)
                return
            for out in found:
                if out.state is not PartState.QUEUED:
                    c.mark(out.part, PartState.DISCARDED, reason=reason)
            # Only what has not begun to leave meanwhile.
            c.abandon(found[0].part.delivery, reason, state=PartState.DISCARDED)
            if recipient:
                is_failed = recipient.state is RecipientState.FAILED
                state = RecipientState.SKIPPED if is_failed else recipient.state
                c.settle([_moved(recipient, state, reason=reason)])

        await self._write("discard", key, write, note)
        return None if isinstance(found, Stored) else _waiting(found)

    async def settle(self, key: str, message: str | None = None, note: str = "") -> Waiting | None:
        """Say that what is ambiguous did happen. What follows it in its delivery is sent now.

        Of a campaign that was retracted, nothing is.

        Args:
            message: the platform's reference of the message, where it is known.

        Raises:
            TownhallError: nothing of that key is ambiguous, or `message` is none of its room.
        """
        found = await self._find("settle", key)
        if message:
            await self._check_message(found, message)
        recipient, reason = await self._recipient(found), f"settled by {self._by}"
        withdrawn = await self._withdrawn(found)

        def write(c: Commit) -> None:
            if isinstance(found, Stored):
                c.finish(found.seq, EventState.DONE, reason)
                return
            first, *rest = found
            receipt = Receipt(message=message) if message else None
            c.mark(first.part, PartState.SENT, receipt=receipt, reason=reason)
            for out in rest:
                state = PartState.DISCARDED if withdrawn else PartState.QUEUED
                c.mark(out.part, state, reason=withdrawn or None)
            if recipient:
                c.readmit(recipient)

        await self._write("settle", key, write, note)
        return None if isinstance(found, Stored) else _waiting(found)

    async def _again(self, verb: str, key: str, note: str) -> Waiting | None:
        found = await self._find(verb, key)
        if why := await self._withdrawn(found):
            raise TownhallError(f"{key} cannot be sent: {why}\n  `townhall why {key}` tells of it.")
        recipient = await self._recipient(found)

        def write(c: Commit) -> None:
            if isinstance(found, Stored):
                if room := found.event.room:  # not behind what its sender says too much
                    c.reopen(found.seq, room.id)
                return
            for out in found:
                c.mark(out.part, PartState.QUEUED, reason=f"{verb} by {self._by}")
            if recipient:
                c.readmit(recipient)

        await self._write(verb, key, write, note)
        return _waiting(found)

    async def _find(self, verb: str, key: str) -> Stored | list[Outgoing]:
        of_events, _ = STATES[verb]
        stored = await self._store.event(key)
        if stored and stored.state in of_events:
            return stored
        delivery = _as_id(key)
        outs = await self._store.parts(delivery) if delivery else []
        if found := [out for out in outs if _suits(verb, out)]:
            return found
        raise _refusal(verb, key, stored, outs)

    async def _check_message(self, found: Stored | Sequence[Outgoing], message: str) -> None:
        """Refuse a reference that is another message's, or none as its room has them."""
        if isinstance(found, Stored):
            raise TownhallError("an event becomes no message\n  Settle it without one.")
        room = found[0].part.room
        delivery = await self._store.delivery(found[0].part.delivery)
        known = await self._store.linked(room.platform, room.account, message)
        if known and delivery and known != delivery.memory:
            raise TownhallError(
                f"{message} is another message\n  `townhall why {message}` shows it."
            )
        recent = [
            reference
            for memory in await self._store.history(room.id, limit=RECENT)
            for reference in await self._store.messages(memory.id)
        ]
        if recent and _place(message) not in map(_place, recent):
            raise TownhallError(
                f"{message} is no message of {room.name or room.key}\n"
                f"  What was said there is called, for instance, {recent[-1]}."
            )

    async def _recipient(self, found: Stored | Sequence[Outgoing]) -> Recipient | None:
        """The recipient of a campaign that waits for nothing but what becomes of a delivery."""
        if isinstance(found, Stored):
            return None
        part = found[0].part
        recipient = await self._store.recipient_of(part.delivery, part.room)
        is_its = recipient and recipient.delivery == part.delivery and recipient.state not in OPEN
        return recipient if is_its else None

    async def _withdrawn(self, found: Stored | Sequence[Outgoing]) -> str:
        """Why a copy of a campaign is not to be sent any more; empty where it may be."""
        if isinstance(found, Stored) or found[0].part.verb is not Verb.SAY:
            return ""
        part = found[0].part
        if not (recipient := await self._store.recipient_of(part.delivery, part.room)):
            return ""
        campaign = await self._store.campaign(recipient.campaign)
        if campaign and campaign.retracted:
            return f"its campaign {campaign.key or campaign.id} was retracted"
        is_old = recipient.delivery != part.delivery
        return f"it was sent anew as {recipient.delivery}" if is_old else ""

    async def _write(
        self, verb: str, key: str, write: Callable[[Commit], None], note: str = ""
    ) -> None:
        async with self._store.commit(self._lease) as c:
            write(c)
            c.audit(Act(by=self._by, verb=verb, subject=key, note=note))


def _waiting(found: Stored | Sequence[Outgoing]) -> Waiting | None:
    if isinstance(found, Stored):
        return Waiting(found.event.room) if found.event.room else None
    return Waiting(found[0].part.room, found[0].part.delivery)


def _refusal(verb: str, key: str, stored: Stored | None, outs: Sequence[Outgoing]) -> TownhallError:
    """Why nothing of a key is to be done that way, and which way is."""
    states = [stored.state] if stored else [out.state for out in outs]
    lists = "`townhall dead-letters list` and `townhall ambiguous list` show the keys of all."
    if not states:
        return TownhallError(f"nothing of {key} is known\n  {lists}")
    commands = [f"`townhall {GROUPS[one]} {one}`" for one in verbs_for(stored, outs)]
    hint = f"What can be done: {', '.join(commands)}." if commands else lists
    are = " and ".join(dict.fromkeys(states))
    return TownhallError(f"{key} is {are}: there is nothing to {verb}\n  {hint}")


def _place(reference: str) -> str:
    """What all messages of one room have in common, on platforms that number them by room."""
    return reference.rpartition("/")[0]


def _moved(recipient: Recipient, state: RecipientState, *, reason: str) -> Recipient:
    return recipient.model_copy(update={"state": state, "reason": reason, "since": now()})


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
