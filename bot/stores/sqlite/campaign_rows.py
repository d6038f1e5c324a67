"""Recipients and what became of their deliveries, from rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from bot.campaign import Recipient, RecipientState
from bot.campaigns import Fate
from bot.content import Verb
from bot.part import Receipt
from bot.records import PartState
from bot.stores.sqlite.accounts import account_of
from bot.stores.sqlite.rows import Row, load, moment

STATES = tuple(RecipientState)
NUMBER = {state: number for number, state in enumerate(STATES)}
"""How a recipient's state is written: the order of `RecipientState` never changes."""


def recipient(row: Row) -> Recipient:
    """From the columns of `campaign_sql.RECIPIENT`."""
    place, campaign, name, room, state, since, verb, revision, reason, messages = row
    platform, account = account_of(name)
    return Recipient(
        place=place,
        campaign=UUID(bytes=campaign),
        platform=platform,
        account=account,
        room=room,
        state=STATES[state],
        reason=reason or "",
        since=moment(since),
        messages=tuple(messages.split("\n")) if messages else (),
        verb=Verb(verb) if verb else Verb.SAY,
        revision=revision,
    )


def fate(row: Row) -> Fate:
    """From the columns of `campaign_sql.FATES`."""
    delivery, ordinal, state, receipt, reason, due = row
    return Fate(
        UUID(bytes=delivery),
        ordinal,
        PartState(state),
        load(Receipt, receipt).message if receipt else None,
        reason,
        None if due is None else moment(due),
    )


def numbers(states: Sequence[RecipientState]) -> str:
    """States as a list that SQL can read."""
    return as_json([NUMBER[one] for one in states])


def as_json(value: Any) -> str:
    """Anything as JSON that SQL can read."""
    return orjson.dumps(value).decode()
