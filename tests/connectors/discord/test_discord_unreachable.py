"""What was surely not sent is not taken for what perhaps was, and nobody waits for ever."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.content import Persona
from bot.errors import RateLimited, Unavailable
from bot.testing.connectors.stage import until
from bot.testing.runtime import create_mock_runtime
from connectors.discord.connector import DiscordService
from connectors.discord.errors import foreign_errors
from connectors.discord.wire import Route, Wire

VIA = {"Via": "1.1 google"}


@pytest.fixture
async def sender(discord):
    service = await DiscordService.start(create_mock_runtime(discord.settings))
    yield service
    await service.stop()


@pytest.mark.parametrize("address", ["https://127.0.0.1:{}", "http://nobody.invalid"])
async def test_without_a_connection_nothing_was_said(discord, sender, address):
    """No such name, or no TLS where there should be."""
    await sender.login()
    wire = Wire(sender._logged_in, address.format(discord.port))
    route = Route("POST", "/channels/{channel_id}/messages", channel_id="1")
    with pytest.raises(Unavailable):
        await wire(route, {"content": "hello"})


@pytest.mark.parametrize("cause", [None, aiohttp.ClientConnectionResetError("closing")])
def test_what_could_not_be_written_was_not_said(cause):
    """A connection that was kept open may close in the moment in which it is used again."""
    error = aiohttp.ClientOSError("cannot write") if cause else aiohttp.ClientConnectionResetError()
    with pytest.raises(Unavailable), foreign_errors(writing=True):
        raise error from cause


async def test_who_stops_typing_leaves_the_way_open(discord, sender, to):
    """A limit of the whole account, met by a signal that is given up, holds up no message."""
    room = discord.add_room("lobby")
    limited = {"message": "Slow down.", "retry_after": 25.0, "global": True}
    headers = {**VIA, "Retry-After": "25", "X-RateLimit-Global": "true"}
    await discord.fail_next("POST", "/typing", 429, limited, headers=headers)
    typing = asyncio.create_task(sender.typing(sender.room(room)))
    await until(lambda: ("POST", f"/channels/{room}/typing") in discord.rest.requests)
    await asyncio.wait([typing], timeout=0.2)
    typing.cancel()
    async with asyncio.timeout(5):
        await sender.send(to(room, "hello"))
    assert [one.text for one in discord.said_by_bot(room)] == ["hello"]


async def test_a_short_limit_of_the_account_is_told_too(discord, sender, to):
    """Whoever sends then leaves all of the account alone, and not just one message."""
    room, limited = discord.add_room("lobby"), {"message": "", "retry_after": 2.0, "global": True}
    headers = {**VIA, "Retry-After": "2", "X-RateLimit-Global": "true"}
    await discord.fail_next("POST", "/messages", 429, limited, headers=headers)
    with pytest.raises(RateLimited) as caught:
        await sender.send(to(room, "hello"))
    assert (caught.value.retry_after, caught.value.room) == (2.0, False)


async def test_a_name_that_could_not_be_made_has_said_nothing(discord, sender, to):
    """What was lost is the answer to a preparation; the next try finds what it made."""
    room = discord.add_room("lobby")
    act = to(room, "To be", persona=Persona(name="Hamlet"))
    await discord.fail_next("POST", "/webhooks$", 0, taken=True)
    with pytest.raises(Unavailable):
        await sender.send(act)
    await sender.send(act)
    assert [one.text for one in discord.said_by_bot(room)] == ["To be"]
    assert discord.rest.requests.count(("POST", f"/channels/{room}/webhooks")) == 1


@pytest.mark.parametrize("told", [[], {}, {"type": "?"}, "no", None])
async def test_a_channel_that_makes_no_sense_has_taken_nothing(discord, sender, to, told):
    """It is asked before something is said in it."""
    room = discord.add_room("lobby")
    await discord.fail_next("GET", f"/channels/{room}$", 200, told)
    act = to(room, "To be", persona=Persona(name="Hamlet"))
    with pytest.raises(Unavailable):
        await sender.send(act)
    await sender.send(act)
    assert len(discord.said_by_bot(room)) == 1
