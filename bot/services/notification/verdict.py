"""What became of a recipient, by what became of the parts of its delivery."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.campaign import Recipient, RecipientState
from bot.campaigns import Fate
from bot.content import Verb
from bot.records import PartState
from bot.services.notification.reasons import LASTING, class_of, classed
from bot.value import now

UNENDED = (PartState.QUEUED, PartState.SENDING, PartState.AMBIGUOUS)


def verdict(
    recipient: Recipient, fates: Sequence[Fate], verbs: Collection[Verb]
) -> Recipient | None:
    """The recipient as it is now; None while a part is on its way.

    Args:
        fates: of the parts of its delivery, in order.
        verbs: what can be done on its platform.
    """
    if not fates:
        return ended(recipient, RecipientState.AMBIGUOUS, "its delivery is not in the outbox")
    if any(one.state in UNENDED for one in fates):
        return None
    failed = next((one for one in fates if one.state is not PartState.SENT), None)
    if recipient.verb is not Verb.SAY:
        return _taken_back(recipient, failed, verbs)
    messages = tuple(one.message for one in fates if one.message)
    if failed is None:
        return ended(recipient, RecipientState.SENT, messages=messages)
    if failed.state is PartState.DISCARDED:
        return ended(recipient, RecipientState.SKIPPED, failed.reason or "", messages=messages)
    is_held, reason = failed.state is PartState.HELD, failed.reason or str(failed.state)
    state = RecipientState.AMBIGUOUS if is_held else RecipientState.FAILED
    return ended(recipient, state, reason if is_held else classed(reason), messages=messages)


def taken_back(recipient: Recipient) -> Recipient:
    """A recipient whose copy is to be deleted."""
    again = ended(recipient, RecipientState.QUEUED)
    return again.model_copy(update={"verb": Verb.DELETE, "revision": recipient.revision + 1})


def _taken_back(recipient: Recipient, failed: Fate | None, verbs: Collection[Verb]) -> Recipient:
    """A message that cannot be deleted is edited; one that cannot be edited stays."""
    is_edit = recipient.verb is Verb.EDIT
    if failed is None:
        how = "edited, for it could not be deleted" if is_edit else ""
        return ended(recipient, RecipientState.RETRACTED, how)
    if not is_edit and Verb.EDIT in verbs:
        again = ended(recipient, RecipientState.QUEUED)
        return again.model_copy(update={"verb": Verb.EDIT, "revision": recipient.revision + 1})
    return ended(recipient, RecipientState.SENT, f"not retracted: {failed.reason}")


def ended(
    recipient: Recipient,
    state: RecipientState,
    reason: str = "",
    *,
    messages: tuple[str, ...] | None = None,
) -> Recipient:
    """A recipient in a new state; what was sent to it stays known unless it is told anew."""
    told = {"state": state, "reason": reason, "since": now()}
    if messages is not None:
        told["messages"] = messages
    return recipient.model_copy(update=told)


def sending(one: Recipient) -> Recipient:
    """A recipient whose message is in the outbox."""
    return ended(one, RecipientState.SENDING)


def unsayable(one: Recipient) -> Recipient:
    """A recipient for whom nothing is left of the message."""
    return ended(one, RecipientState.FAILED, "rejected: nothing of it can be said there")


def twice(one: Recipient) -> Recipient:
    """A recipient that got it by another address."""
    return ended(one, RecipientState.SKIPPED, "another address is the same room")


def is_lost(one: Recipient) -> bool:
    """Whether the recipient will take no other message either."""
    failed = one.state is RecipientState.FAILED and one.verb is Verb.SAY
    return failed and class_of(one.reason) in LASTING


def held_up(fates: Sequence[Fate]) -> str:
    """Why none of the parts leaves, where the platform gave a reason."""
    at = now()
    waits = (PartState.QUEUED, PartState.AMBIGUOUS)
    late = (one for one in fates if one.state in waits and one.due and one.due > at)
    return next((one.reason for one in late if one.reason), "")
