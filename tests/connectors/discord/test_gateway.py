"""Nothing is missed when the connection, the session or the process is lost."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import StoreFull, Unauthorized
from bot.service import Status
from bot.testing.runtime import create_mock_runtime
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator


async def test_a_lost_connection_is_resumed(discord, ready, ann):
    """Discord replays what was said meanwhile; no new login is needed."""
    room = discord.add_room("lobby")
    await discord.say(room, ann, "one")
    await ready.hears(1)
    await discord.disconnect()
    await discord.say(room, ann, "two")
    await ready.hears(2)
    assert ready.texts() == ["one", "two"]
    assert discord.gateway.identified == 1


async def test_the_gateway_may_ask_for_a_new_connection(discord, ready, ann):
    """Discord does so now and then; the session goes on."""
    room = discord.add_room("lobby")
    await discord.ask_to_reconnect()
    await discord.say(room, ann, "one")
    await ready.hears(1)
    assert discord.gateway.identified == 1


async def test_after_an_invalid_session_the_rooms_are_read(discord, ready, ann):
    """A new session replays nothing, so the history is asked; what is new comes after it."""
    room = discord.add_room("lobby")
    await discord.say(room, ann, "0")
    await ready.hears(1)
    await discord.invalidate_session()
    for number in range(1, 251):
        await discord.say(room, ann, str(number))
    await ready.hears(251)
    await discord.say(room, ann, "251")
    await ready.hears(252)
    assert ready.texts() == [str(number) for number in range(252)]
    assert discord.gateway.identified == 2


async def test_a_new_process_reads_what_was_said_in_between(discord, ann, listening):
    """In rooms of the server and in DMs, before what is said from then on."""
    group, direct = discord.add_room("lobby"), discord.add_room(ann, kind="dm")
    async with listening(discord.settings) as first:
        await first.runtime.wait_for_events(1)
        await discord.say(group, ann, "g0")
        await discord.say(direct, ann, "d0")
        await first.hears(2)
    for number in (1, 2):
        await discord.say(group, ann, f"g{number}")
        await discord.say(direct, ann, f"d{number}")
    async with listening(discord.settings, first.runtime.store) as second:
        await second.until(lambda: second.service.client.ws)
        await discord.say(group, ann, "g3")
        await discord.say(direct, ann, "d3")
        await second.hears(6)
    assert [text for text in second.texts() if text[0] == "g"] == ["g1", "g2", "g3"]
    assert [text for text in second.texts() if text[0] == "d"] == ["d1", "d2", "d3"]


async def test_a_room_in_which_nobody_had_spoken_is_read_too(discord, ann, listening):
    """Where each room stands is noted on arrival, not with its first message."""
    room = discord.add_room("quiet")
    async with listening(discord.settings) as first:
        await first.runtime.wait_for_events(1)
    await discord.say(room, ann, "anybody here?")
    async with listening(discord.settings, first.runtime.store) as second:
        await second.hears(1)
    assert second.texts() == ["anybody here?"]


async def test_a_room_that_was_made_meanwhile_is_read_from_its_beginning(discord, ann, listening):
    """Nothing in it can have been read before."""
    discord.add_room("lobby")
    async with listening(discord.settings) as first:
        await first.runtime.wait_for_events(1)
    thread = discord.add_room("plans", kind="thread")
    await discord.say(thread, ann, "let us begin")
    async with listening(discord.settings, first.runtime.store) as second:
        await second.hears(1)
    assert second.texts() == ["let us begin"]


async def test_the_first_arrival_reads_no_history(discord, ann, listening):
    """What was said before the bot came was not said to it."""
    room = discord.add_room("lobby")
    await discord.say(room, ann, "before")
    async with listening(discord.settings) as bot:
        await bot.runtime.wait_for_events(1)
        await discord.say(room, ann, "after")
        await bot.hears(1)
    assert bot.texts() == ["after"]


async def test_unchanged_rooms_cost_no_request(discord, ann, listening):
    """Their last message is in the listing of the server."""
    rooms = [discord.add_room(str(number)) for number in range(20)]
    async with listening(discord.settings) as first:
        await first.runtime.wait_for_events(20)
        for room in rooms:
            await discord.say(room, ann, "hello")
        await first.hears(20)
    await discord.say(rooms[7], ann, "news")
    async with listening(discord.settings, first.runtime.store) as second:
        await second.hears(1)
    asked = [path for method, path in discord.rest.requests if path.endswith("/messages")]
    assert asked == [f"/channels/{rooms[7]}/messages"]


async def test_a_room_that_may_not_be_read_holds_up_nothing(discord, ann, listening):
    """The gap is reported; what is said from then on is heard."""
    secret, lobby = discord.add_room("secret"), discord.add_room("lobby")
    async with listening(discord.settings) as first:
        await first.runtime.wait_for_events(2)
    await discord.say(secret, ann, "unseen")
    await discord.say(lobby, ann, "news")
    await discord.refuse(secret, 50001)
    async with listening(discord.settings, first.runtime.store) as second:
        await second.hears(1)
        await discord.say(secret, ann, "seen")
        await second.hears(2)
    assert second.texts() == ["news", "seen"]


async def test_a_wrong_token_is_named(discord):
    """It says what to click, and leaves no connection open."""
    service = await DiscordService.start(
        create_mock_runtime({**discord.settings, "DISCORD_BOT_TOKEN": "wrong"})
    )
    for call in (service.run, service.login):
        with pytest.raises(Unauthorized, match="refuses the bot token") as caught:
            await call()
        assert "Reset Token" in caught.value.fix
    await service.stop()


async def test_a_login_says_who_we_are(discord):
    """No gateway is opened for it."""
    service = await DiscordService.start(create_mock_runtime(discord.settings))
    identity = await service.login()
    await service.stop()
    assert (identity.key, identity.name, identity.warnings) == (discord.state.bot, "Townhall", ())
    assert discord.gateway.identified == 0


async def test_a_missing_intent_is_a_warning(discord, ann, listening):
    """Text in servers is hidden then; DMs and mentions are not."""
    await discord.disable_intents()
    room, direct = discord.add_room("lobby"), discord.add_room(ann, kind="dm")
    async with listening(discord.settings) as bot:
        await bot.runtime.wait_for_events(1)
        identity = await bot.service.login()
        await discord.say(room, ann, "hidden")
        await discord.say(room, ann, "shown", mention=True)
        await discord.say(direct, ann, "private")
        await bot.hears(3)
    assert "Message Content Intent" in identity.warnings[0]
    assert bot.texts() == ["", "shown", "private"]


async def test_an_intent_that_is_refused_at_the_gate_is_done_without(discord, ann, listening):
    """The API said yes, the gateway closes with 4014; the bot comes back and asks for less."""
    direct = discord.add_room(ann, kind="dm")
    discord.add_room("lobby")
    await discord.fail_next("GET", "/applications/@me", 200, discord.state.application())
    await discord.disable_intents()
    async with listening(discord.settings) as bot:
        await bot.runtime.wait_for_events(1)
        await discord.say(direct, ann, "one")
        await bot.hears(1)
    assert not bot.service.client.reads_content


async def test_of_two_intents_the_one_that_is_allowed_is_kept(discord, ann, listening):
    """The gateway does not say which one it refuses, so the application is asked again."""
    discord.add_room("lobby")
    await discord.fail_next("GET", "/applications/@me", 200, discord.state.application())
    discord.state.flags = 1 << 19  # GATEWAY_MESSAGE_CONTENT_LIMITED
    async with listening(discord.settings) as bot:
        await bot.runtime.wait_for_events(1)
        await discord.say(discord.state.lobby, ann, "one")
        await bot.hears(1)
        await discord.join(ann)
    assert bot.texts() == ["one"]
    assert bot.service.client.reads_content


async def test_two_accounts_speak_to_two_servers(discord, ann, listening):
    """The library knows one address for the whole process; we do not."""
    async with DiscordSimulator() as other:
        bob = other.add_person("Bob")
        here, there = discord.add_room("here"), other.add_room("there")
        async with listening(discord.settings) as one, listening(other.settings) as two:
            await one.runtime.wait_for_events(1)
            await two.runtime.wait_for_events(1)
            await discord.say(here, ann, "to one")
            await other.say(there, bob, "to two")
            await one.hears(1)
            await two.hears(1)
    assert (one.texts(), two.texts()) == (["to one"], ["to two"])


async def test_the_gateway_may_be_named(discord, ann, listening):
    """Then the API is not asked for it."""
    gateway = discord.url.replace("http", "ws") + "/gateway"
    async with listening({**discord.settings, "DISCORD_GATEWAY_URL": gateway}) as bot:
        discord.add_room("lobby")
        await bot.runtime.wait_for_events(1)
    assert ("GET", "/gateway/bot") not in discord.rest.requests


class Watched(DiscordService):
    """Remembers how it fared."""

    def report(self, status, why="", fix=""):
        self.fared = [*getattr(self, "fared", ()), status]
        super().report(status, why, fix)


async def test_a_lost_gateway_shows_in_health(discord, ann, listening):
    """Degraded while it is gone, up when it is back."""
    room = discord.add_room("lobby")
    async with listening(discord.settings, kind=Watched) as bot:
        await bot.runtime.wait_for_events(1)
        await discord.disconnect()
        await discord.say(room, ann, "back?")
        await bot.hears(1)
    assert bot.service.fared[1:4] == [Status.UP, Status.DEGRADED, Status.UP]


async def test_events_wait_while_the_store_is_full(discord, ann):
    """Nothing is lost, and nothing overtakes."""
    room = discord.add_room("lobby")
    runtime = create_mock_runtime(discord.settings)
    refusals = iter([True, True])

    async def deliver(*events):
        if any(event.content for event in events) and next(refusals, False):
            raise StoreFull("no space")
        await runtime.deliver(*events)

    service = await DiscordService.start(runtime)
    task = asyncio.create_task(service.listen(deliver))
    await runtime.wait_for_events(1)
    for number in range(5):
        await discord.say(room, ann, str(number))
    await runtime.wait_for_events(6)
    task.cancel()
    await service.stop()
    assert [one.content.text for one in runtime.delivered if one.content] == list("01234")
