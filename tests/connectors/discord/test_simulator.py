"""The simulator answers as Discord does."""

from __future__ import annotations

import aiohttp
import pytest

from bot.testing.client import SimulatorClient
from bot.testing.simulator import Upload
from connectors.discord.simulator import DiscordSimulator
from connectors.discord.simulator.desk import read
from connectors.discord.simulator.files import stored_name


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


def row(**button):
    """A row with a button."""
    return {"components": [{"type": 1, "components": [{"type": 2, "style": 2, **button}]}]}


BUTTON = {"type": 2, "style": 2, "label": "a", "custom_id": "a"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": ""}, 50006),
        ({"content": "x" * 2001}, 50035),
        ({"embeds": [{"title": "x"}] * 11}, 50035),
        ({"embeds": [{"title": "x" * 257}]}, 50035),
        ({"embeds": [{"description": "x" * 4000}] * 2}, 50035),
        ({"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]}, 50035),
        ({"embeds": [{"fields": [{"name": "", "value": "b"}]}]}, 50035),
        (row(label="a"), 50035),
        (row(label="a", custom_id="x" * 101), 50035),
        (row(label="x" * 81, custom_id="x"), 50035),
        (row(label="a", style=5, url="javascript:x"), 50035),
        ({"components": [{"type": 1, "components": [BUTTON, BUTTON]}]}, 50035),
        ({"components": [{"type": 1, "components": [BUTTON] * 6}]}, 50035),
        ({"components": row(label="a", custom_id="a")["components"] * 6}, 50035),
        ({"content": "x", "nonce": "x" * 26}, 50035),
    ],
)
async def test_a_message_is_looked_at_as_discord_does(discord, api, body, code):
    """What is too long, too much or twice is refused with the number of its error."""
    room = discord.add_room("lobby")
    status, answer, _ = await api("POST", f"/channels/{room}/messages", json=body)
    assert (status, answer["code"]) == (400, code)


async def test_an_interaction_is_answered_in_time_and_once(discord, api, ann):
    """Within three seconds; its token is good for fifteen minutes after that."""
    data = {"id": "1", "name": "roll", "type": 1, "options": []}
    room = discord.state.channels[discord.add_room("lobby")]
    late, early = (discord.interactions.ask(2, room, ann, data) for _ in range(2))
    codes = []
    for one, ahead in ((early, 2), (early, 2), (late, 4)):
        discord.clock.ahead = ahead
        path = f"/interactions/{one.id}/{one.token}/callback"
        status, answer, _ = await api("POST", path, json={"type": 5})
        codes.append((status, answer and answer["code"]))
    assert codes == [(204, None), (400, 40060), (404, 10062)]
    for ahead, expected in ((899, 200), (901, 401)):
        discord.clock.ahead = ahead
        path = f"/webhooks/{discord.state.bot}/{early.token}/messages/@original"
        assert (await api("PATCH", path, json={"content": "x"}))[0] == expected


async def test_the_address_of_a_file_expires(discord, api, ann):
    """After a day; who asks for the message again gets a new one."""
    room = discord.add_room("lobby")
    said = await discord.say(room, ann, "look", files=[Upload("a.txt", b"12345")])
    addresses = []
    for _ in range(2):
        _, message, _ = await api("GET", f"/channels/{room}/messages/{said}")
        addresses.append(message["attachments"][0]["url"])
        discord.clock.ahead = 24 * 3600 + 1
    async with aiohttp.ClientSession() as session:
        answers = [await session.get(one) for one in addresses]
        assert [one.status for one in answers] == [404, 200]
        assert await answers[1].read() == b"12345"


async def test_a_forged_address_leads_nowhere(discord, ann):
    """It is signed."""
    room = discord.add_room("lobby")
    said = await discord.say(room, ann, "look", files=[Upload("a.txt", b"12345")])
    [file] = discord.state.where[said].messages[int(said)]["attachments"]
    async with aiohttp.ClientSession() as session, session.get(file["url"] + "0") as fair:
        assert fair.status == 200
        async with session.get(file["url"].replace("ex=", "ex=f")) as forged:
            assert forged.status == 404


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/webhooks/1/x", 404, 10015), ("/webhooks/{hook}/x", 401, 50027)],
)
async def test_a_webhook_needs_its_token(discord, api, path, status, code):
    """And to be there."""
    room = discord.add_room("lobby")
    _, hook, _ = await api("POST", f"/channels/{room}/webhooks", json={"name": "Ada"})
    answer = await api("POST", path.format(hook=hook["id"]), json={"content": "x"})
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


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        (r"\*a\* `\*` \<b>", r"*a* `\*` <b>"),
        (r"<https://x.org/a_b> https://x.org/a\_b", r"https://x.org/a_b https://x.org/a\_b"),
        ("*a*\u200b**b**", "*a***b**"),
    ],
)
def test_a_text_is_seen_without_the_signs_that_keep_it_literal(written, seen):
    """Addresses and code are shown as they are."""
    assert read(written) == seen


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("a & b.pdf", "a__b.pdf"),
        ("Übersicht 報告.pdf", "Ubersicht_.pdf"),
        ("報告.pdf", "unknown.pdf"),
        ("plain-1.tar.gz", "plain-1.tar.gz"),
    ],
)
def test_a_file_is_stored_by_a_name_that_fits_an_address(name, stored):
    """What was left out is told as its title."""
    assert stored_name(name) == stored
