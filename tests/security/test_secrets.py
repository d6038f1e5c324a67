"""What opens doors is in no log, no answer of a command and no file where it need not be."""

from __future__ import annotations

import base64
import re
import socket
import stat
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import UUID

import orjson
import pytest

from bot.content import MediaKind
from bot.part import Part
from bot.settings import Layer, Settings, is_secret, names_of
from bot.testing.connector import said
from bot.testing.runtime import create_mock_runtime
from bot.testing.simulator import Upload
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator
from connectors.telegram.connector import TelegramService
from connectors.telegram.simulator import TelegramSimulator
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator

CAT = Upload("cat.png", b"\x89PNG" * 9, "image/png", MediaKind.IMAGE)
SECRET = re.compile(r"TOKEN|SECRET|KEY")
X_KEYS = [f"TWITTER_{one}" for one in ("API_KEY", "API_SECRET_KEY", "ACCESS_TOKEN")]
X_KEYS.append("TWITTER_ACCESS_TOKEN_SECRET")
WRONG = "Xyzzy42Xyzzy"


@dataclass
class Stage:
    """A platform, how a bot gets there, and what must not be seen.

    Args:
        settings: what the bot is told besides the simulator's settings.
        stored: secrets that the database may hold, since the next process needs them.
    """

    platform: object
    settings: dict = field(default_factory=dict)
    stored: list = field(default_factory=list)

    @property
    def all_settings(self):
        return {**self.platform.settings, **self.settings}

    @property
    def secrets(self):
        """Each with its better half: the half of a Telegram token behind the colon opens all."""
        given = [one for name, one in self.all_settings.items() if SECRET.search(name)]
        return [*given, *(one.partition(":")[2] for one in given if ":" in one)]


def forms(secret):
    """Every way to write it."""
    plain = secret.encode()
    return {plain, quote(secret, safe="").encode(), base64.b64encode(plain).rstrip(b"=")}


def holds(data, secret):
    return any(form in data for form in forms(secret))


async def discord(stage):
    """Somebody commands, is answered under another name, shows a file, and makes it fail."""
    server = stage.platform
    ann, hall = server.add_person("Ann"), server.add_room("Hall")
    await server.say(hall, ann, "/look", mention=True, files=[CAT])
    await server.wait_for_answers(hall, 1)
    for name in ("guest", "fail"):
        await server.command(hall, ann, name, {})
        stage.stored.append(server.last_asked.token)
    await server.wait_for_answers(hall, 2)


async def telegram(stage):
    """Somebody shows a file, and makes it fail."""
    server = stage.platform
    ada = server.add_person("Ada")
    room = server.add_room(ada, kind="dm")
    await server.say(room, ada, "/look", files=[CAT])
    await server.wait_for_answers(room, 1)
    await server.say(room, ada, "/fail")


async def x(stage):
    """Likewise, in a post."""
    server = stage.platform
    ada, square = server.add_person("Ada"), server.add_room("Square")
    await server.say(square, ada, "/look", mention=True, files=[CAT])
    await server.wait_for_answers(square, 1)
    await server.say(square, ada, "/fail", mention=True)


@pytest.fixture(params=["discord", "telegram", "telegram webhook", "x", "x oauth2"])
async def stage(request):
    """A platform, and the scene that is played on it."""
    name = request.param.partition(" ")[0]
    kinds = {"discord": DiscordSimulator, "telegram": TelegramSimulator, "x": TwitterSimulator}
    async with kinds[name]() as platform:
        stage = Stage(platform)
        stage.play = {"discord": discord, "telegram": telegram, "x": x}[name]
        if request.param == "telegram webhook":
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = str(free.getsockname()[1])
            stage.settings = {
                "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
                "TELEGRAM_WEBHOOK_PORT": port,
                "TELEGRAM_WEBHOOK_SECRET": "hush-hush-webhook-secret",
            }
        if request.param == "x oauth2":
            stage.settings = {**dict.fromkeys(X_KEYS, ""), **platform.oauth2}
            stage.stored = [platform.grants.refresh, "refresh-1", "access-1"]
        yield stage


