"""What the connectors understand of something that a platform told."""

from __future__ import annotations

from bot.connector import Identity
from bot.events import Event
from connectors.discord.feed import Feed
from connectors.telegram import translate as telegram
from connectors.twitter import doings
from connectors.twitter import translate as twitter
from connectors.twitter.objects import Includes

ME = Identity(key="1", name="Townhall", username="townhall")
READ = {
    "posts": (twitter.mention, twitter.post),
    "messages": (twitter.direct_message,),
    "doings": (doings.told,),
}


def hear(known, name, data):
    """Tell Discord's feed something; the events that it made of it."""
    feed = Feed(known, lambda *_: None)
    feed.hear(name, data, "1/1")
    events = []
    while feed._queue:
        events += filter(lambda one: isinstance(one, Event), [feed._queue[0]])
        feed.forget(1)
    return events


def update(raw):
    """The events that Telegram's connector makes of an update."""
    return telegram.events(raw, "default", ME)


def read(kind, told):
    """The events that X's connector makes of something."""
    told = told if isinstance(told, dict) else {"item": told}
    item, along = told.get("item"), Includes.of(told.get("includes"))
    many = [twitter.understood(one, item, along, "default", ME, how="stream") for one in READ[kind]]
    return [event for events in many for event in events]
