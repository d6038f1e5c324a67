"""What became of messages: `townhall why`, and the lists of what came, leaves and was given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain

from bot.cli.ledger import page, record
from bot.cli.ledger.newest import Where, newest
from bot.cli.ledger.view import View
from bot.connector import account_name
from bot.discovery import installed_connectors
from bot.errors import TownhallError
from bot.ledger import GIVEN_UP_EVENTS, GIVEN_UP_PARTS, UNKNOWN_PARTS, Story
from bot.ledger import why as stories_of
from bot.records import EventState, Outgoing, PartState, Stored
from bot.store import Store

__all__ = [
    "View",
    "Where",
    "acts",
    "ambiguous",
    "dead_letter",
    "dead_letters",
    "inbox",
    "outbox",
    "told",
    "why",
]

RECENT = 500
"""Among how many of the newest events a message is looked for whose name is not whole."""


def why(view: View, message: str) -> None:
    """Tell the stories of a message.

    Raises:
        TownhallError: nobody knows it.
    """
    stories = view.ask(partial(told, message))
    if not stories:
        called = view.ask(partial(_called, message))
        known = f"\n  Messages there are called, for instance, {called}." if called else ""
        raise TownhallError(
            f"{message} is not known in {view.path()}{known}\n  Name a message by the platform's id"
            " or link, a Memory, a delivery or an event's key; and with --database the bot's file."
        )
    view.show({"stories": [record.story(one) for one in stories]}, page.stories(stories))


def inbox(view: View, states: Sequence[EventState], limit: int, where: Where) -> None:
    """List events, the newest last."""
    events, total = view.ask(partial(_events, states, limit, where))
    view.show({"events": [record.event(one) for one in events]}, page.events(events, total))


def outbox(view: View, states: Sequence[PartState], limit: int, where: Where) -> None:
    """List parts, the newest last."""
    parts, total = view.ask(partial(_parts, states, limit, where))
    view.show({"parts": [record.part(one) for one in parts]}, page.parts(parts, total))


def dead_letters(view: View, limit: int) -> None:
    """List what was given up, the newest last."""
    _both(view, GIVEN_UP_EVENTS, GIVEN_UP_PARTS, limit)


def ambiguous(view: View, limit: int) -> None:
    """List what may have happened and may not, the newest last."""
    _both(view, (EventState.AMBIGUOUS,), UNKNOWN_PARTS, limit)


def acts(view: View, limit: int) -> None:
    """List what people did about it, the newest last."""
    found = view.ask(lambda store: store.acts(limit=limit + 1))
    shown, total = found[:limit][::-1], len(found) if len(found) <= limit else None
    view.show({"acts": shown}, page.acts(shown, total))


def dead_letter(view: View, key: str) -> None:
    """Tell the story of one.

    Raises:
        TownhallError: there is no such dead letter.
    """
    stories = [one for one in view.ask(partial(told, key)) if one.is_given_up]
    if not stories:
        raise TownhallError(
            f"{key} is no dead letter\n  `townhall dead-letters list` shows the keys of all;"
            " `townhall why` tells of any message."
        )
    view.show({"stories": [record.story(one) for one in stories]}, page.stories(stories))


async def told(message: str, store: Store) -> tuple[Story, ...]:
    """The stories of a message, by any of its names."""
    # Only links need the connectors, whose libraries take longer to import than all else here.
    connectors = installed_connectors().values() if "://" in message else ()
    return await stories_of(store, message, connectors)


async def _called(asked: str, store: Store) -> str:
    """How messages are called: one of each kind, if there is one whose name ends with `asked`."""
    found: dict[tuple[str, bool], list[str]] = {}
    for stored in await store.events(list(EventState), limit=RECENT):
        event = stored.event
        if event.message and event.room:
            account = account_name(event.platform, event.account)
            found.setdefault((account, event.room.is_private), []).append(event.message)
    return " or ".join(
        f"{max(messages, key=lambda one: one.endswith(f'/{asked}'))} ({account})"
        for (account, _), messages in found.items()
    )


def _both(
    view: View, of_events: Sequence[EventState], of_parts: Sequence[PartState], limit: int
) -> None:
    events, all_events = view.ask(partial(_events, of_events, limit, Where()))
    parts, all_parts = view.ask(partial(_parts, of_parts, limit, Where()))
    data = {
        "events": [record.event(one) for one in events],
        "parts": [record.part(one) for one in parts],
    }
    view.show(data, chain(page.events(events, all_events), page.parts(parts, all_parts)))


async def _events(
    states: Sequence[EventState], limit: int, where: Where, store: Store
) -> tuple[list[Stored], int | None]:
    found, total = await newest(partial(store.events, states), where.has_event, limit)
    return found, total if where else _sum(await store.counts(), "events", states)


async def _parts(
    states: Sequence[PartState], limit: int, where: Where, store: Store
) -> tuple[list[Outgoing], int | None]:
    found, total = await newest(partial(store.outgoing, states), where.has_part, limit)
    return found, total if where else _sum(await store.counts(), "parts", states)


def _sum(counts: Mapping[str, int], kind: str, states: Sequence[str]) -> int:
    return sum(counts[f"{kind}.{one}"] for one in dict.fromkeys(states))
