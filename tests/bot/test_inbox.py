"""No event is lost, whatever goes wrong around it."""

from __future__ import annotations

import asyncio

import pytest

from bot.action import action
from bot.content import Content
from bot.errors import ModelError, TownhallError
from bot.events import Event, EventKind
from bot.model import Generated, ModelType, ToolCall
from bot.plugin import ModelHandler, Plugin
from bot.records import EventState
from bot.testing.connector import LoopbackService, said
from bot.value import now


def texts(room="lobby"):
    return [part.text for part in LoopbackService.sent[room]]


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)


def model(handler):
    return Plugin("model", models=(ModelHandler(ModelType.TEXT_LARGE, handler, "model"),))


def calling(name):
    """A model that calls one action, then says nothing more."""

    async def handler(_params):
        return Generated(calls=(ToolCall(id="1", name=name),))

    return model(handler)


async def test_a_cancelled_delivery_is_handled_all_the_same(bot):
    """What a connector gave up waiting for is stored, so it is answered."""
    async with bot() as runtime:
        delivery = asyncio.create_task(runtime.deliver(said("one")))
        await asyncio.sleep(0)
        delivery.cancel()
        await asyncio.gather(delivery, return_exceptions=True)
        await until(lambda: texts() == ["ONE"])


async def test_a_stray_cancellation_in_an_action_ends_only_the_action(bot):
    """An action that awaits something cancelled has failed; its room goes on."""

    @action
    async def wait(turn):
        """Wait."""
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    async with bot(Plugin("p", actions=(wait,))) as runtime:
        await runtime.deliver(said("/wait", 1), said("two", 2))
        await until(lambda: texts() == ["Sorry, /wait did not work.", "TWO"])


async def test_a_caller_that_gives_up_does_not_make_an_action_run_twice(bot):
    """The turn goes on without whoever waited for it."""
    paid = []

    @action
    async def pay(turn) -> str:
        """Pay."""
        await asyncio.sleep(0.05)
        paid.append(1)
        return "paid"

    async with bot(Plugin("p", actions=(pay,))) as runtime:
        first = said("hello")
        await runtime.deliver(first)
        await until(lambda: texts() == ["HELLO"])
        memory = await runtime.store.memory(first.memory_id)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await runtime.process_actions(memory, [Content(actions=("pay",))])
        await until(lambda: texts() == ["HELLO", "paid"])
        assert paid == [1]


async def test_restarts_during_an_outage_cost_no_attempt(bot):
    """However often it starts while the model is down, the event waits for its answer."""

    async def down(_params):
        raise ModelError("down")

    event = said("hello")
    for _ in range(5):
        async with bot(model=model(down)) as runtime:
            await runtime.deliver(event)
            await asyncio.sleep(0.02)
    async with bot():
        await until(lambda: texts() == ["HELLO"])


async def test_a_prompt_that_a_model_refuses_harms_nobody_else(bot):
    """It is given up after its attempts, and the model goes on answering others."""

    async def picky(params):
        if params.messages[-1].text == "bad":
            raise ValueError("refused")
        return Generated(text="fine")

    async with bot(model=model(picky)) as runtime:
        bad = said("bad", room="a")
        await runtime.deliver(bad, said("good", room="b"))
        await until(lambda: texts("b") == ["fine"])
        async with asyncio.timeout(20):
            while (await runtime.store.event(bad.key)).state is not EventState.DEAD:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_a_result_that_json_cannot_hold_is_kept_as_words(bot):
    """What an action leaves is the same in the first run and in a rerun."""

    @action
    async def look(turn) -> str:
        """Look."""
        from bot.action import ActionResult

        return ActionResult(values={"at": object()}, content=Content(text="seen"))

    async with bot(Plugin("p", actions=(look,)), model=calling("look")) as runtime:
        await runtime.deliver(said("go"))
        await until(lambda: texts() == ["seen"])


async def test_process_actions_asked_twice_answers_once(bot):
    """The second caller is told what the first one was, also where a clock says another time."""
    async with bot() as runtime:
        event = said("hello")
        await runtime.deliver(event)
        await until(lambda: texts() == ["HELLO"])
        memory = await runtime.store.memory(event.memory_id)
        first = await runtime.process_actions(memory, [Content(text="Given.")])
        later = memory.model_copy(update={"created_at": now()})
        second = await runtime.process_actions(later, [Content(text="Given.")])
        assert [one.text for one in first] == [one.text for one in second] == ["Given."]
        await until(lambda: texts() == ["HELLO", "Given."])
        assert LoopbackService.sent["lobby"][1].reply_to == event.message


