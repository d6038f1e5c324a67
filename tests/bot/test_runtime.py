"""The path of a message through the core, on a platform in memory."""

from __future__ import annotations

import asyncio

import pytest

from bot.action import ActionResult, action, evaluator, provider
from bot.content import Content
from bot.errors import ConfigError, ModelError, Rejected, Unavailable, Unconfirmed
from bot.events import Event, EventKind
from bot.memory import RoomKind
from bot.model import Generated, ModelType, ToolCall
from bot.plugin import ModelHandler, Plugin
from bot.records import EventState, PartState
from bot.testing.connector import LoopbackService, said
from bot.value import now


def texts(room="lobby"):
    return [part.text for part in LoopbackService.sent[room]]


@action
async def add(turn, a: int, b: int = 1) -> str:
    """Add two numbers."""
    return f"{turn.sender.name}: {a + b}"


@action
async def fail(turn) -> str:
    """Break."""
    raise RuntimeError("no luck")


TOOLS = Plugin(name="tools", actions=(add, fail))


def scripted(*answers):
    """A model that gives these answers in turn; errors are raised."""
    left = list(answers)

    async def handler(params):
        handler.asked.append(params)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    handler.asked = []
    plugin = Plugin("scripted", models=(ModelHandler(ModelType.TEXT_LARGE, handler, "scripted"),))
    return plugin, handler


async def test_a_message_is_stored_answered_and_sent(bot):
    """A direct message comes back answered, and both are remembered and linked."""
    async with bot() as runtime:
        event = said("hello")
        await runtime.deliver(event)
        await runtime.drain()
        assert texts() == ["HELLO"]
        question, answer = await runtime.store.history(event.room.id)
        assert (question.id, answer.content.in_reply_to) == (event.memory_id, event.memory_id)
        assert await runtime.store.linked("loopback", "default", "sent-1") in (None, answer.id)
        assert (await runtime.store.event(event.key)).state is EventState.DONE


async def test_an_event_told_twice_is_answered_once(bot):
    """The same key, in one batch, later, or after a restart, is the same event."""
    event = said("hello")
    async with bot() as runtime:
        await runtime.deliver(event, event)
        await runtime.deliver(event)
        await runtime.drain()
        assert texts() == ["HELLO"]
    async with bot() as runtime:
        await runtime.deliver(event)
        await runtime.drain()
        assert texts() == []


async def test_a_group_is_heard_and_answered_only_when_addressed(bot):
    """All is stored; a mention, a command or a rule makes a turn due."""
    rules = [{"when": r"\bhelp\b", "say": "I am here."}]
    async with bot(TOOLS, rules=rules) as runtime:
        group = [
            said("chatter", 1, kind=RoomKind.GROUP),
            said("you there?", 2, kind=RoomKind.GROUP, addressed=True),
            said("/add 2 3", 3, kind=RoomKind.GROUP),
            said("I need help", 4, kind=RoomKind.GROUP),
        ]
        await runtime.deliver(*group)
        await runtime.drain()
        assert texts() == ["YOU THERE?", "Ada: 5", "I am here."]
        assert (await runtime.store.event(group[0].key)).state is EventState.KEPT
        assert len(await runtime.store.history(group[0].room.id)) == 7


async def test_bots_are_not_answered(bot):
    """What another bot says is stored, and no more."""
    async with bot() as runtime:
        event = said("beep")
        robot = event.model_copy(
            update={"sender": event.sender.model_copy(update={"is_bot": True})}
        )
        await runtime.deliver(robot)
        await runtime.drain()
        assert texts() == []


async def test_old_messages_are_kept_and_not_answered(bot):
    """What was caught up from before `catch_up` is history."""
    async with bot(catch_up=0.0) as runtime:
        await runtime.deliver(said("long ago"))
        await runtime.drain()
        assert texts() == []


async def test_edits_and_deletes_change_what_is_remembered(bot):
    """The newest revision wins, and a tombstone stays one; neither is answered."""
    async with bot() as runtime:
        first = said("helo")
        edit = first.model_copy(
            update={"kind": EventKind.EDIT, "revision": 1, "content": Content(text="hello")}
        )
        await runtime.deliver(first, edit)
        await runtime.drain()
        assert (await runtime.store.memory(first.memory_id)).content.text == "hello"
        gone = Event(
            kind=EventKind.DELETE,
            platform="loopback",
            account="default",
            ids=first.ids,
            at=now(),
            room=first.room,
            message=first.message,
        )
        await runtime.deliver(gone, edit)
        await runtime.drain()
        memory = await runtime.store.memory(first.memory_id)
        assert memory.deleted
        assert memory.content.text == ""
        assert texts() == ["HELLO"]


