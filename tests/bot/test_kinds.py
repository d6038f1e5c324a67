"""Events that are no plain messages, and answers that are no plain texts."""

from __future__ import annotations

import asyncio

from bot.action import action, listener
from bot.content import Attachment, Button, Content, Verb
from bot.events import Call, EventKind, Presence, message_id
from bot.memory import RoomKind
from bot.plugin import Plugin
from bot.records import EventState
from bot.testing.connector import LoopbackService, said


def parts(room="lobby"):
    return LoopbackService.sent[room]


def texts(room="lobby"):
    return [part.text for part in parts(room)]


@action(private=True)
async def add(turn, a: int, b: int = 1) -> str:
    """Add two numbers."""
    return f"{turn.sender.name}: {a + b}"


@action
async def hush(turn) -> None:
    """Say nothing."""


@action
async def nod(turn) -> None:
    """React."""
    turn.react("👍")


@action
async def offer(turn) -> Content:
    """Show buttons, one with more than the platform can carry."""
    buttons = (Button(label="+", value="/add 1"), Button(label="many", value=f"/add 1 {'2' * 20}"))
    return Content(text="choose", buttons=buttons)


@listener(EventKind.REACTION, EventKind.MEMBERSHIP)
async def notice(turn):
    return f"{turn.sender.name}: {turn.event.presence or turn.text}"


TOOLS = Plugin(name="tools", actions=(add, hush, nod, offer), listeners=(notice,))


def told(kind, number=1, **changes):
    """An event of a kind, about the first message of the lobby."""
    about = message_id("loopback", "default", "lobby/1")
    changes = {"kind": kind, "message": None, "about": about, "addressed": True, **changes}
    return said("", number).model_copy(update=changes)


async def test_a_platforms_own_command_has_typed_arguments(bot):
    """They come as they are; the answer is for who asked, goes by the same way, is remembered."""
    via = {"token": "secret"}
    asked = said("/add 2 3").model_copy(
        update={
            "kind": EventKind.COMMAND,
            "message": None,
            "call": Call(name="add", arguments={"a": 2, "b": 3}),
            "via": via,
        }
    )
    async with bot(TOOLS) as runtime:
        await runtime.deliver(asked)
        await runtime.drain()
        [part] = parts()
        assert (part.text, part.private, part.via) == ("Ada: 5", True, via)
        said_before = [one.content.text for one in await runtime.store.history(asked.room.id)]
        assert said_before == ["/add 2 3", "Ada: 5"]


async def test_a_wrong_argument_is_explained(bot):
    """A platform's command that does not fit says so to who gave it."""
    asked = said("/add x").model_copy(
        update={"kind": EventKind.COMMAND, "call": Call(name="add", arguments={"a": "x"})}
    )
    async with bot(TOOLS) as runtime:
        await runtime.deliver(asked)
        await runtime.drain()
    assert "Usage: /add <a> [b]" in texts()[0]


async def test_what_is_not_answered_is_dismissed(bot):
    """A platform that shows that we think is told that nothing comes."""
    asked = said("/hush").model_copy(update={"via": {"token": "secret"}})
    async with bot(TOOLS) as runtime:
        await runtime.deliver(asked)
        await runtime.drain()
        async with asyncio.timeout(10):
            while not LoopbackService.dismissed:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.005)
    assert LoopbackService.dismissed == [asked.key]
    assert texts() == []


async def test_a_pressed_button_says_its_value(bot):
    """Also where the value was too long for the platform, which carries a short name for it."""
    async with bot(TOOLS) as runtime:
        await runtime.deliver(said("/offer"))
        await runtime.drain()
        [shown] = parts()
        short, long = (button.value for button in shown.buttons)
        memory = (await runtime.store.history(shown.room.id))[-1]
        presses = [
            told(EventKind.BUTTON, n, content=Content(text=value), about=memory.id)
            for n, value in enumerate((short, long), 2)
        ]
        await runtime.deliver(*presses)
        await runtime.drain()
    assert len(long) <= LoopbackService.capabilities.button_value
    assert texts() == ["choose", "Ada: 2", f"Ada: {1 + int('2' * 20)}"]


async def test_a_listener_hears_its_kinds(bot):
    """What it returns is said; what the bot itself did, and what nobody listens to, is kept."""
    thumb = told(EventKind.REACTION, 2, content=Content(text="👍"))
    joined = told(EventKind.MEMBERSHIP, 3, content=None, about=None, presence=Presence.JOINED)
    own = told(EventKind.REACTION, 4, content=Content(text="👎"), is_own=True)
    gone = told(EventKind.UNREACTION, 5, content=Content(text="👍"))
    async with bot(TOOLS) as runtime:
        await runtime.deliver(thumb, joined, own, gone)
        await runtime.drain()
        states = [(await runtime.store.event(one.key)).state for one in (thumb, own, gone)]
    assert texts() == ["Ada: 👍", "Ada: joined"]
    assert states == [EventState.DONE, EventState.KEPT, EventState.KEPT]


