"""What is written down of an audience, and what is not."""

from __future__ import annotations

import asyncio

import pytest
from pydantic_core import to_json

from bot.errors import Rejected, TownhallError, Unavailable
from bot.services.notification import NotificationService, plugin
from bot.testing.connector import LoopbackService

URL = "loopback:json://ann:hunter2@example.org"


@pytest.fixture(autouse=True)
def rooms(monkeypatch):
    """A platform whose addresses hold passwords, as those of Apprise do."""

    async def room_of(self, address):
        if "nobody" in address:
            return None
        if "busy" in address:
            raise Unavailable("not now")
        return self.room("json/ann" if "://" in address else address)

    monkeypatch.setattr(LoopbackService, "room_of", room_of)


async def test_no_password_is_stored_or_shown(bot):
    """Neither of who gets it nor of who is left out; the room's key stands for the address."""
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        terms = {"without": [URL], "draft": True}
        campaign = await service.broadcast("hello", [URL, "loopback:b"], **terms)
        stored = await runtime.store.campaign(campaign.id)
    assert stored.audience == ("loopback:json/ann", "loopback:b")
    assert stored.without == ("loopback:json/ann",)


async def test_an_address_with_a_password_is_reached(bot):
    """By its key, and once, also where the room is meant by its key besides."""
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        sent = asyncio.Event()
        LoopbackService.on_sent.append(lambda _part: sent.set())
        campaign = await service.broadcast("hello", [URL, "loopback:json/ann"])
        await sent.wait()
        [one] = await service.recipients(campaign.id)
    assert one.room == "json/ann"


async def test_a_preview_shows_no_password(bot):
    """Nor does it in the name of a member that is nobody."""
    nobody = "loopback:json://nobody:hunter2@example.org"
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        found = await service.preview("hello", [URL, nobody])
    assert (found.counts, found.unknown) == ({"loopback": 1}, ("loopback:json://…",))
    assert b"hunter2" not in to_json(found)


async def test_lists_hold_no_passwords(bot):
    """Who is imported by such an address is on the list by the room's key."""
    rows = [URL, "json://ann:hunter2@example.org", "loopback/sales:json://hunter2"]
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        done = await service.import_rows(enumerate(rows))
        assert await service.subscribers("news") == [("loopback", "default", "json/ann")]
    assert (done.added, len(done.bad)) == (1, 2)
    assert b"hunter2" not in to_json(done)


@pytest.mark.parametrize("name", ["nobody:hunter2", "busy:hunter2"])
async def test_what_cannot_be_looked_up_is_refused_without_the_password(bot, name):
    """Stored as it is, it would be a password in the database."""
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        with pytest.raises(TownhallError, match=r"loopback:json://… ") as caught:
            await service.broadcast("hello", [f"loopback:json://{name}@example.org"])
        assert await service.campaigns() == []
    assert "hunter2" not in str(caught.value)


async def test_whether_anybody_is_reached_is_known_without_counting(bot):
    """And which members are nobody."""
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        await service.import_rows([(1, "loopback:a")])
        assert await service.unknown(["topic:news", "topic:nwes", "loopback:c"]) == ("topic:nwes",)
        assert await service.reaches(["topic:news"])
        assert not await service.reaches(["topic:news"], without=["loopback:a"])


async def reasons(service, campaign):
    """Why a campaign waits, and why its recipients were given up."""
    progress = await service.progress(campaign.id)
    recipients = await service.recipients(campaign.id)
    return f"{progress.waits} {[one.reason for one in recipients]}"


@pytest.mark.parametrize("error", [Rejected, Unavailable])
async def test_why_an_address_is_not_found_tells_no_secret(bot, monkeypatch, error):
    """Neither where a recipient is given up for it, nor where a campaign waits."""

    async def room_of(self, address):
        raise error("http://h/key-1 says no")

    monkeypatch.setattr(LoopbackService, "room_of", room_of)
    async with bot(plugin) as runtime:
        monkeypatch.setattr(runtime.settings, "redacted", lambda text: text.replace("key-1", "***"))
        service = runtime.get_service(NotificationService)
        campaign = await service.broadcast("hello", ["loopback:a"])
        async with asyncio.timeout(20):
            while "says no" not in (told := await reasons(service, campaign)):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
    assert "http://h/*** says no" in told


@pytest.fixture
def asked(monkeypatch):
    """Addresses that were looked up, in order; those that begin so raise these errors."""
    asked, errors = [], {"bad": Unavailable("not now"), "odd": KeyError("x")}

    async def room_of(self, address):
        asked.append(address)
        if error := errors.get(address[:3]):
            raise error
        return self.room(address.removeprefix("@"))

    monkeypatch.setattr(LoopbackService, "room_of", room_of)
    return asked, errors


async def until(service, campaign, is_so=lambda _: True, **counts):
    """Wait until a campaign has these counts, and something else is so of it."""
    async with asyncio.timeout(20):
        while True:
            told = await service.progress(campaign.id)
            if told.counts.get("loopback") == counts and is_so(told):
                return
            await asyncio.sleep(0.01)


async def test_an_address_that_cannot_be_looked_up_now_holds_up_nobody(bot, asked):
    """It waits, the campaign says why, and all others get the message at once."""
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        campaign = await service.broadcast("hello", [f"loopback:{one}" for one in ("bad", *"xyz")])
        await until(service, campaign, lambda told: "not now" in str(told.waits), queued=1, sent=3)


async def test_an_address_that_a_connector_breaks_on_is_given_up(bot, asked):
    """With its reason; all others get the message, and the campaign ends."""
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        campaign = await service.broadcast("hello", [f"loopback:{one}" for one in ("odd", *"xyz")])
        await until(service, campaign, lambda told: told.campaign.is_over, failed=1, sent=3)
        assert "KeyError: 'x'" in await reasons(service, campaign)


async def test_however_many_cannot_be_looked_up_nobody_behind_them_starves(bot, asked):
    """They are left alone until the others had their turn, which keep their order."""
    looked_up, _ = asked
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        members = [f"loopback:{one}" for one in (*(f"bad{n}" for n in range(5)), *"xyz")]
        campaign = await service.broadcast("hello", members)
        await until(service, campaign, queued=5, sent=3)
    assert looked_up[: len(members)] == [*(f"bad{n}" for n in range(5)), *"xyz"]


async def test_who_was_put_off_is_looked_up_again(bot, asked, monkeypatch):
    """And gets nothing where another address of the same room was served meanwhile."""
    monkeypatch.setattr("bot.services.notification.queue.AGAIN_SECONDS", 0.1)
    _, errors = asked
    errors["@x"] = errors["bad"]
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        campaign = await service.broadcast(
            "hello", [f"loopback:{one}" for one in ("@x", "bad", "x")]
        )
        await until(service, campaign, queued=2, sent=1)
        errors.clear()
        await until(service, campaign, skipped=1, sent=2)
    assert {key: len(parts) for key, parts in LoopbackService.sent.items()} == {"x": 1, "bad": 1}
