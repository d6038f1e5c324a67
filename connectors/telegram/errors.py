"""What Telegram's errors mean to us, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from telegram import error as ptb

from bot.errors import DeliveryError, RateLimited, Rejected, Unauthorized, Unavailable, Unconfirmed
from bot.memory import Room
from connectors.telegram.request import NotSent, TooManyRequests

_ALLOW = "Ask an admin of the group to allow the bot to do so."
_UNKNOWN = "Its id is wrong, or the bot was never there: add it, or have the person press Start."
_SMALLER = "Bots can send photos of 10 MB and other files of 50 MB, no more."
_START = "A bot cannot write first: the person has to open it and press Start."
_SEND_AGAIN = "Send the file itself: an id works only for the bot that was given it."

ADVICE = {
    "blocked by the user": "Only they can unblock it.",
    "user is deactivated": "Their account is gone: stop writing to it.",
    "can't initiate conversation": _START,
    "bot was kicked": "Somebody there has to add the bot again.",
    "bot is not a member": "Somebody there has to add the bot.",
    "send messages to bots": "Bots cannot write to each other.",
    "group chat was deactivated": "The group was deleted: stop writing to it.",
    "chat not found": _UNKNOWN,
    "peer_id_invalid": _UNKNOWN,
    "not enough rights": _ALLOW,
    "have no rights": _ALLOW,
    "administrator rights": _ALLOW,
    "voice_messages_forbidden": "They take no voice messages: send it as a file.",
    "_forbidden": _ALLOW,
    "chat_restricted": _ALLOW,
    "message thread not found": "The topic was deleted: write to the group, or to another topic.",
    "topic_deleted": "The topic was deleted: write to the group, or to another topic.",
    "topic_closed": "Open the topic again, or make the bot an admin who may manage topics.",
    "caption is too long": "Say it in a message of its own.",
    "message is too long": "Say it in several messages.",
    "wrong file identifier": _SEND_AGAIN,
    "can't use file of type": _SEND_AGAIN,
    "type of file mismatch": _SEND_AGAIN,
    "entity too large": _SMALLER,
    "is too big": _SMALLER,
    "button_data_invalid": "A button's value has 1 to 64 bytes.",
    "button_url_invalid": "A button's address begins with https://.",
    "reaction_invalid": (
        "Telegram has a fixed list of reactions, of which a group's admins may allow only some: "
        "https://core.telegram.org/bots/api#reactiontypeemoji"
    ),
    "can't be deleted": (
        "A bot can delete messages for 48 hours, and those of others only as an admin who may "
        "delete."
    ),
    "can't be edited": "A bot can edit only what it said itself.",
}
"""What a person can do about it, by what Telegram's words hold, in small letters."""


class Conflicted(Unavailable):
    """Somebody else reads the updates of this bot."""


class Refused(Rejected):
    """Telegram said no.

    Args:
        words: what it said.
    """

    def __init__(self, words: str) -> None:
        self._words = words.lower()
        advice = next((todo for part, todo in ADVICE.items() if part in self._words), "")
        super().__init__(f"{words}. {advice}" if advice else words)

    def says(self, *parts: str) -> bool:
        """Whether Telegram's words hold one of these, in small letters."""
        return any(part in self._words for part in parts)


class Moved(Rejected):
    """The group became a supergroup.

    Args:
        chat: its id from now on.
    """

    def __init__(self, chat: int) -> None:
        self.chat = chat
        super().__init__(f"the group became a supergroup: its id is now {chat}")


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
            meant = Moved(error.new_chat_id)
        case ptb.BadRequest() | ptb.Forbidden():
            meant = Refused(text)
        case NotSent():
            meant = Unavailable(text)
        case _:
            meant = Unconfirmed(text) if room else Unavailable(text)
    return meant


def _scrubbed(text: str, token: str) -> str:
    """`text` without the secret half of the token, the half that no encoding of a URL changes."""
    secret = token.partition(":")[2] or token
    return text.replace(secret, "***")
