"""What went wrong with a turn stays known, and nobody learns a secret by it."""

from __future__ import annotations

import asyncio

from bot.action import ActionResult, action
from bot.errors import ModelError, StoreError
from bot.model import Generated, ModelType, ToolCall
from bot.plugin import ModelHandler, Plugin
from bot.records import EventState
from bot.testing.connector import said
from bot.turn import Decision

TOKEN = "sk-12345678"


def model(*answers, provider="first", priority=0):
    """A model that gives these answers in turn, the last for ever; errors are raised."""
    left = list(answers)

    async def handler(_params):
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ModelHandler(ModelType.TEXT_LARGE, handler, provider, priority)


async def read_token(_config, runtime):
    """As a plugin reads its key."""
    runtime.get_setting("MODEL_API_KEY")


def plugin(*models, actions=()):
    return Plugin("models", models=models, actions=actions, init=read_token)


async def answered(runtime, event):
    """An event once nothing waits."""
    await runtime.deliver(event)
    await runtime.drain()
    return await runtime.store.event(event.key)


def whys(stored):
    return [(one.state, one.why) for one in stored.setbacks]


async def test_a_turn_that_failed_is_noted_with_its_attempt(bot):
    """The answer that came with the next one does not hide it."""
    flaky = plugin(model(ValueError("no"), Generated(text="yes")))
    async with bot(model=flaky) as runtime:
        stored = await answered(runtime, said("hello"))
    assert (stored.state, stored.attempts) == (EventState.DONE, 2)
    assert whys(stored) == [("pending", "turn failed: ValueError: no")]


async def test_each_failure_of_a_turn_is_noted_once(bot):
    """The last is why its event was given up."""
    errors = [ValueError(f"no {n}") for n in range(3)]
    async with bot(model=plugin(model(*errors))) as runtime:
        stored = await answered(runtime, said("hello"))
    assert (stored.attempts, stored.reason) == (3, "ValueError: no 2")
    assert whys(stored) == [
        ("pending", "turn failed: ValueError: no 0"),
        ("pending", "turn failed: ValueError: no 1"),
        ("dead", "ValueError: no 2"),
    ]


async def test_an_outage_is_noted_once(bot):
    """Not for each try, nor for each start."""
    event, down = said("hello"), ModelError("quota exceeded")
    for _ in range(2):
        async with bot(model=plugin(model(down))) as runtime:
            await runtime.deliver(event)
            await until_asked(runtime, 2)
    async with bot(model=plugin(model(down, down, Generated(text="yes")))) as runtime:
        stored = await answered(runtime, event)
    assert stored.state is EventState.DONE
    assert whys(stored) == [("pending", "put off: first: quota exceeded")]


async def test_a_store_that_fails_is_asked_to_note_nothing(bot):
    """It could not, and its turn is tried again all the same."""
    away = plugin(model(StoreError("no disk"), Generated(text="yes")))
    async with bot(model=away) as runtime:
        stored = await answered(runtime, said("hello"))
    assert (stored.state, whys(stored)) == (EventState.DONE, [])


async def test_who_decided_and_who_did_not_is_stored(bot):
    """The one who did was named when it was registered."""
    down = model(ModelError("quota exceeded"), Generated(text="I am back"), priority=1)
    second = model(Generated(text="yes"), provider="second")
    async with bot(model=plugin(down, second)) as runtime:
        steps = []
        for n in range(2):
            stored = await answered(runtime, said("hello", n))
            steps += await runtime.store.steps(stored.seq)
    assert [one.name for one in steps] == ["second", "first"]
    assert Decision.model_validate(steps[0].body).passed == ("first: quota exceeded",)
    assert "passed" not in steps[1].body


async def test_no_secret_is_stored_with_what_went_wrong(bot):
    """Libraries put keys into their messages; no reason, note or result has them."""

    @action
    async def look(turn) -> ActionResult:
        """Look."""
        raise RuntimeError(f"bad key {TOKEN}")

    refused, down = ValueError(f"bad key {TOKEN}"), ModelError(f"bad key {TOKEN}")
    looks = Generated(calls=(ToolCall(id="1", name="look"),))
    first = model(down, refused, priority=1)
    second = model(refused, looks, refused, provider="second")
    settings = {"MODEL_API_KEY": TOKEN}
    async with bot(model=plugin(first, second, actions=(look,)), settings=settings) as runtime:
        stored = await answered(runtime, said("hello"))
        told = f"{stored} {await runtime.store.steps(stored.seq)}"
    assert stored.state is EventState.DEAD
    assert TOKEN not in told
    for words in ("put off", "turn failed", "passed", "look"):
        assert words in told


async def until_asked(runtime, times):
    """Wait until a model has failed; what is then noted is stored before the bot has stopped."""
    async with asyncio.timeout(10):
        while runtime.models.calls.total() < times:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)
