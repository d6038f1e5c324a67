"""The HTTP server of a bot: who is let in, and who finds it."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import time
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.errors import ConfigError, Rejected, TownhallError
from bot.porter import MOST
from bot.records import PartState
from bot.testing.connector import LoopbackService, said
from bot.web import Server
from bot.web.address import Address, Nobody, TokenRefused


@pytest.fixture
async def served(bot, tmp_path):
    """A bot with its server, and the address."""
    async with bot() as runtime, Server(runtime, tmp_path / "townhall.db").serve() as url:
        yield runtime, url


async def get(url, **headers):
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
        return response.status, await response.text()


async def test_the_api_wants_its_token(served):
    """Without it, or with another one, nothing is told."""
    _, url = served
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer é"}):
        status, text = await get(f"{url}/api/health", **headers)
        assert status == 401
        assert "loopback" not in text


async def test_bytes_that_are_no_text_are_no_token(served):
    """Whoever sends them is turned away as anybody else is."""
    _, url = served
    head = b"GET /api/health HTTP/1.1\r\nHost: bot\r\nAuthorization: Bearer \xff\r\n\r\n"
    reader, writer = await knock(url, head)
    assert b" 401 " in await reader.readline()
    writer.close()


async def test_white_space_is_no_token(bot, tmp_path):
    """A setting that was left blank is not set; one with a line's end is taken without it."""
    for given, wanted in (("  ", None), ("secret\n", "secret")):
        async with bot(settings={"TOWNHALL_HTTP_TOKEN": given}) as runtime:
            token = Server(runtime, tmp_path / "townhall.db").token
        assert token == wanted or (wanted is None and len(token) > 40)


@pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="this machine has no IPv6")
async def test_commands_find_a_server_on_ipv6(bot, tmp_path):
    """Its address is written as browsers want it."""
    database = tmp_path / "townhall.db"
    here = {"TOWNHALL_HTTP_HOST": "::1"}
    async with bot(settings=here) as runtime, Server(runtime, database).serve():
        health = await Address.of(database).ask("GET", "/api/health")
    assert health["loopback"]["status"] == "up"


async def test_a_caller_who_sends_no_end_holds_up_no_stop(bot, tmp_path):
    """A bot has to be gone before whoever stops it loses patience."""
    async with bot(settings={"TOWNHALL_HTTP_TOKEN": "token"}) as runtime:
        async with Server(runtime, tmp_path / "townhall.db").serve() as url:
            head = "POST /api/desk HTTP/1.1\r\nHost: bot\r\nAuthorization: Bearer token\r\n"
            _, writer = await knock(url, f"{head}Content-Length: 9\r\n\r\n".encode())
            await get(f"{url}/metrics")  # by now the other request is in hand, too
            begun = time.monotonic()
        assert time.monotonic() - begun < 10
        writer.close()


