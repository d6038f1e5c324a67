"""Laws of several accounts: two bots in one runtime, each with its own server, people and files."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.character import Character
from bot.content import Attachment
from bot.model import Generated, ModelType
from bot.runtime import Runtime
from bot.service import Status
from bot.settings import Layer, Settings
from bot.stores.sqlite import SqliteStore
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator


class Account:
    """One of the bots, and Ann, who is in a room with it."""

    def __init__(self, runtime, name, discord):
        self.service, self.discord = runtime.get_service(f"discord/{name}"), discord
        self.ann, self.room = discord.add_person("Ann"), discord.add_room("lobby")

    async def says(self, text):
        await self.discord.say(self.room, self.ann, text, mention=True)
        return [one.text for one in await self.discord.wait_for_answers(self.room)]

    async def sends(self, to, attachment):
        part = to(self.room, "", attachments=(attachment,))
        receipt = await self.service.send(part)
        return [(one.name, one.data) for one in self.discord.files(receipt.message)]


async def up(runtime):
    """Return once all are logged in: what was said before is not heard."""
    async with asyncio.timeout(20):
        while {one.status for one in (await runtime.health()).values()} != {Status.UP}:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)


async def repeat(params):
    return Generated(text=params.messages[-1].text, provider="echo")


@asynccontextmanager
async def running(path, discords):
    """A runtime with an account for each of the simulators."""
    values = {
        f"{setting}__{name.upper()}": value
        for name, discord in discords.items()
        for setting, value in discord.settings.items()
    }
    runtime = Runtime(
        Character(name="Two", connectors=("discord",)),
        settings=Settings([Layer("test", values)]),
        store=SqliteStore(path),
        connectors={"discord": DiscordService},
        discover=False,
    )
    runtime.register_model(ModelType.TEXT_LARGE, repeat, "echo")
    async with runtime:
        await up(runtime)
        yield [Account(runtime, name, discord) for name, discord in discords.items()]


@pytest.fixture
async def accounts(tmp_path):
    async with (
        DiscordSimulator() as one,
        DiscordSimulator() as two,
        running(tmp_path / "townhall.db", {"sales": one, "help": two}) as accounts,
    ):
        yield accounts


async def test_each_account_answers_where_it_was_asked(accounts):
    """Servers and people of one do not meet those of the other."""
    sales, help_ = accounts
    assert await sales.says("What does it cost?") == ["What does it cost?"]
    assert await help_.says("How does it work?") == ["How does it work?"]


async def test_a_file_of_another_account_is_sent_anew(accounts, to, tmp_path):
    """Who holds it is asked for its bytes."""
    sales, help_ = accounts
    (tmp_path / "prices.pdf").write_bytes(b"prices")
    receipt = await sales.service.send(
        to(sales.room, "", attachments=(Attachment.file(tmp_path / "prices.pdf"),))
    )
    [told] = sales.discord.state.channels[sales.room].messages[int(receipt.message)]["attachments"]
    key = f"{sales.room}/{receipt.message}/{told['id']}"
    held = Attachment(key=key, holder="discord/sales", name="prices.pdf")
    assert await help_.sends(to, held) == [("prices.pdf", b"prices")]
