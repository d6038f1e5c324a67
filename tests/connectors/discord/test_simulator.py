"""The simulator answers as Discord does."""

from __future__ import annotations

import aiohttp
import pytest

from bot.testing.simulator import SimulatorClient
from connectors.discord.simulator import DiscordSimulator


@pytest.fixture
async def api(discord):
    """Ask the API as a bot does: `await api("GET", "/users/@me")`."""
    headers = {"Authorization": f"Bot {discord.state.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def ask(method, path, **how):
            url = f"{discord.settings['DISCORD_API_URL']}{path}"
            async with session.request(method, url, **how) as response:
                return response.status, await response.json(content_type=None), response.headers

        yield ask


async def test_history_is_told_newest_first_and_next_to_what_was_asked(discord, api, ann):
    """A page after an id holds the oldest that follow it, the newest of them first."""
    room = discord.add_room("lobby")
    said = [await discord.say(room, ann, str(number)) for number in range(6)]
    path = f"/channels/{room}/messages"
    for query, expected in [
        ({"limit": 2}, "54"),
        ({"limit": 2, "after": said[1]}, "32"),
        ({"limit": 2, "before": said[4]}, "32"),
        ({"limit": 2, "after": 0}, "10"),
    ]:
        _, page, _ = await api("GET", path, params=query)
        assert "".join(one["content"] for one in page) == expected


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/channels/1", 404, 10003),
        ("GET", "/channels/abc", 400, 50035),
        ("GET", "/channels/{room}/messages/1", 404, 10008),
        ("GET", "/channels/{room}/messages?limit=101", 400, 50035),
        ("PATCH", "/channels/{room}/messages/{said}", 403, 50005),
        ("GET", "/guilds/1", 404, 10004),
        ("GET", "/nothing", 404, 0),
    ],
)
async def test_errors_have_numbers(discord, api, method, path, status, code):  # noqa: PLR0917 - a table
    """Those that Discord documents."""
    room = discord.add_room("lobby")
    said = await discord.say(room, discord.add_person("Ann"), "hello")
    answer = await api(method, path.format(room=room, said=said))
    assert (answer[0], answer[1]["code"]) == (status, code)


async def test_a_stranger_is_turned_away(discord):
    """The token is looked at before anything else."""
    url = f"{discord.settings['DISCORD_API_URL']}/users/@me"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 401
        assert await response.json() == {"message": "401: Unauthorized", "code": 0}


async def test_every_answer_tells_its_limit(api):
    """And comes by way of the proxy that tells Discord from Cloudflare."""
    _, _, headers = await api("GET", "/users/@me")
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Bucket", "Via"} <= {*headers}


async def test_too_much_is_refused():
    """With the time to wait, in the body and in a header."""
    async with DiscordSimulator(limits=True) as discord, aiohttp.ClientSession() as session:
        url = f"{discord.settings['DISCORD_API_URL']}/channels/{discord.add_room('x')}/messages"
        headers = {"Authorization": f"Bot {discord.state.token}"}
        for _ in range(6):
            async with session.post(url, json={"content": "x"}, headers=headers) as response:
                body = await response.json()
    assert (response.status, body["global"]) == (429, False)
    assert 0 < body["retry_after"] <= 5


async def test_a_file_may_come_with_a_message(discord, api):
    """As a form, with the message in `payload_json`."""
    form = aiohttp.FormData({"payload_json": '{"content": ""}'})
    form.add_field("files[0]", b"12345", filename="a.txt")
    room = discord.add_room("lobby")
    _, message, _ = await api("POST", f"/channels/{room}/messages", data=form)
    assert [(one["filename"], one["size"]) for one in message["attachments"]] == [("a.txt", 5)]


async def test_people_are_played_from_another_process(discord):
    """By HTTP, in the same words."""
    async with aiohttp.ClientSession() as session:
        control = SimulatorClient(discord.url, session)
        ann, room = await control.add_person("Ann"), await control.add_room("lobby")
        (said,) = await control.say({"room": room, "person": ann, "text": "hello"})
        (heard,) = await control.said(room)
    assert (heard.message, heard.text, heard.by_bot) == (said, "hello", False)