async def test_rooms_keep_their_order_and_do_not_wait_for_each_other(bot):
    """A model that is slow in one room delays no other, and nothing is reordered."""
    slow = asyncio.Event()

    async def model(params):
        text = params.messages[-1].text
        if text.startswith("slow"):
            await slow.wait()
        return Generated(text=text)

    plugin = Plugin("m", models=(ModelHandler(ModelType.TEXT_LARGE, model, "m"),))
    async with bot(model=plugin) as runtime:
        await runtime.deliver(said("slow", 1, room="a"), said("second", 2, room="a"))
        await runtime.deliver(*(said(f"{n}", n, room="b") for n in range(20)))
        while len(texts("b")) < 20:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.001)
        assert texts("a") == []
        slow.set()
        await runtime.drain()
        assert texts("a") == ["slow", "second"]
        assert texts("b") == [f"{n}" for n in range(20)]


async def test_a_model_may_run_actions_and_hear_of_their_failure(bot):
    """A call's answer goes to the person; what failed goes back to the model."""
    call = ToolCall(id="1", name="fail")
    plugin, model = scripted(Generated(calls=(call,)), Generated(text="Sorry."))
    async with bot(TOOLS, model=plugin) as runtime:
        await runtime.deliver(said("try it"))
        await runtime.drain()
        assert texts() == ["Sorry."]
        assert "no luck" in model.asked[1].messages[-1].text
        assert {tool.name for tool in model.asked[0].tools} >= {"add", "fail"}


async def test_wrong_arguments_of_a_command_are_explained(bot):
    """A person who calls a command wrongly is told its usage."""
    async with bot(TOOLS) as runtime:
        await runtime.deliver(said("/add one"))
        await runtime.drain()
        assert "Usage: /add <a> [b]" in texts()[0]


async def test_providers_speak_to_the_model_and_evaluators_listen(bot):
    """What a provider knows stands before the model; an evaluator sees the finished turn."""
    learnt = []

    @provider
    async def weather(turn) -> str:
        """The weather."""
        return "It rains."

    @provider
    async def broken(turn) -> str:
        """Nothing."""
        raise RuntimeError

    @evaluator
    async def learn(turn) -> None:
        """Remember."""
        learnt.append(turn.replies[0].text)

    plugin, model = scripted(Generated(text="Take an umbrella."))
    senses = Plugin("senses", providers=(weather, broken), evaluators=(learn,))
    async with bot(senses, model=plugin) as runtime:
        await runtime.deliver(said("what now?"))
        await runtime.drain()
        assert "It rains." in model.asked[0].messages[0].text
        assert learnt == ["Take an umbrella."]


async def test_an_outage_of_the_model_costs_no_attempt(bot):
    """While no model answers the turn waits; then it is answered."""
    plugin, _ = scripted(*[ConnectionError("down")] * 2, Generated(text="back"))
    async with bot(model=plugin) as runtime:
        event = said("hello")
        await runtime.deliver(event)
        await runtime.drain()
        assert texts() == ["back"]
        assert (await runtime.store.event(event.key)).attempts == 0


async def test_a_turn_that_always_fails_becomes_a_dead_letter(bot, monkeypatch):
    """After its attempts a poisoned event is given up, and its room goes on."""
    async with bot() as runtime:
        run = runtime.pipeline.run

        async def poisoned(turn):
            if turn.text == "poison":
                raise ZeroDivisionError("boom")
            await run(turn)

        monkeypatch.setattr(runtime.pipeline, "run", poisoned)
        bad = said("poison", 1)
        await runtime.deliver(bad, said("fine", 2))
        await runtime.drain()
        assert texts() == ["FINE"]
        dead = await runtime.store.event(bad.key)
        assert (dead.state, dead.reason) == (EventState.DEAD, "ZeroDivisionError: boom")


