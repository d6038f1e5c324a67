"""A gap that cannot be closed now is closed later: nothing hides it."""

from __future__ import annotations

import pytest

from bot.testing.connectors.stage import until


@pytest.fixture
async def gap(discord, ann, listening):
    """What a bot knew, in whose room something was said while it was away."""
    room = discord.add_room("lobby")
    async with listening(discord.settings) as bot:
        await bot.runtime.wait_for_events(1)
    await discord.say(room, ann, "missed")
    return room, bot.runtime.store


async def hear_behind_the_gap(discord, bot, room, person):
    """The history is refused, and what is said afterwards is heard."""
    await until(lambda: room in bot.service._store.behind)
    await discord.refuse(room, None)
    await discord.say(room, person, "heard")
    await bot.hears(1)


async def test_a_room_that_was_closed_to_us_is_read_in_the_next_session(
    discord, ann, listening, gap
):
    """A permission that is taken away comes back."""
    room, store = gap
    await discord.refuse(room, 50001)
    async with listening(discord.settings, store) as bot:
        await hear_behind_the_gap(discord, bot, room, ann)
        await discord.invalidate_session()
        await bot.hears(2)
    assert bot.texts() == ["heard", "missed"]


async def test_what_is_heard_behind_a_gap_does_not_hide_it(discord, ann, listening, gap):
    """The next process reads what this one was not allowed to."""
    room, store = gap
    await discord.refuse(room, 50001)
    async with listening(discord.settings, store) as bot:
        await hear_behind_the_gap(discord, bot, room, ann)
    async with listening(discord.settings, store) as bot:
        await bot.hears(2)
    assert bot.texts() == ["missed", "heard"]


async def test_a_message_that_is_told_before_its_server_hides_nothing(discord, ann, listening, gap):
    """Its room is read first, whether or not the server is ever listed."""
    room, store = gap
    discord.gateway.lists = False
    async with listening(discord.settings, store) as bot:
        await until(lambda: discord.gateway.identified == 2)
        for text in ("heard", "more"):
            await discord.say(room, ann, text)
        await bot.hears(3)
    assert bot.texts() == ["missed", "heard", "more"]
    assert discord.rest.requests.count(("GET", f"/channels/{room}/messages")) == 1