@pytest.mark.long
async def test_no_secret_is_written(host, stage):
    """Neither while all is logged, nor by what tells of it afterwards."""
    settings = stage.all_settings
    async with host.running(**settings):
        await host.says(f"{stage.platform.platform}: up".encode())
        await stage.play(stage)
        await host.says(b"action failed")
        health = await host.asks("/api/health")
        files = host.files()
        door = orjson.loads(files.pop("townhall.db.http"))["token"]
        await host("check", "pier.yaml", **settings)
        inbox = orjson.loads(await host("inbox", "list", "--json"))["events"]
        for one in inbox:
            await host("why", one["key"])
            await host("why", one["key"], "--json")
        await host("outbox", "list", "--json")
    assert "/bot***/getMe" in health["leak"]["why"]
    assert b"RuntimeError: ['http://127.0.0.1/bot***/getMe" in host.printed
    for secret in filter(None, [*stage.secrets, *stage.stored, door]):
        assert not holds(host.printed, secret)
        found = {name for name, data in files.items() if holds(data, secret)}
        assert not found or secret in stage.stored


async def test_what_is_refused_is_not_shown(host):
    """A wrong secret may be the right one of another place."""
    async with DiscordSimulator() as one, TelegramSimulator() as two, TwitterSimulator() as three:
        settings = {**one.settings, **two.settings, **three.settings}
        wrong = {k: f"{v}{WRONG}" if SECRET.search(k) else v for k, v in settings.items()}
        async with host.running(**wrong):
            for name in ("discord", "telegram", "twitter"):
                await host.says(f"{name}: d".encode())
        await host("check", "pier.yaml", **wrong)
    assert b"refuse" in host.printed
    assert WRONG.encode() not in host.printed
    assert not any(WRONG.encode() in data for data in host.files().values())


async def test_only_their_owner_can_read_the_files(host):
    """Those of a bot that runs: its database, what belongs to it, and the note with the token."""
    async with TelegramSimulator() as telegram, host.running(**telegram.settings):
        await host.says(b"telegram: up")
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in host.folder.glob("*.db*")}
    assert set(modes) == {f"townhall.db{end}" for end in ("", "-shm", "-wal", ".http", ".lock")}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("kind", [DiscordService, TelegramService, TwitterService])
async def test_no_object_shows_a_secret(kind, tmp_path):
    """Whatever is put into a text by somebody who looks for a mistake."""
    fields = kind.config_type.model_fields.values()
    names = {name for info in fields if is_secret(info) for name in names_of(info)}
    values = dict.fromkeys(names, WRONG)
    values["TWITTER_CLIENT_ID"] = "townhall"  # no secret, and never missing
    layer = Layer("test", values, secret=frozenset(names))
    runtime = create_mock_runtime()
    runtime.settings = settings = Settings([layer])
    config = settings.load(kind.config_type, "default", kind.platform)
    found = [settings.find(name) for name in sorted(names)]
    shown = f"{settings!r} {layer!r} {config!r} {config} {config.model_dump()} {found!r}"
    shown += f"{kind(runtime)!r} {config.model_dump_json()}"
    assert len(names) >= 1
    assert WRONG not in shown


@pytest.mark.parametrize("kind", [DiscordService, TelegramService, TwitterService])
def test_secrets_are_known_before_anything_starts(kind):
    """What starts first may fail with the secret of another, which has not read it yet."""
    fields = kind.config_type.model_fields.values()
    [name, *_] = sorted(name for info in fields if is_secret(info) for name in names_of(info))
    settings = Settings([Layer("test", {name: "common-1", f"{name}__SALES": "special-2"})])
    settings.accounts(kind.platform, kind.config_type)
    assert "special-2" not in settings.redacted("http://h/special-2")


def test_what_answers_an_interaction_is_not_shown():
    """Neither in an event nor in a part."""
    event = said("hello").model_copy(update={"via": {"token": WRONG}})
    part = Part(delivery=UUID(int=1), ordinal=0, room=event.room, text="", via=event.via)
    assert WRONG not in f"{event!r} {event} {part!r} {part}"