async def test_what_piled_up_may_be_answered_at_once(bot):
    """A character that coalesces answers the last of what waited, and every command."""
    gate = asyncio.Event()

    async def model(params):
        await gate.wait()
        return Generated(text=" ".join(m.text for m in params.messages if m.role == "user"))

    plugin = Plugin("m", models=(ModelHandler(ModelType.TEXT_LARGE, model, "m"),))
    async with bot(TOOLS, model=plugin, coalesce=True) as runtime:
        await runtime.deliver(said("one", 1))
        await asyncio.sleep(0.01)
        await runtime.deliver(said("two", 2), said("/add 1", 3), said("three", 4), said("four", 5))
        gate.set()
        await runtime.drain()
        assert [text.split()[-1] for text in texts()] == ["one", "two", "2", "four"]


async def test_process_actions_is_the_pipelines_door(bot):
    """A service may hand over a Memory, with or without what to answer."""
    async with bot(TOOLS) as runtime:
        event = said("hello")
        await runtime.deliver(event)
        memory = await runtime.store.memory(event.memory_id)
        answered = await runtime.process_actions(memory, [Content(text="Given.")])
        assert [content.text for content in answered] == ["Given."]
        await runtime.drain()
        assert texts() == ["HELLO", "Given."]
        with pytest.raises(ConfigError, match="unknown room"):
            await runtime.process_actions(memory.model_copy(update={"room_id": memory.id}))


async def test_what_is_sent_of_our_own_accord_takes_the_same_road(bot):
    """`send_message` of a connector goes through the outbox."""
    async with bot() as runtime:
        delivery = await runtime.get_service("loopback").send_message("lobby", "Good morning.")
        await runtime.drain()
        assert texts() == ["Good morning."]
        [part] = await runtime.store.parts(delivery)
        assert (part.state, part.attempts) == (PartState.SENT, 1)
        assert runtime.get_service(LoopbackService).name == "loopback"


async def test_a_part_that_surely_did_not_arrive_is_sent_again(bot):
    """`Unavailable` means later, and once."""
    async with bot() as runtime:
        LoopbackService.outcomes.append(Unavailable("down"))
        await runtime.deliver(said("hello"))
        await runtime.drain()
        assert texts() == ["HELLO"]
        assert (await runtime.store.counts())["parts.ever_ambiguous"] == 0


async def test_a_part_of_unknown_outcome_is_looked_for_first(bot):
    """`Unconfirmed` asks the platform, and sends only what is not there."""
    async with bot() as runtime:
        LoopbackService.outcomes.append(Unconfirmed("timed out"))
        await runtime.deliver(said("hello"))
        await runtime.drain()
        assert texts() == ["HELLO"]
        assert (await runtime.store.counts())["parts.ever_ambiguous"] == 1


async def test_a_rejected_part_gives_up_its_delivery_only(bot):
    """What the platform refuses is marked failed with its words; the next answer leaves."""
    async with bot() as runtime:
        LoopbackService.outcomes.append(Rejected("blocked"))
        await runtime.deliver(said("x" * 5000, 1))
        await runtime.deliver(said("fine", 2))
        await runtime.drain()
        assert texts() == ["FINE"]
        counts = await runtime.store.counts()
        assert (counts["parts.failed"], counts["parts.sent"]) == (3, 1)


async def test_a_long_answer_leaves_in_order(bot):
    """Each part waits for the one before."""
    async with bot() as runtime:
        long = " ".join(f"{n:04}" for n in range(2000))
        await runtime.deliver(said(long))
        await runtime.drain()
        assert "".join(texts()) == long
        assert [part.ordinal for part in LoopbackService.sent["lobby"]] == list(range(5))


async def test_values_reach_the_next_action(bot):
    """What one action leaves the next one finds."""

    @action
    async def find(turn) -> ActionResult:
        """Find a number."""
        return ActionResult(values={"number": 42})

    @action
    async def tell(turn) -> str:
        """Tell the number."""
        return str(turn.values["number"])

    calls = (ToolCall(id="1", name="find"), ToolCall(id="2", name="tell"))
    plugin, _ = scripted(Generated(calls=calls), Generated(text="done"))
    async with bot(Plugin("p", actions=(find, tell)), model=plugin) as runtime:
        await runtime.deliver(said("go"))
        await runtime.drain()
        assert texts() == ["42", "done"]


async def test_without_a_model_the_question_waits(bot):
    """No model registered is an outage, not a loss."""
    async with bot(model=Plugin("none")) as runtime:
        event = said("anyone?")
        await runtime.deliver(event)
        await asyncio.sleep(0.05)
        assert (await runtime.store.event(event.key)).state is EventState.PENDING
        with pytest.raises(ModelError, match="no model"):
            await runtime.use_model(ModelType.TEXT_LARGE, None)
