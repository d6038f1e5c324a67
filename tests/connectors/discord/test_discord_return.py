"""The return after an absence: soon, and what was missed is known."""

from __future__ import annotations

from aiohttp import web

from bot.testing.connectors.stage import until
from connectors.discord.client import _pause
from connectors.discord.simulator import DiscordSimulator


async def test_it_is_known_what_was_read_back(discord, ann, listening):
    """What was said while nobody listened comes from the history, what follows by the gateway."""
    room = discord.add_room("lobby")
    async with listening(discord.settings) as first:
        await first.runtime.wait_for_events(1)
    await discord.say(room, ann, "missed")
    async with listening(discord.settings, first.runtime.store) as second:
        await second.hears(1)
        await discord.say(room, ann, "heard")
        await second.hears(2)
    assert [one.how for one in second.events()] == ["history", "gateway"]


async def test_a_session_that_is_over_costs_no_second_pause(listening):
    """After a long outage Discord refuses to go on with it; that shows that Discord is back."""
    bots = []

    @web.middleware
    async def late(request, handler):
        for bot in bots if request.path.startswith("/gateway") else ():
            bot.service.client._failures = 9  # as if it had been tried so often
        return await handler(request)

    discord = DiscordSimulator()
    discord.middlewares.append(late)
    async with discord, listening(discord.settings) as bot:
        room, ann = discord.add_room("lobby"), discord.add_person("Ann")
        await bot.runtime.wait_for_events(1)
        bots.append(bot)
        await discord.refuse_resume()
        await discord.say(room, ann, "back?")
        await bot.hears(1, timeout=9.0)
    assert discord.gateway.identified == 2


async def test_who_does_not_say_hello_is_left(listening):
    """Without it nobody knows how often to show a sign of life: another connection is made."""
    strangers = []

    @web.middleware
    async def strange(request, handler):
        if not request.path.startswith("/gateway") or strangers:
            return await handler(request)
        strangers.append(socket := web.WebSocketResponse())
        await socket.prepare(request)
        await socket.send_str('{"op": 11, "d": null, "s": null, "t": null}')
        async for _ in socket:
            pass
        return socket

    discord = DiscordSimulator()
    discord.middlewares.append(strange)
    async with discord, listening(discord.settings) as bot:
        room, bob = discord.add_room("lobby"), discord.add_person("Bob")
        await until(lambda: discord.gateway.identified)
        await discord.say(room, bob, "hello")
        await bot.hears(1)


def test_pauses_are_short_unless_they_would_use_up_the_logins():
    """An outage costs nothing; of logins that lead to nothing, a day has 1,000."""
    assert 10 <= _pause(20, logins=0) <= 20
    assert 60 <= _pause(20, logins=2) <= 120
    assert _pause(1, logins=2) <= 2


async def test_rooms_that_were_silent_for_too_long_are_told_of(discord, ann, listening, capsys):
    """They are not read; the log says so once, however often Discord lists them."""
    rooms, settings = [discord.add_room(name) for name in "ab"], dict(discord.settings)
    async with listening(settings) as first:
        await first.runtime.wait_for_events(2)
    for room in rooms:
        await discord.say(room, ann, "missed")
    settings["DISCORD_FOLLOW_DAYS"] = "0"
    async with listening(settings, first.runtime.store) as second:
        await until(lambda: second.service._catch_up._has_reported)
        await discord.inject({"t": "GUILD_CREATE", "d": discord.state.full_guild()})
        await discord.say(rooms[0], ann, "heard")
        await second.hears(1)
    told = capsys.readouterr().out
    assert (second.texts(), told.count("discord.gap")) == (["heard"], 1)
    assert "rooms=2" in told
