"""What became of messages: `townhall why`, and the lists of what came, leaves and was given up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain

from bot.cli.ledger import page, record
from bot.cli.ledger.view import View
from bot.discovery import installed_connectors
from bot.errors import TownhallError
from bot.ledger import GIVEN_UP_EVENTS, GIVEN_UP_PARTS, UNKNOWN_PARTS, Story
from bot.ledger import why as stories_of
from bot.records import EventState, Outgoing, PartState, Stored
from bot.store import Store

__all__ = ["View", "acts", "ambiguous", "dead_letter", "dead_letters", "inbox", "outbox", "why"]

Lists = tuple[list[Stored], list[Outgoing], dict[str, int]]


def why(view: View, message: str) -> None:
    """Tell the stories of a message.

    Raises:
        TownhallError: nobody knows it.
    """
    stories = view.ask(partial(_stories, message))
    if not stories:
        raise TownhallError(
            f"{message} is not known here\n  Name a message by the platform's id or link, a Memory,"
            " a delivery or an event's key; and with --database the bot's file."
        )
    view.show({"stories": [record.story(one) for one in stories]}, page.stories(stories))


def inbox(view: View, states: Sequence[EventState], limit: int) -> None:
    """List events, the newest last."""
    events, _, counts = view.ask(partial(_lists, states, (), limit))
    total = sum(counts[f"events.{one}"] for one in states)
    view.show({"events": [record.event(one) for one in events]}, page.events(events, total))


def outbox(view: View, states: Sequence[PartState], limit: int) -> None:
    """List parts, the newest last."""
    _, parts, counts = view.ask(partial(_lists, (), states, limit))
    total = sum(counts[f"parts.{one}"] for one in states)
    view.show({"parts": [record.part(one) for one in parts]}, page.parts(parts, total))


def dead_letters(view: View, limit: int) -> None:
    """List what was given up, the newest last."""
    _both(view, GIVEN_UP_EVENTS, GIVEN_UP_PARTS, limit)


def ambiguous(view: View, limit: int) -> None:
    """List what may have happened and may not, the newest last."""
    _both(view, (EventState.AMBIGUOUS,), UNKNOWN_PARTS, limit)


def acts(view: View, limit: int) -> None:
    """List what people did about it, the newest last."""
    found = view.ask(lambda store: store.acts(limit=limit))[::-1]
    view.show({"acts": found}, page.acts(found))


def _both(
    view: View, of_events: Sequence[EventState], of_parts: Sequence[PartState], limit: int
) -> None:
    events, parts, counts = view.ask(partial(_lists, of_events, of_parts, limit))
    lines = chain(
        page.events(events, sum(counts[f"events.{one}"] for one in of_events)),
        page.parts(parts, sum(counts[f"parts.{one}"] for one in of_parts)),
    )
    data = {
        "events": [record.event(one) for one in events],
        "parts": [record.part(one) for one in parts],
    }
    view.show(data, lines)


def dead_letter(view: View, key: str) -> None:
    """Tell the story of one.

    Raises:
        TownhallError: there is no such dead letter.
    """
    stories = [one for one in view.ask(partial(_stories, key)) if one.is_given_up]
    if not stories:
        raise TownhallError(
            f"{key} is no dead letter\n  `townhall dead-letters list` shows the keys of all;"
            " `townhall why` tells of any message."
        )
    view.show({"stories": [record.story(one) for one in stories]}, page.stories(stories))


async def _stories(message: str, store: Store) -> tuple[Story, ...]:
    return await stories_of(store, message, installed_connectors().values())


async def _lists(
    events: Sequence[EventState], parts: Sequence[PartState], limit: int, store: Store
) -> Lists:
    """The newest of each, in order, and how many there are of all."""
    return (
        (await store.events(events, limit=limit))[::-1],
        (await store.outgoing(parts, limit=limit))[::-1],
        await store.counts(),
    )
