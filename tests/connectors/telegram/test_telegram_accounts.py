"""Laws of several accounts: two bots in one runtime, each with its own server, people and files."""

from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from telegram import InputFile

from bot.character import Character
from bot.content import Attachment
from bot.model import Generated, ModelType
from bot.part import Part
from bot.runtime import Runtime
from bot.settings import Layer, Settings
from bot.stores.sqlite import SqliteStore
from connectors.telegram.connector import TelegramService
from connectors.telegram.simulator import TelegramSimulator


class Account:
    """One of the bots, and Ada, who has a private chat with it."""

    def __init__(self, runtime, name, telegram):
        self.service, self.telegram = runtime.get_service(f"telegram/{name}"), telegram
        self.ada = telegram.add_person("Ada")
        self.dm = telegram.add_room(self.ada, kind="dm")

    async def says(self, text):
        await self.telegram.say(self.dm, self.ada, text)
        return [one.text for one in await self.telegram.wait_for_answers(self.dm)]

    async def sends(self, attachment):
        part = Part(delivery=uuid4(), ordinal=0, room=self.service.room(self.dm), text="")
        receipt = await self.service.send(part.model_copy(update={"attachments": (attachment,)}))
        return [one.data for one in self.telegram.files(receipt.message)]


async def repeat(params):
    return Generated(text=params.messages[-1].text, provider="echo")


@asynccontextmanager
async def running(path, telegrams):
    """A runtime with an account for each of the simulators."""
    values = {
        f"{setting}__{name.upper()}": value
        for name, telegram in telegrams.items()
        for setting, value in telegram.settings.items()
    }
    runtime = Runtime(
        Character(name="Two", connectors=("telegram",)),
        settings=Settings([Layer("test", values)]),
        store=SqliteStore(path),
        connectors={"telegram": TelegramService},
        discover=False,
    )
    runtime.register_model(ModelType.TEXT_LARGE, repeat, "echo")
    async with runtime:
        yield [Account(runtime, name, telegram) for name, telegram in telegrams.items()]


@pytest.fixture
async def accounts(tmp_path):
    async with (
        TelegramSimulator(token="1:a") as one,
        TelegramSimulator(token="2:b") as two,
        running(tmp_path / "townhall.db", {"sales": one, "help": two}) as accounts,
    ):
        yield accounts


async def test_each_account_answers_where_it_was_asked(accounts):
    """People and chats of the same ids do not meet."""
    sales, help_ = accounts
    assert sales.dm == help_.dm
    assert await sales.says("What does it cost?") == ["What does it cost?"]
    assert await help_.says("How does it work?") == ["How does it work?"]


async def test_a_file_of_another_account_is_sent_anew(accounts):
    """An id is known only to the bot that was given it."""
    sales, help_ = accounts
    asked = {"chat_id": sales.dm, "document": InputFile(b"prices", "prices.pdf")}
    sent = await sales.service.client.ask("sendDocument", asked)
    file = Attachment(key=sent["document"]["file_id"], holder="telegram/sales", name="prices.pdf")
    assert await help_.sends(file) == [b"prices"]
    assert await sales.sends(file) == [b"prices"]
    assert (sales.telegram.calls["getfile"], help_.telegram.calls["getfile"]) == (1, 0)