async def knock(url, head):
    """A connection of one's own to a server, and what is sent first."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head)
    await writer.drain()
    return reader, writer


async def test_of_two_who_replay_the_same_one_is_heard(served, tmp_path):
    """What failed is sent once, and the other is told that nothing failed."""
    runtime, _ = served
    LoopbackService.outcomes.append(Rejected("not now"))
    await runtime.deliver(said("hello"))
    await runtime.drain()
    [out] = await runtime.store.outgoing([PartState.FAILED])
    wish = {"verb": "replay", "key": str(out.part.delivery), "by": "ann"}
    ask = Address.of(tmp_path / "townhall.db").ask
    asked = [ask("POST", "/api/desk", wish) for _ in range(5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    await runtime.drain()
    assert [part.text for part in LoopbackService.sent["lobby"]] == ["HELLO"]
    assert sum(isinstance(one, TownhallError) for one in answers) == 4


async def test_a_note_in_place_of_which_something_lies_is_named(bot, tmp_path):
    """As a folder; what to do is said, too."""
    (tmp_path / "townhall.db.http").mkdir()
    async with bot() as runtime:
        with pytest.raises(ConfigError, match="note for commands"):
            async with Server(runtime, tmp_path / "townhall.db").serve():
                pass


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_note_that_a_stranger_left_is_not_believed(tmp_path):
    """In a folder of many, commands tell what they mean only to the bot of the database."""
    database = tmp_path / "townhall.db"
    database.touch()
    with Address("http://127.0.0.1:9", "token").noted(database):
        os.chown(tmp_path / "townhall.db.http", 4711, -1)
        assert Address.of(database) is None
        os.chown(database, 4711, -1)
        assert Address.of(database)


async def test_commands_find_the_server_by_its_note(served, tmp_path):
    """The note beside the database is for its user only, and has what the server wants shown."""
    note = tmp_path / "townhall.db.http"
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    address = Address.of(tmp_path / "townhall.db")
    health = await address.ask("GET", "/api/health")
    assert health["loopback"]["status"] == "up"
    assert address.token.get_secret_value() not in repr(address)


async def test_what_is_refused_is_explained(served, tmp_path):
    """In the words that the command then prints."""
    address = Address.of(tmp_path / "townhall.db")
    for body, words in (
        ({"verb": "explode", "key": "x"}, "no verb"),
        ({"verb": "replay", "key": "x"}, "nothing of x"),
        ({"verb": ["replay"], "key": "x"}, "no verb"),
        ({"verb": "replay", "key": "x", "note": "why"}, "nothing of x"),
        ([], "JSON object"),
    ):
        with pytest.raises(TownhallError, match=words):
            await address.ask("POST", "/api/desk", body)


async def test_a_note_of_a_bot_that_was_killed_names_nobody(bot, tmp_path):
    """It is told apart from a server that refuses."""
    with Address("http://127.0.0.1:9", "token").noted(tmp_path / "townhall.db"):
        address = Address.of(tmp_path / "townhall.db")
        with pytest.raises(Nobody):
            await address.ask("GET", "/api/health")
    assert Address.of(tmp_path / "townhall.db") is None


async def test_a_bot_that_takes_us_for_a_stranger_is_named(served, tmp_path):
    """It is told apart from one that does not answer, and where the token stands is said."""
    _, url = served
    with pytest.raises(TokenRefused, match=rf"{url} refuses our token\n.*\.http"):
        await Address(url, "wrong").ask("GET", "/api/health")


async def test_the_health_of_a_service_says_where_in_its_life_it_is(served, tmp_path):
    """So that a program knows whether waiting could help."""
    health = await Address.of(tmp_path / "townhall.db").ask("GET", "/api/health")
    assert health["loopback"]["state"] == "running"


async def test_beyond_its_limit_the_server_turns_callers_away(served):
    """At once and in words; when others have gone, it answers again."""
    _, url = served
    async with AsyncExitStack() as stack:
        for _ in range(MOST):
            _, writer = await knock(url, b"")
            stack.callback(writer.close)
            await asyncio.sleep(0)
        reader, writer = await knock(url, b"")
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b'{"error": "too many connections"}\n')
    async with asyncio.timeout(20):
        while (await status_of(url)) == 503:
            pass


async def status_of(url):
    """What the server answers to somebody without a token; 503 if it does not read them."""
    try:
        return (await get(f"{url}/metrics"))[0]
    except aiohttp.ClientError:
        return 503


async def test_a_service_opens_a_door(served):
    """Whoever knocks there is let in by the service, and only while it is open."""
    runtime, url = served

    async def greet(_request):
        return web.Response(text="welcome")

    with runtime.doors.open("GET", "/hook", greet):
        assert await get(f"{url}/hook") == (200, "welcome")
        with (
            pytest.raises(ConfigError, match="is taken"),
            runtime.doors.open("GET", "/hook", greet),
        ):
            pass
    assert (await get(f"{url}/hook"))[0] == 404


async def test_a_port_in_use_is_named(bot, tmp_path):
    """With what to do about it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with bot(settings={"TOWNHALL_HTTP_PORT": port}) as runtime:
            with pytest.raises(ConfigError, match=f"{port}.*\n.*TOWNHALL_HTTP_PORT"):
                async with Server(runtime, tmp_path / "townhall.db").serve():
                    pass


async def test_an_address_of_another_machine_is_named(bot, tmp_path):
    """With the setting that says it."""
    async with bot(settings={"TOWNHALL_HTTP_HOST": "192.0.2.1"}) as runtime:
        with pytest.raises(ConfigError, match=r"192\.0\.2\.1.*\n.*TOWNHALL_HTTP_HOST"):
            async with Server(runtime, tmp_path / "townhall.db").serve():
                pass
