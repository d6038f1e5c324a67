"""An hour on X's activity stream, and what comes on any stream."""

from __future__ import annotations

import orjson

from bot.content import Verb
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator

from .recorder import Exchange
from .stage import heard, listening, part, refused, say, service_of

ACTIVITY, SUBSCRIPTIONS = "/2/activity/stream", "/2/activity/subscriptions"


async def told_at_once(recorder, files):
    """What happens to the account, and the subscriptions to it."""
    more = {"TWITTER_STREAM": "activity", "TWITTER_POLL_SECONDS": "0.05"}
    async with (
        recorder.at(TwitterSimulator()) as x,
        service_of(TwitterService, x.settings, **more) as bot,
        listening(bot),
    ):
        await happening(x, bot, files)
        await managed(x, bot.client)
    recorder.exchanges += (line_of(ACTIVITY, *told) for told in x.activity.told)


async def happening(x, bot, files):
    """All that X tells of, in part and as a whole."""
    ada, square = x.add_person("Ada"), x.add_room("Hear")
    await x.say(square, ada, "Hello?", mention=True)
    await heard(bot.runtime, "Hello?")  # looks wait for the stream, so that it is there now
    for x.activity.is_brief in (True, False):
        for more in (
            {"text": "Look: https://example.org", "files": files},
            {"text": "Which?", "poll": x.network.add_poll("Cat", "Dog")},
            {"text": "That?", "quoted": x.network.posts[square]},
        ):
            await x.say(square, ada, mention=True, **more)
    for x.activity.is_written in (True, False):
        for room in (x.add_room(ada, kind="dm"), x.add_group(ada)):
            await x.say(room, ada, "Psst")
    await x.rename(x.bot.id, "Town Crier", picture="https://pbs.twimg.com/1/a.jpg")
    ours = await say(bot, "timeline", "Gone soon")
    await bot.change(part(bot, "timeline", "", verb=Verb.DELETE, target=ours))
    await x.say(square, ada, "At once?", mention=True)
    await heard(bot.runtime, "At once?")


async def managed(x, client):
    """What can be done with subscriptions, and what cannot."""
    one = {"event_type": "follow.follow", "filter": {"user_id": x.bot.id}}
    made = await client.request("POST", SUBSCRIPTIONS, json=one)
    path = f"{SUBSCRIPTIONS}/{(await made.json())['data']['subscription']['subscription_id']}"
    await client.request("PUT", path, json={"tag": "mine"})
    x.activity.followed(x.network.people[x.add_person("Bob")], x.bot)
    await refused(client.request("POST", SUBSCRIPTIONS, json=one))
    await refused(client.request("POST", SUBSCRIPTIONS, json={**one, "event_type": "dm.sent"}))
    await client.request("GET", SUBSCRIPTIONS, {"max_results": 1}, user_auth=True)
    await client.request("DELETE", path)
    await refused(client.request("DELETE", path))
    known = next(iter(x.activity.subscriptions))
    await client.request("DELETE", SUBSCRIPTIONS, {"ids": f"{known},1"})


def line_of(path, query, line):
    """What came on a stream, as if it had been an answer of its own."""
    told, authorized = {"Content-Type": "application/json"}, {"Authorization": "Bearer x"}
    return Exchange("GET", path, query, authorized, told=told, answer=orjson.loads(line))
