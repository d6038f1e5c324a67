"""A platform in memory: for tests of the core, and for benchmarks without a network."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from itertools import count
from typing import ClassVar

from bot.capabilities import Capabilities, Idempotency
from bot.connector import Connector
from bot.content import Content, Verb
from bot.events import Deliver, Event, EventKind
from bot.memory import Entity, Room, RoomKind
from bot.part import Part, Receipt
from bot.service import Status
from bot.value import now


class LoopbackService(Connector):
    """Takes what is sent and remembers it, across restarts of the service.

    Attributes:
        sent: the parts that arrived, per room; what was done to messages, too.
        dismissed: the keys of the events that were not answered.
        outcomes: errors to raise for the next parts, in order; None lets one through.
    """

    service_type = platform = "loopback"
    capability_description: ClassVar[str] = "A platform in memory"
    capabilities = Capabilities(
        max_length=2000,
        idempotency=Idempotency.LOOKUP,
        verbs=frozenset({Verb.SAY, Verb.EDIT, Verb.DELETE, Verb.REACT, Verb.UNREACT}),
        buttons=5,
        button_value=16,
        concurrency=256,
    )
    sent: ClassVar[defaultdict[str, list[Part]]] = defaultdict(list)
    dismissed: ClassVar[list[str]] = []
    outcomes: ClassVar[deque[Exception | None]] = deque()
    on_sent: ClassVar[list[Callable[[Part], None]]] = []
    _numbers: ClassVar[count[int]] = count(1)

    async def listen(self, deliver: Deliver) -> None:  # noqa: ARG002 - tests deliver for us
        """Nothing comes of its own accord."""
        self.report(Status.UP)
        await asyncio.Event().wait()

    async def send(self, part: Part) -> Receipt:
        """See `Connector.send`."""
        outcome = self.outcomes.popleft() if self.outcomes else None
        if outcome is not None:
            raise outcome
        self.sent[part.room.key].append(part)
        for listener in self.on_sent:
            listener(part)
        return Receipt(message=f"sent-{next(self._numbers)}")

    async def find(self, part: Part) -> Receipt | None:
        """See `Connector.find`."""
        there = any(one.id == part.id for one in self.sent[part.room.key])
        return Receipt(message=f"found-{part.id}") if there else None

    async def change(self, part: Part) -> None:
        """See `Connector.change`."""
        await self.send(part)

    async def dismiss(self, event: Event) -> None:
        """See `Connector.dismiss`."""
        self.dismissed.append(event.key)

    @classmethod
    def link_of(cls, room: Room, message: str) -> str | None:
        """See `Connector.link_of`."""
        return f"loopback://{room.key}/{message}"

    @classmethod
    def reset(cls) -> None:
        """Forget what earlier tests sent."""
        cls.sent.clear()
        cls.dismissed.clear()
        cls.outcomes.clear()
        cls.on_sent.clear()


def said(
    text: str,
    number: int = 1,
    *,
    room: str = "lobby",
    kind: RoomKind = RoomKind.DM,
    person: str = "ada",
    platform: str = "loopback",
    account: str = "default",
    addressed: bool = False,
) -> Event:
    """A message that a person wrote, as a connector would deliver it.

    Args:
        number: the platform's id of the message, unique in the room.
    """
    message = f"{room}/{number}"
    return Event(
        kind=EventKind.MESSAGE,
        platform=platform,
        account=account,
        ids=(message,),
        at=now(),
        room=Room(platform=platform, account=account, key=room, kind=kind),
        sender=Entity(platform=platform, key=person, name=person.title()),
        content=Content(text=text),
        message=message,
        addressed=addressed,
    )