async def test_a_turn_can_react(bot):
    """The reaction goes to the message that the turn is about."""
    async with bot(TOOLS) as runtime:
        await runtime.deliver(said("/nod", 7))
        await runtime.drain()
        [part] = parts()
    assert (part.verb, part.target, part.text) == (Verb.REACT, "lobby/7", "👍")


async def test_what_we_said_can_be_changed_and_deleted(bot):
    """On the platform and in what is remembered."""
    async with bot() as runtime:
        await runtime.deliver(said("hello"))
        await runtime.drain()
        memory = (await runtime.store.history(parts()[0].room.id))[-1]
        [reference] = await runtime.store.messages(memory.id)
        await runtime.messages.edit(memory, "goodbye")
        await runtime.drain()
        assert (await runtime.store.memory(memory.id)).content.text == "goodbye"
        await runtime.messages.delete(memory)
        await runtime.drain()
        assert (await runtime.store.memory(memory.id)).deleted
        assert [await runtime.store.messages(memory.id)] == [[reference]]
    verbs = [(one.verb, one.target, one.text) for one in parts()[1:]]
    assert verbs == [(Verb.EDIT, reference, "goodbye"), (Verb.DELETE, reference, "")]


async def test_a_message_has_an_address(bot):
    """The connector knows it; ours has one once it is sent."""
    async with bot() as runtime:
        await runtime.deliver(said("hello", 3))
        await runtime.drain()
        question, answer = await runtime.store.history(parts()[0].room.id)
        assert await runtime.messages.url(question) == "loopback://lobby/lobby/3"
        assert (await runtime.messages.url(answer)).startswith("loopback://lobby/sent-")


async def test_an_album_is_one_memory_and_one_turn(bot):
    """Its messages come one by one, each stored at once; who edits one edits the whole."""

    def photo(number, text=""):
        content = Content(text=text, attachments=(Attachment(key=f"photo {number}"),))
        update = {"group": "lobby/album/1", "content": content}
        return said("", number).model_copy(update=update)

    async with bot() as runtime:
        first, second, third = photo(1), photo(2, "holidays"), photo(3)
        await runtime.deliver(first, second)
        await runtime.deliver(third)
        await runtime.drain()
        memory = await runtime.store.memory(first.memory_id)
        edit = {"kind": EventKind.EDIT, "revision": 100, "content": photo(2, "holiday").content}
        await runtime.deliver(second.model_copy(update=edit))
        edited = await runtime.store.memory(first.memory_id)
    assert texts() == ["HOLIDAYS"]
    assert [one.key for one in memory.content.attachments] == ["photo 1", "photo 2", "photo 3"]
    assert memory.content.text == "holidays"
    assert (edited.content.text, edited.content.attachments) == (
        "holiday",
        memory.content.attachments,
    )


async def test_a_room_that_moved_keeps_its_history(bot):
    """A group that got a new id is the same conversation."""
    async with bot() as runtime:
        before = said("before", room="group", kind=RoomKind.GROUP, addressed=True)
        await runtime.deliver(before)
        await runtime.drain()
        after = said("after", room="supergroup", kind=RoomKind.GROUP, addressed=True)
        await runtime.deliver(after.model_copy(update={"moved_from": "group"}))
        await runtime.drain()
        history = await runtime.store.history(after.room.id)
        assert [one.content.text for one in history] == ["before", "BEFORE", "after", "AFTER"]
        assert await runtime.store.history(before.room.id) == []


async def test_what_we_said_can_be_deleted_by_others(bot):
    """As a moderator does; of what took several messages, the rest stays."""
    async with bot() as runtime:
        await runtime.deliver(said("hello"), said("x" * 3000, 2))
        await runtime.drain()
        *_, short, long = await runtime.store.history(parts()[0].room.id)
        for memory in (short, long):
            [message, *_] = await runtime.store.messages(memory.id)
            gone = {"kind": EventKind.DELETE, "message": message, "ids": (message,)}
            await runtime.deliver(said("").model_copy(update={**gone, "content": None}))
        left = [(await runtime.store.memory(one.id)).deleted for one in (short, long)]
    assert left == [True, False]


async def test_an_edit_after_an_edit_changes_all_that_was_said(bot):
    """What the first one added is changed by the second, or goes; nothing is said twice."""
    long = f"{'a' * 1999} {'b' * 100}"
    async with bot() as runtime:
        await runtime.deliver(said("hello"))
        await runtime.drain()
        memory = (await runtime.store.history(parts()[0].room.id))[-1]
        for text in (long, long.upper(), "short", long):
            LoopbackService.sent["lobby"].clear()
            await runtime.messages.edit(memory, text)
            await runtime.drain()
            done = [one.verb for one in parts()]
            match text:
                case "short":
                    assert done == [Verb.EDIT, Verb.DELETE]
                case _ if text.isupper():
                    assert done == [Verb.EDIT, Verb.EDIT]
                case _:
                    assert done == [Verb.EDIT, Verb.SAY]
        assert len(await runtime.store.messages(memory.id)) == 2
