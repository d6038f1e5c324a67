"""The HTTP server of a bot: who is let in, and who finds it."""

from __future__ import annotations

import socket
import stat

import aiohttp
import pytest
from aiohttp import web

from bot.errors import ConfigError, TownhallError
from bot.web import Server
from bot.web.address import Address, Nobody


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
