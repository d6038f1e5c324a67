"""Laws of the webhook: Telegram sends what comes, and is told once it is stored."""

import asyncio
import socket
from contextlib import AsyncExitStack

import aiohttp
import pytest

from bot.errors import ConfigError, Fenced, StoreFull
from bot.events import EventKind
from bot.porter import MOST
from bot.service import Status
from bot.testing.connectors.stage import Witness
from bot.testing.runtime import create_mock_runtime
from bot.value import now
from bot.web import Server
from connectors.telegram import webhook
from connectors.telegram.connector import TelegramService

URL = "https://bot.example.org/hook"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def hook():
    """The settings of a webhook on this machine."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    return {"TELEGRAM_WEBHOOK_URL": url, "TELEGRAM_WEBHOOK_PORT": str(port)}


async def is_up(scene, service):
    await scene.until(lambda _: service._health.status is Status.UP)


async def test_what_is_said_arrives_by_the_webhook_in_order(scene, hook):
    """Also what was said before it was set: nothing that waits is dropped."""
    for text in ("One", "Two"):
        await scene.say(text)
    async with scene.another(**hook) as service:
        await is_up(scene, service)
        await scene.say("Three")
        events = await service.runtime.wait_for_events(3)
        await scene.until(lambda s: s.telegram.pending == 0)
    assert [one.content.text for one in events] == ["One", "Two", "Three"]
    assert scene.telegram.calls["getupdates"] == 0


async def test_the_way_that_an_update_came_is_known_and_no_part_of_its_key(scene, hook):
    """One that could not be stored from a poll comes again by the webhook: the same event."""
    told = []

    async def deliver(*events):
        told.extend(events)
        raise StoreFull("no room on the disk")

    await scene.say("One")
    for settings in ({}, hook):
        known = len(told)
        async with scene.another(deliver=deliver, **settings):
            await scene.until(lambda _: len(told) > known)  # noqa: B023 - it is awaited here
    assert {one.how for one in told} == {"polling", "webhook"}
    assert len({one.key for one in told}) == 1


async def test_an_update_is_confirmed_once_it_is_stored(scene, hook):
    """A full store answers with an error, and Telegram comes again."""

    async def deliver(*events):
        raise StoreFull("no room on the disk")

    async with scene.another(deliver=deliver, **hook) as service:
        await scene.say("One")
        await scene.until(lambda _: service._health.why == "no room on the disk")
        assert scene.telegram.pending == 1
    async with scene.another(**hook) as after:
        [event] = await after.runtime.wait_for_events(1)
        await scene.until(lambda s: s.telegram.pending == 0)
    assert event.content.text == "One"


@pytest.mark.parametrize("shown", [{}, {webhook.HEADER: "wrong"}, {webhook.HEADER: "é"}])
async def test_only_who_shows_the_secret_is_heard(scene, hook, shown):
    """Anybody can find the address."""
    async with scene.another(**hook) as service, aiohttp.ClientSession() as session:
        await is_up(scene, service)
        url = hook["TELEGRAM_WEBHOOK_URL"]
        async with session.post(url, json={"update_id": 1}, headers=shown) as answer:
            assert answer.status == 403
        assert service.runtime.delivered == []


async def test_a_secret_of_ones_own_is_used(scene, hook):
    """By default it is computed from the token, so that it outlives a restart."""
    async with scene.another(**hook, TELEGRAM_WEBHOOK_SECRET="open-sesame") as service:
        await scene.say("Hello")
        [event] = await service.runtime.wait_for_events(1)
    assert event.content.text == "Hello"
    assert scene.telegram._webhook._secret == "open-sesame"
    assert webhook.derived("1:a") == webhook.derived("1:a") != webhook.derived("1:b")


@pytest.mark.parametrize(
    ("body", "status", "kinds"),
    [
        (b"not JSON", 200, [EventKind.MALFORMED]),
        (b'{"update_id": 1, "dream": {}}', 200, [EventKind.UNKNOWN]),
        (b'{"update_id": 1, "dream": "\\ud83d"}', 200, [EventKind.UNKNOWN]),
        (b" " * webhook.LARGEST, 413, []),
    ],
)
async def test_bad_input_is_an_answer(scene, hook, body, status, kinds):
    """What makes no sense is kept and confirmed, or it would come for ever."""
    secret = {webhook.HEADER: webhook.derived(scene.telegram.token)}
    async with scene.another(**hook) as service, aiohttp.ClientSession() as session:
        await is_up(scene, service)
        url = hook["TELEGRAM_WEBHOOK_URL"]
        async with session.post(url, data=body, headers=secret) as answer:
            assert answer.status == status
        assert [one.kind for one in service.runtime.delivered] == kinds


async def test_a_newer_lease_ends_the_listening(scene, hook):
    """Somebody else does this work now."""

    async def deliver(*events):
        raise Fenced("a newer lease exists")

    service = await TelegramService.start(create_mock_runtime(scene.telegram.settings | hook))
    await scene.say("Hello")
    with pytest.raises(Fenced):
        await service.listen(deliver)
    await service.stop()
    assert scene.telegram.pending == 1


async def test_a_port_in_use_is_named(scene, hook):
    """With the setting that changes it."""
    service = await TelegramService.start(create_mock_runtime(scene.telegram.settings | hook))
    port = int(hook["TELEGRAM_WEBHOOK_PORT"])
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(ConfigError, match=f"port {port} is in use.*\n.*TELEGRAM_WEBHOOK_PORT"),
    ):
        await service.run()
    await service.stop()


async def test_a_port_of_its_own_lets_only_so_many_in(scene, hook):
    """Each connection costs a file descriptor, without which nothing else could be opened."""
    port = hook["TELEGRAM_WEBHOOK_PORT"]
    async with scene.another(**hook) as service, AsyncExitStack() as stack, asyncio.timeout(20):
        await is_up(scene, service)
        for _ in range(MOST):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        stack.callback(writer.close)
        assert (await reader.readline()).startswith(b"HTTP/1.1 503 ")


async def test_an_address_that_telegram_refuses_is_named(scene, hook):
    """In Telegram's words."""
    body = {"ok": False, "error_code": 400, "description": "Bad Request: bad webhook: no HTTPS"}
    scene.telegram.fail_next("setWebhook", 400, body)
    service = await TelegramService.start(create_mock_runtime(scene.telegram.settings | hook))
    with pytest.raises(ConfigError, match=r"no https.*\n.*TELEGRAM_WEBHOOK_URL"):
        await service.run()
    await service.stop()