async def test_process_actions_does_not_wait_for_its_own_room(bot):
    """A turn that asks for another turn of its room is told so, and does not hang."""
    heard = []

    @action
    async def ask(turn):
        """Ask."""
        try:
            await turn.runtime.process_actions(turn.memory)
        except TownhallError as error:
            heard.append(str(error))
        return "asked"

    async with bot(Plugin("p", actions=(ask,)), model=calling("ask")) as runtime:
        await runtime.deliver(said("go"))
        await until(lambda: texts() == ["asked"])
    assert heard == ["a turn cannot wait for another turn of its own room"]


async def test_whoever_waits_for_an_answer_hears_of_the_end(bot):
    """A stop cancels those who wait."""
    started = asyncio.Event()

    async def slow(_params):
        started.set()
        await asyncio.Event().wait()

    async with bot(model=model(slow)) as runtime:
        event = said("hello", addressed=True)
        await runtime.deliver(event.model_copy(update={"kind": EventKind.EDIT, "revision": 1}))
        memory = await runtime.store.memory(event.memory_id)
        asking = asyncio.create_task(runtime.process_actions(memory))
        await started.wait()
        await runtime.turns.stop(0)
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_events_of_a_platform_that_is_gone_wait_for_it(bot):
    """A connector that is not there today costs its events no attempt."""
    async with bot() as runtime:
        event = said("hello", platform="elsewhere")
        await runtime.deliver(event, said("here", room="b"))
        await until(lambda: texts("b") == ["HERE"])
        stored = await runtime.store.event(event.key)
        assert (stored.state, stored.attempts) == (EventState.PENDING, 0)
        runtime.turns.lanes.wake(())
        await runtime.turns.lanes.stop(0)


async def test_a_model_reads_what_came_before_and_not_what_came_after(bot):
    """Each turn sees the conversation up to its own message, with the bot's answers."""
    prompts = []

    async def listening(params):
        prompts.append([message.text for message in params.messages[1:]])
        return Generated(text=f"answer {len(prompts)}")

    async with bot(model=model(listening)) as runtime:
        await runtime.deliver(said("one", 1), said("two", 2), said("three", 3))
        await until(lambda: len(texts()) == 3)
    assert prompts == [
        ["one"],
        ["one", "answer 1", "two"],
        ["one", "two", "answer 1", "answer 2", "three"],
    ]


async def test_a_message_edited_before_its_turn_is_answered_as_it_is_then(bot):
    """Nobody is answered about a slip that they have mended."""
    gate = asyncio.Event()

    async def slow(params):
        await gate.wait()
        return Generated(text=params.messages[-1].text)

    async with bot(model=model(slow)) as runtime:
        wrong = said("tow", 2)
        await runtime.deliver(said("one", 1), wrong)
        right = {"kind": EventKind.EDIT, "revision": 1, "content": Content(text="two")}
        await runtime.deliver(wrong.model_copy(update=right))
        gate.set()
        await until(lambda: texts() == ["one", "two"])


async def test_what_is_being_answered_when_it_stops_is_answered(bot):
    """The answer leaves before the platforms are left; what is new by then waits in the store."""
    asked, gate = asyncio.Event(), asyncio.Event()

    async def slow(params):
        asked.set()
        await gate.wait()
        return Generated(text=params.messages[-1].text)

    async with bot(model=model(slow)) as runtime:
        await runtime.deliver(said("one", 1), said("two", 2))
        await asked.wait()
        asyncio.get_running_loop().call_later(0.2, gate.set)
    assert texts() == ["one"]
    async with bot(model=model(slow)) as runtime:
        await until(lambda: texts() == ["two"])


async def test_a_message_deleted_before_its_turn_is_not_answered(bot):
    """Nor does the model see it."""
    gate = asyncio.Event()

    async def slow(params):
        await gate.wait()
        return Generated(text=params.messages[-1].text)

    async with bot(model=model(slow)) as runtime:
        secret = said("my password", 2)
        await runtime.deliver(said("one", 1), secret, said("three", 3))
        gone = Event(
            kind=EventKind.DELETE,
            platform="loopback",
            account="default",
            ids=secret.ids,
            at=now(),
            room=secret.room,
            message=secret.message,
        )
        await runtime.deliver(gone)
        gate.set()
        await until(lambda: texts() == ["one", "three"])
        assert (await runtime.store.event(secret.key)).state is EventState.KEPT


async def test_a_plugin_that_cannot_begin_stops_nothing_else(bot):
    """Its actions are there, the bot runs."""

    async def init(_config, _runtime):
        raise RuntimeError("no")

    async with bot(Plugin("broken", init=init)) as runtime:
        await runtime.deliver(said("hello"))
        await until(lambda: texts() == ["HELLO"])
