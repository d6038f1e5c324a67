"""A simulated Discord is played from another process, in the same words as from this one."""

from __future__ import annotations

import aiohttp
import pytest

from connectors.discord.simulator import posts


@pytest.fixture
async def control(discord):
    """Call the control API: `await control("join", person=ann)`."""
    async with aiohttp.ClientSession() as session:

        async def call(route, **body):
            async with session.post(f"{discord.url}/control/{route}", json=body) as response:
                response.raise_for_status()
                return await response.json()

        yield call


async def test_what_makes_no_sense_is_answered_with_the_reason(discord):
    """Whoever plays with curl sees what was wrong."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{discord.url}/control/rename", json={"person": "1"}) as response,
    ):
        assert response.status == 400
        assert "name" in (await response.json())["error"]


async def test_more_than_text_is_said(discord, control, ann):
    """With the fields of the message object."""
    room = discord.add_room("lobby")
    message = await control("post", room=room, person=ann, **posts.sticker("Wave"))
    shown = discord.state.where[message].messages[int(message)]
    assert [one["name"] for one in shown["sticker_items"]] == ["Wave"]


async def test_groups_and_roles_are_made(discord, control, ann):
    """Their ids are answered."""
    group = await control("groups", people=[ann], name="Friends")
    role = await control("roles", name="Cooks", people=[ann])
    assert discord.state.channels[group].recipients == (ann,)
    assert role in discord.state.members[ann]["roles"]


async def test_people_come_and_go(discord, control, ready):
    """The bot hears of it."""
    bob = discord.add_person("Bob")
    for verb in ("join", "leave"):
        await control(verb, person=bob)
    await control("rename", person=bob, name="Rob")
    [event] = await ready.hears(1)
    assert event.sender.name == "Rob"


@pytest.mark.parametrize("verb", ["double_next", "swap_next", "cut_next", "mute_heartbeats"])
async def test_what_goes_wrong_harms_nobody(discord, control, ready, ann, verb):
    """What is said after it is heard."""
    await control(verb)
    for text in ("one", "two"):
        await discord.say(discord.state.lobby, ann, text)
    await ready.hears(2)
    assert sorted(ready.texts()) == ["one", "two"]