async def test_a_certificate_is_handed_to_telegram(scene, hook, tmp_path):
    """One that is signed by no authority that Telegram knows."""
    file = tmp_path / "public.pem"
    file.write_text("-----BEGIN CERTIFICATE-----")
    async with scene.another(**hook, TELEGRAM_WEBHOOK_CERTIFICATE=str(file)) as service:
        await is_up(scene, service)
        assert (await scene.telegram._webhook.get_webhook_info({}))["has_custom_certificate"]


async def test_who_polls_again_removes_the_webhook_that_was_theirs(scene, hook):
    """And loses nothing that came in between."""
    async with scene.another(**hook) as service:
        await is_up(scene, service)
    await scene.say("Hello")
    async with scene.another() as service:
        [event] = await service.runtime.wait_for_events(1)
        await is_up(scene, service)
    assert event.content.text == "Hello"
    assert scene.telegram.calls["deletewebhook"] == 1


async def test_the_webhook_of_somebody_else_stays(scene, hook):
    """It is named, and what is to be done."""
    async with scene.another(**hook) as service:
        await is_up(scene, service)
    await scene.service.client.ask("setWebhook", {"url": URL})
    async with scene.another() as service:
        await scene.until(lambda _: "webhook is set (bot.example.org)" in service._health.why)
    assert scene.telegram.calls["deletewebhook"] == 0


@pytest.mark.parametrize(
    ("info", "status", "words"),
    [
        ({"url": URL, "pending_update_count": 3}, Status.UP, ""),
        ({"url": "https://BOT.example.org:443/hook"}, Status.UP, ""),
        ({"url": "https://other.example.org/x"}, Status.DEGRADED, "leads to other.example.org"),
        ({"url": ""}, Status.DEGRADED, "was removed"),
        (
            {"url": URL, "pending_update_count": 3, "last_error_message": "Connection refused"},
            Status.DEGRADED,
            "Connection refused",
        ),
    ],
)
def test_what_telegram_says_of_the_webhook_is_shown(info, status, words):
    """An error counts while updates wait."""
    if "last_error_message" in info:
        info = info | {"last_error_date": int(now().timestamp())}
    health = webhook.judged(info, URL)
    assert (health.status, bool(health.fix)) == (status, status is not Status.UP)
    assert words in health.why


async def test_without_a_port_of_their_own_updates_come_in_by_the_bots_server(scene, tmp_path):
    """Beside its API, and not without the secret."""
    port, path = free_port(), tmp_path / "townhall.db"
    url = f"http://127.0.0.1:{port}/telegram/default"
    hook = {"TELEGRAM_WEBHOOK_URL": url, "TOWNHALL_HTTP_PORT": str(port)}
    witness = Witness(TelegramService, scene.telegram.settings | hook, path)
    async with witness as bot, Server(bot, path).serve(), aiohttp.ClientSession() as session:
        await bot.becomes(Status.UP)
        async with session.post(url, json={"update_id": 1}) as answer:
            assert answer.status == 403
        await scene.say("Hello")
        [event] = await bot.hears(1)
        await scene.until(lambda s: s.telegram.pending == 0)
    assert event.content.text == "Hello"
    assert scene.telegram.calls["getupdates"] == 0


async def test_a_server_on_any_free_port_is_warned_of(scene):
    """Telegram would have to know it."""
    settings = {"TELEGRAM_WEBHOOK_URL": URL}
    warned = []
    for more in ({}, {"TOWNHALL_HTTP_PORT": "8080"}, {"TELEGRAM_WEBHOOK_PORT": "8080"}):
        service = await TelegramService.start(
            create_mock_runtime(scene.telegram.settings | settings | more)
        )
        warned.append("TOWNHALL_HTTP_PORT" in "".join((await service.login()).warnings))
        await service.stop()
    assert warned == [True, False, False]


async def test_no_webhook_is_warned_of_where_it_is_meant(scene, hook):
    """`townhall check` looks at the settings alone."""
    async with scene.another(**hook) as service:
        await is_up(scene, service)
        assert (await service.login()).warnings == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_WEBHOOK_URL", "example.org"),
        ("TELEGRAM_WEBHOOK_SECRET", "open sesame"),
        ("TELEGRAM_WEBHOOK_PORT", "70000"),
    ],
)
def test_a_wrong_setting_is_named(name, value):
    """Before anything is asked of Telegram."""
    with pytest.raises(ConfigError, match=name):
        TelegramService(create_mock_runtime({"TELEGRAM_BOT_TOKEN": "1:x", name: value}))
