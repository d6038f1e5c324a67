"""Two accounts of X in one bot."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.character import Character
from bot.model import Generated, ModelType
from bot.runtime import Runtime
from bot.settings import Layer, Settings
from bot.stores.sqlite import SqliteStore
from bot.testing.runtime import create_mock_runtime
from connectors.twitter import identity
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator

QUICK = {"TWITTER_POLL_SECONDS": "0.05"}


async def parrot(params):
    return Generated(text=f"{params.messages[-1].text}!", provider="parrot")


@pytest.fixture
async def sales():
    async with TwitterSimulator() as simulator:
        yield simulator


@pytest.fixture
def running(tmp_path):
    """A bot with those settings, for the length of the block."""

    @asynccontextmanager
    async def running(settings):
        runtime = Runtime(
            Character(name="Parrot", connectors=("twitter",)),
            settings=Settings([Layer("test", {**settings, **QUICK})]),
            store=SqliteStore(tmp_path / "townhall.db"),
            connectors={"twitter": TwitterService},
            discover=False,
        )
        runtime.register_model(ModelType.TEXT_LARGE, parrot, "parrot")
        async with runtime:
            yield runtime

    return running


async def heard(x):
    """Somebody speaks to the bot; what it answers."""
    square, ada = x.add_room("What do you think?"), x.add_person("Ada")
    await x.say(square, ada, "Hello", mention=True)
    return await x.wait_for_answers(square)


def named(settings, account):
    return {f"{name}__{account}": value for name, value in settings.items()}


async def test_each_account_answers_where_it_was_asked(x, sales, running):
    """They share a process and a store, and nothing of X."""
    async with running({**x.settings, **named(sales.settings, "SALES")}) as bot:
        answers = await asyncio.gather(heard(x), heard(sales))
        assert {one.name for one in bot.get_all_services()} >= {"twitter", "twitter/sales"}
    assert [one.text for (one,) in answers] == ["Hello!", "Hello!"]


async def test_each_account_may_log_in_in_its_own_way(x, sales, running):
    """One by OAuth 1.0a, one by OAuth 2.0, whose tokens are noted under its name."""
    async with running({**x.settings, **named(sales.oauth2, "SALES")}) as bot:
        await asyncio.gather(heard(x), heard(sales))
        assert await bot.store.note("twitter", "sales", "oauth2")
        assert await bot.store.note("twitter", "default", "oauth2") is None


async def test_no_account_speaks_as_another(x, sales, running):
    """The common login by OAuth 2.0 is that of one, and the other logs in by OAuth 1.0a."""
    common = {**x.oauth2, "TWITTER_API_URL__DEFAULT": x.url}
    async with running({**common, **named(sales.settings, "SALES")}) as bot:
        await asyncio.gather(heard(x), heard(sales))
        assert {one.name for one in bot.get_all_services()} >= {"twitter", "twitter/sales"}
    assert (x.grants.given, sales.grants.given) == (1, 0)


async def test_a_suspended_account_leaves_the_other_alone(x, sales, running):
    """What is refused to one says nothing about the other."""
    x.fail_next("POST", "tweets", 403, {"errors": [{"code": 64, "message": "Suspended"}]}, times=99)
    async with running({**x.settings, **named(sales.settings, "SALES")}):
        square, ada = x.add_room("Are you there?"), x.add_person("Ada")
        await x.say(square, ada, "Hello", mention=True)
        (answer,) = await heard(sales)
    assert (answer.text, x.said_by_bot(square)) == ("Hello!", [])


async def test_a_login_learns_a_new_handle(x, start):
    """`townhall check` asks anew; a start goes by what was noted."""
    runtime = create_mock_runtime(x.settings)
    await (await start(runtime)).login()
    x.bot.username = "Town_Crier"
    await (await start(runtime)).login()
    service = await start(runtime)
    known = await identity.known(service, service.config)
    assert (known.key, known.username) == (x.bot.id, "Town_Crier")
