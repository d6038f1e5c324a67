"""Updates as Telegram sends them, and what they tell."""

from bot.connector import Identity
from connectors.telegram.translate import events

ME = Identity(key="7", name="Townhall", username="townhall_bot")
ADA = {"id": 1, "is_bot": False, "first_name": "Ada", "last_name": "Lovelace"}
BOB = {"id": 2, "is_bot": False, "first_name": "Bob"}
US = {"id": 7, "is_bot": True, "first_name": "Townhall", "username": "townhall_bot"}
GROUP = {"id": -5, "type": "group", "title": "Friends"}
FORUM = {"id": -1005, "type": "supergroup", "title": "Club", "username": "club", "is_forum": True}
PRIVATE = {"id": 1, "type": "private", "first_name": "Ada"}
DATE = 1_700_000_000


def message(**what):
    """A message that Ada said in a group, unless it is told otherwise."""
    return {"message_id": 3, "date": DATE, "chat": GROUP, "from": ADA} | what


def update(number=10, *, kind="message", **what):
    """An update with a message."""
    return {"update_id": number, kind: message(**what)}


def all_of(raw, account="default"):
    """What an update tells."""
    return events(raw, account, ME)


def one_of(raw, account="default"):
    """The one event that an update tells."""
    [found] = all_of(raw, account)
    return found


def told(**what):
    """The one event that a message tells."""
    return one_of(update(**what))


def heard(**what):
    """The text of a message, and whether it speaks to us."""
    found = told(**what)
    return found.content.text, found.addressed
