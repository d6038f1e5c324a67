"""What Telegram's errors mean to us, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from telegram import error as ptb

from bot.errors import DeliveryError, RateLimited, Rejected, Unauthorized, Unavailable, Unconfirmed
from bot.memory import Room
from connectors.telegram.request import NotSent, TooManyRequests


class Conflicted(Unavailable):
    """Somebody else reads the updates of this bot.

    Args:
        fix: what a person can do about it.
    """

    def __init__(self, message: str, *, fix: str) -> None:
        self.fix = fix
        super().__init__(message)


@contextmanager
def translated(token: str, room: Room | None = None) -> Iterator[None]:
    """Raise our own errors in place of the library's, without the token in their text.

    Args:
        room: where the block says something. None for a question, which leaves nothing in doubt.
    """
    try:
        yield
    except DeliveryError:
        raise
    except Exception as error:  # noqa: BLE001 - an answer of any shape can break PTB's reading of it
        # `from None`: the library's own errors may quote the token.
        raise _meaning(error, _scrubbed(str(error) or type(error).__name__, token), room) from None


def _meaning(error: Exception, text: str, room: Room | None) -> DeliveryError:
    meant: DeliveryError
    match error:
        case TooManyRequests():
            # Telegram does not say which limit it was. The one of a group (20 a minute) is far
            # below the account's, so there it is nearly always the group's; a private chat
            # tolerates bursts, so there it may be the account's.
            alone = room is not None and not room.is_private
            meant = RateLimited(text, retry_after=error.retry_after, room=alone)
        case ptb.InvalidToken() | ptb.EndPointNotFound():
            meant = Unauthorized("Telegram does not know this token")
        case ptb.Conflict():
            meant = Conflicted(
                "another process polls with this token",
                fix="Stop the other one, or give each a bot of its own.",
            )
        case ptb.ChatMigrated():
            meant = Rejected(f"the group became a supergroup: its id is now {error.new_chat_id}")
        case ptb.BadRequest() | ptb.Forbidden():
            meant = Rejected(text)
        case NotSent():
            meant = Unavailable(text)
        case _:
            meant = Unconfirmed(text) if room else Unavailable(text)
    return meant


def _scrubbed(text: str, token: str) -> str:
    """`text` without the secret half of the token, the half that no encoding of a URL changes."""
    secret = token.partition(":")[2] or token
    return text.replace(secret, "***")
