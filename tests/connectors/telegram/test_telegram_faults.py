"""Laws of the simulator's faults and of its webhook: what goes wrong, does so as on Telegram."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web


@pytest.fixture
async def call(scene):
    """Call a method of the Bot API; its result."""
    async with aiohttp.ClientSession() as session:

        async def call(method, **what):
            url = f"{scene.telegram.url}/bot{scene.telegram.token}/{method}"
            async with session.post(url, json=what) as response:
                answer = await response.json()
            return answer.get("result", answer.get("description"))

        yield call


class Ear:
    """A server that takes updates, or refuses them."""

    def __init__(self):
        self.heard, self.status = [], 200

    async def take(self, request):
        update = await request.json()
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.heard.append((secret, update["update_id"], update["message"]["text"]))
        return web.Response(status=self.status)

    @asynccontextmanager
    async def listening(self):
        app = web.Application()
        app.router.add_post("/hook", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        await runner.cleanup()


@pytest.fixture
async def ear():
    return Ear()


async def test_updates_are_sent_to_the_webhook_one_by_one(scene, call, ear):
    """With the secret, and those that waited first; a poll is refused meanwhile."""
    await scene.say("One")
    async with ear.listening() as url:
        await call("setWebhook", url=url, secret_token="hush", allowed_updates=[])
        await scene.say("Two")
        await scene.until(lambda s: s.telegram.pending == 0)
        assert "webhook is active" in await call("getUpdates")
    assert [(secret, text) for secret, _, text in ear.heard] == [("hush", "One"), ("hush", "Two")]


async def test_an_update_that_is_refused_comes_again(scene, call, ear):
    """With a pause, and no other before it; what went wrong is told."""
    async with ear.listening() as url:
        ear.status = 503
        await call("setWebhook", url=url)
        await scene.say("One")
        await scene.say("Two")
        await scene.until(lambda _: len(ear.heard) > 2)
        info = await call("getWebhookInfo")
        ear.status = 200
        await scene.until(lambda s: s.telegram.pending == 0)
    assert (info["url"], info["pending_update_count"]) == (url, 2)
    assert info["last_error_message"].endswith("503 Service Unavailable")
    assert info["last_error_date"]
    texts = [text for _, _, text in ear.heard]
    assert texts == [*["One"] * texts.count("One"), "Two"]


async def test_without_the_webhook_updates_wait_for_a_poll(scene, call, ear):
    """None is dropped, unless that is asked for."""
    async with ear.listening() as url:
        await call("setWebhook", url=url)
        await call("deleteWebhook")
        await scene.say("One")
        [update] = await call("getUpdates")
        await call("setWebhook", url=url, drop_pending_updates=True)
        assert scene.telegram.pending == 0
    assert (update["message"]["text"], ear.heard) == ("One", [])


@pytest.mark.parametrize(
    ("what", "words"),
    [({"url": "nowhere"}, "bad webhook"), ({"url": "https://x", "secret_token": "a b"}, "secret")],
)
async def test_a_wrong_webhook_is_refused(call, what, words):
    """In words like Telegram's."""
    assert words in await call("setWebhook", **what)


async def test_an_update_can_come_twice_and_out_of_order(scene, call):
    """As after a lost confirmation, or with a webhook of many connections."""
    scene.telegram.repeat_next()
    await scene.say("One")
    scene.telegram.swap_next()
    await scene.say("Two")
    await scene.say("Three")
    updates = await call("getUpdates")
    assert [one["message"]["text"] for one in updates] == ["One", "One", "Three", "Two"]
    last = max(one["update_id"] for one in updates)
    assert await call("getUpdates", offset=last + 1) == []


async def test_faults_of_order_lose_nothing(scene):
    """What comes twice has one key, and what comes late is heard."""
    scene.telegram.repeat_next()
    scene.telegram.swap_next()
    await scene.say("One")
    await scene.say("Two")
    async with scene.listening():
        await scene.until(lambda s: s.runtime.delivered and s.telegram.pending == 0)
    events = {one.key: one.content.text for one in scene.runtime.delivered}
    assert sorted(events.values()) == ["One", "Two"]


async def test_an_answer_can_be_lost(scene, call):
    """What was asked for is done all the same."""
    scene.telegram.lose_next("sendMessage")
    with pytest.raises(aiohttp.ClientError):
        await call("sendMessage", chat_id=scene.dm, text="Hello")
    assert [said.text for said in scene.telegram.said_by_bot(scene.dm)] == ["Hello"]


async def test_a_second_poll_ends_the_first(scene, call):
    """Only one may read."""
    first = asyncio.create_task(call("getUpdates", timeout=30))
    await scene.until(lambda s: s.telegram.calls["getupdates"])
    second = asyncio.create_task(call("getUpdates", timeout=30))
    assert "terminated by other getUpdates" in await first
    await scene.say("One")
    [update] = await second
    assert update["message"]["text"] == "One"


async def test_a_command_is_typed_as_by_the_menu(scene):
    """In a group with the bot's name, and arguments with spaces in quotation marks."""
    await scene.telegram.command(scene.group, scene.ada, "post", {"to": "a b", "text": "hi"})
    await scene.telegram.command(scene.dm, scene.ada, "say", {"text": "it's me"})
    async with scene.listening():
        events = await scene.heard(2)
    assert [one.content.text for one in events] == ["/post 'a b' hi", "/say it's me"]
    assert [one.addressed for one in events] == [True, True]


async def test_a_small_group_that_moved_says_where(scene, call):
    """Its old id is good for nothing else."""
    old = scene.telegram.people.found("Club")
    new = scene.telegram.people.migrate(old)
    assert "upgraded to a supergroup" in await call("sendMessage", chat_id=old, text="Hi")
    assert (await call("sendMessage", chat_id=new, text="Hi"))["text"] == "Hi"


async def test_what_only_telegram_has_can_be_asked_for_by_http(scene):
    """By the names of the methods, with their arguments."""
    async with aiohttp.ClientSession() as session:

        async def do(deed, **what):
            async with session.post(f"{scene.telegram.url}/control/{deed}", json=what) as response:
                return await response.json()

        club = await do("found", name="Club")
        await do("join", room=club, person=scene.ada)
        await do("share", room=club, person=scene.ada, dice={"emoji": "🎲", "value": 4})
        await do("migrate", room=club)
    async with scene.listening():
        events = await scene.heard(4)
    assert [one.kind for one in events] == ["membership", "message", "profile", "profile"]
    assert events[1].content.text == "🎲 4"
