"""Where Apprise sends to: addresses of the settings and of audiences, and what is shown of them."""

from __future__ import annotations

import pytest
from pydantic_core import to_json

from bot.errors import ConfigError, Rejected
from bot.settings import Layer, Settings, shown
from bot.testing.runtime import create_mock_runtime
from connectors.apprise.config import AppriseConfig
from connectors.apprise.connector import AppriseService

from .conftest import Scene, listening, started
from .hook import SECRET


async def test_each_address_of_the_settings_is_a_room(scene):
    """Under the name that it was given there, or under one that nobody can read it from."""
    urls = f"hall={scene.hook.address}/hall, {scene.hook.address}/yard"
    async with started({"APPRISE_URLS": urls}) as service:
        named, other = service.config.rooms
        await service.notify("hello")
        rooms = [room if isinstance(room, str) else room.key for room, _ in service.runtime.sent]
    assert named == "json/hall"
    assert other.startswith("json/")
    assert SECRET not in other
    assert rooms == [named, other]


async def test_an_address_can_be_named_when_it_is_needed(scene):
    """It is kept, so that a later start can send there, and shown to nobody."""
    room = await scene.service.room_of(f"{scene.hook.address}/yard")
    assert SECRET not in to_json(room).decode()
    async with started(scene.hook.settings, scene.runtime.store) as later:
        await Scene(scene.hook, later).send("hello", room.key)
        assert (await later.room_of(room.key)).key == room.key
    assert scene.texts("json/yard") == ["hello"]


async def test_an_address_is_the_same_room_each_time(scene):
    """Also in another process."""
    address = f"{scene.hook.address}/yard"
    first = await scene.service.room_of(address)
    async with started(scene.hook.settings) as other:
        assert await other.room_of(address) == first


async def test_an_address_is_one_service(scene):
    """What follows a comma in it is not another one, which nobody would have counted."""
    room = await scene.service.room_of(f"{scene.hook.address}/yard, {scene.hook.address}/hall")
    with pytest.raises(Rejected):
        await scene.send("hello", room.key)
    assert scene.texts() == []


async def test_no_address_at_all_is_no_mistake():
    """Then only audiences name some."""
    async with started({}) as service, listening(service):
        assert service.runtime.delivered == []


@pytest.mark.parametrize("address", ["hall", "json/hall"])
async def test_a_room_of_the_settings_is_known_by_its_name(scene, address):
    """With or without the service before it."""
    room = await scene.service.room_of(address)
    assert (room.key, room.name) == ("json/hall", "JSON")


@pytest.mark.parametrize("address", ["nobody", "json/nobody", "nonsense://x", "json://", "://"])
async def test_what_is_no_address_is_nobody(scene, address):
    """Nothing is kept of it."""
    assert await scene.service.room_of(address) is None
    assert scene.runtime.store.notes == {}


async def test_a_room_whose_address_was_taken_away_is_rejected(scene):
    """It says what to do."""
    with pytest.raises(Rejected, match=r"json/gone.*APPRISE_URLS"):
        await scene.send("hello", "json/gone")


async def test_rooms_of_the_settings_are_told_once(scene):
    """So that audiences such as `platform:apprise` know them; the next start has no news."""
    delivered = []
    for _ in ("first", "second"):
        async with started(scene.hook.settings, scene.runtime.store) as service:
            service.runtime.store = scene.runtime.store
            async with listening(service):
                delivered += service.runtime.delivered
    [event] = delivered
    assert (event.room.key, event.room.closed, event.is_own) == ("json/hall", "", True)


@pytest.mark.parametrize("url", [f"slack-{SECRET}", f"nonsense://{SECRET}", f"json://{SECRET} x"])
async def test_a_mistake_in_the_settings_is_named_without_the_secret(url):
    """The service stays down, and the person knows which setting to look at."""
    with pytest.raises(ConfigError) as caught:
        await AppriseService.start(create_mock_runtime({"APPRISE_URLS": url}))
    assert SECRET not in str(caught.value)
    assert "Apprise" in str(caught.value)


def test_addresses_are_secrets_of_the_settings():
    """`townhall check` shows how long they are, and no more."""
    settings = Settings([Layer("test", {"APPRISE_URLS": f"json://{SECRET}"})])
    found = settings.explain(AppriseConfig)
    assert SECRET not in shown(AppriseConfig.model_fields["urls"], found["urls"])
    assert f"json://{SECRET}" in settings.secrets()


async def test_what_a_service_takes_is_known_of_each_room(scene):
    """Telegram's texts are shorter than those of a web hook."""
    longest = {
        key: AppriseService.capabilities_for(scene.service.room(key)).max_length
        for key in ("json/hall", "tgram/x", "nonsense/x")
    }
    assert longest == {"json/hall": 32_768, "tgram/x": 4_096, "nonsense/x": 32_768}


async def test_who_we_are_shows_no_address(scene):
    """Nobody is asked: to ask would be to notify."""
    me = await scene.service.login()
    assert me.name == "addresses: json/hall"
    assert scene.texts() == []
