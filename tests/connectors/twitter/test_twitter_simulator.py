"""The simulator answers as X does."""

import aiohttp
import pytest
from tweepy.asynchronous import AsyncClient

from connectors.twitter.simulator import TwitterSimulator


@pytest.fixture
async def app(x):
    """A session with the app's own token."""
    headers = {"Authorization": f"Bearer {x.gate.bearer}"}
    async with aiohttp.ClientSession(x.url, headers=headers) as session:
        yield session


async def get(app, path, status=200):
    async with app.get(path) as response:
        assert response.status == status
        return await response.json(content_type=None)


async def test_nobody_enters_without_credentials(x):
    """No signature, or none that fits, is a 401 in X's form."""
    async with aiohttp.ClientSession(x.url) as session:
        answer = await get(session, "/2/users/me", 401)
    assert (answer["title"], answer["status"]) == ("Unauthorized", 401)


async def test_the_apps_token_reads_but_is_nobody(x, app, ada):
    """It sees people and posts; what belongs to an account is forbidden to it."""
    found = await get(app, "/2/users/by/username/Ada_Lovelace")
    assert found["data"] == {"id": ada, "name": "Ada Lovelace", "username": "Ada_Lovelace"}
    assert (await get(app, "/2/users/me", 403))["title"] == "Unsupported Authentication"
    assert "errors" in await get(app, "/2/users/1")


async def test_fields_come_only_if_asked_for(x, app, square):
    """Without fields a post is its id, its text and its history; words old and new are known."""
    assert set((await get(app, f"/2/tweets/{square}"))["data"]) == {
        "id",
        "text",
        "edit_history_post_ids",
    }
    old = await get(app, f"/2/tweets/{square}?tweet.fields=conversation_id")
    assert old["data"]["conversation_id"] == square
    assert "edit_history_tweet_ids" in old["data"]


@pytest.mark.parametrize("query", ["max_results=4", "max_results=101", "since_id=x", "nonsense=1"])
async def test_a_wrong_query_is_an_invalid_request(x, app, query):
    """X names what it does not understand."""
    answer = await get(app, f"/2/users/{x.bot.id}/mentions?{query}", 400)
    assert answer["title"] == "Invalid Request"


async def test_mentions_are_paged_newest_first_and_end_at_800(x, app, ada, square):
    """Every page names its newest, its oldest and the next."""
    posts = [await x.say(square, ada, f"{n}", mention=True) for n in range(810)]
    found, query = [], ""
    while True:
        page = await get(app, f"/2/users/{x.bot.id}/mentions?max_results=100{query}")
        found += [post["id"] for post in page["data"]]
        assert page["meta"]["oldest_id"] == found[-1]
        if "next_token" not in page["meta"]:
            break
        query = f"&pagination_token={page['meta']['next_token']}"
    assert found == posts[:-801:-1]


async def test_windows_are_enforced_and_told():
    """The headers count down, and then it is a 429 until the reset."""
    async with TwitterSimulator(limits=True) as x:
        x.set_window("GET", "/2/users/{id}", limit=1, seconds=60)
        headers = {"Authorization": f"Bearer {x.gate.bearer}"}
        async with aiohttp.ClientSession(x.url, headers=headers) as session:
            for status in (200, 429):
                async with session.get(f"/2/users/{x.bot.id}") as response:
                    assert response.status == status
                    assert response.headers["x-rate-limit-remaining"] == "0"


async def test_a_deleted_post_is_gone(x, service, part):
    """The bot may take back what it said."""
    receipt = await service.send(part("timeline", "Oops"))
    await service.client.delete_tweet(receipt.message)
    assert "errors" in await service.client.get_tweet(receipt.message, user_auth=True)
    assert isinstance(service.client, AsyncClient)


async def test_a_cut_connection_is_opened_again(x, service):
    """`disconnect` ends what is open, and nothing else."""
    await service.login()
    await x.disconnect()
    assert (await service.login()).key == x.bot.id
