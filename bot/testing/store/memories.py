"""What is true of what was said."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from bot.content import Content
from bot.events import message_id
from bot.memory import Memory
from bot.store import Store
from bot.testing.store.engine import ANN, BOT, HALL, NOON, YARD, Engine
from bot.value import uid


def said(text: str, n: int = 0, **changes: object) -> Memory:
    """What Ann said in the hall, `n` seconds after noon."""
    memory = Memory(
        id=uid("said", str(n)),
        room_id=HALL.id,
        entity_id=ANN.id,
        created_at=NOON + timedelta(seconds=n, microseconds=1),
        content=Content(text=text),
    )
    return memory.model_copy(update=changes)


async def remember(store: Store, *memories: Memory) -> Memory | None:
    """Remember each in a commit of its own; what became of the last."""
    for memory in memories:
        async with store.commit() as c:
            c.remember(memory)
    return await store.memory(memories[-1].id)


class MemoryLaws(Engine):
    """The newest wins, the deleted stays deleted."""

    async def test_a_memory_comes_back_as_it_was(self, store: Store) -> None:
        """Every field survives, to the microsecond."""
        content = Content(text="hi", in_reply_to=uuid4(), values={"a": [1, {"b": None}]})
        memory = said("", content=content, revision=2)
        assert await remember(store, memory) == memory

    async def test_the_newest_revision_wins_in_any_order(self, store: Store) -> None:
        """An edit replaces what was said, and an older telling does not undo it."""
        first, edit = said("first"), said("edit", revision=2)
        assert await remember(store, first, edit, first, said("older", revision=1)) == edit

    async def test_an_equal_revision_changes_nothing(self, store: Store) -> None:
        """The first of two tellings stays."""
        assert await remember(store, said("first"), said("second")) == said("first")

    async def test_an_edit_keeps_when_it_was_said(self, store: Store) -> None:
        """`created_at` is the first telling's."""
        late = NOON + timedelta(hours=1)
        edited = await remember(store, said("a"), said("b", revision=1, created_at=late))
        assert edited == said("b", revision=1)

    async def test_a_tombstone_keeps_no_content(self, store: Store) -> None:
        """What is deleted cannot be read again, whatever its revision."""
        gone = await remember(store, said("secret", revision=5), said("secret", deleted=True))
        assert gone is not None
        assert (gone.deleted, gone.content) == (True, Content())

    async def test_a_tombstone_is_never_undone(self, store: Store) -> None:
        """Neither an edit nor a late telling brings it back."""
        dead = said("", deleted=True)
        undone = await remember(store, said("a"), dead, said("edit", revision=9))
        assert undone is not None
        assert undone.deleted

    async def test_a_delete_that_comes_first_holds(self, store: Store) -> None:
        """The message that it deletes is not stored afterwards."""
        late = await remember(store, said("", deleted=True), said("late"))
        assert late is not None
        assert (late.deleted, late.content) == (True, Content())

    async def test_history_is_the_newest_of_a_room(self, store: Store) -> None:
        """Oldest first, in the order of arrival, without other rooms and tombstones."""
        spoken = [said(str(n), n) for n in range(6)]
        elsewhere = said("elsewhere", 9, room_id=YARD.id)
        await remember(store, *spoken, elsewhere, said("", 4, deleted=True))
        assert await store.history(HALL.id, limit=3) == [spoken[2], spoken[3], spoken[5]]

    async def test_history_goes_back_from_a_memory(self, store: Store) -> None:
        """`before` leaves out that Memory and what follows, but for what one entity said."""
        spoken = [said(str(n), n) for n in range(4)]
        answer = said("answer", 9, entity_id=BOT.id)
        await remember(store, *spoken, answer)
        before = spoken[2].id
        assert await store.history(HALL.id, before=before) == spoken[:2]
        found = await store.history(HALL.id, before=before, besides=BOT.id)
        assert found == [*spoken[:2], answer]

    async def test_what_was_said_at_one_moment_keeps_its_order(self, store: Store) -> None:
        """Where the clock does not tell, the order of telling does."""
        spoken = [said(str(n), n, created_at=NOON) for n in range(5)]
        await remember(store, *spoken)
        assert await store.history(HALL.id) == spoken

    async def test_messages_make_up_a_memory(self, store: Store) -> None:
        """Each message leads to its Memory, and the Memory to its messages in order."""
        memory = uuid4()
        for message in ("10", "9", "11"):
            async with store.commit() as c:
                c.link("chat", "default", message, memory)
        assert await store.messages(memory) == ["10", "9", "11"]
        assert await store.linked("chat", "default", "9") == memory

    async def test_a_memory_has_the_message_that_it_was(self, store: Store) -> None:
        """Told before or after another that makes it up, and after an edit, it is linked once."""
        memory = message_id("chat", "default", "7")
        async with store.commit() as c:
            c.remember(said("edited", id=memory, revision=1))
        async with store.commit() as c:
            c.remember(said("told late", id=memory))
            c.link("chat", "default", "7", memory)
        async with store.commit() as c:
            c.remember(said("told", id=message_id("chat", "default", "8")))
            c.link("chat", "default", "8", message_id("chat", "default", "8"))
            c.link("chat", "default", "9", message_id("chat", "default", "8"))
        for _ in range(2):
            assert await store.messages(memory) == ["7"]
            assert await store.linked("chat", "default", "7") == memory
            assert await store.messages(message_id("chat", "default", "8")) == ["8", "9"]
            assert await store.linked("chat", "sales", "8") is None
            async with store.commit() as c:  # told again
                c.remember(said("told", id=memory))
                c.link("chat", "default", "7", memory)

    @pytest.mark.parametrize("message", ["7", "8"])
    async def test_a_message_that_is_unlinked_is_no_part_of_it(
        self, store: Store, message: str
    ) -> None:
        """Neither the one that it was, nor a further one."""
        memory = message_id("chat", "default", "7")
        async with store.commit() as c:
            c.remember(said("both", id=memory))
            c.link("chat", "default", "7", memory)
            c.link("chat", "default", "8", memory)
        async with store.commit() as c:
            c.unlink("chat", "default", message)
        [left] = {"7", "8"} - {message}
        assert await store.messages(memory) == [left]
        assert await store.linked("chat", "default", message) is None
        assert await store.linked("chat", "default", left) == memory

    async def test_references_are_an_accounts_own(self, store: Store) -> None:
        """The same reference on another account or platform is another message."""
        one, other = uuid4(), uuid4()
        async with store.commit() as c:
            c.link("chat", "default", "1", one)
            c.link("chat", "sales", "1", other)
        own = message_id("chat", "default", "2")
        async with store.commit() as c:
            c.remember(said("on both", id=own))
            c.link("chat", "default", "2", own)
            c.link("chat", "sales", "2", own)
        assert await store.linked("chat", "sales", "2") == own
        assert await store.linked("chat", "default", "1") == one
        assert await store.linked("chat", "sales", "1") == other
        assert await store.linked("post", "default", "1") is None

    async def test_memories_are_counted(self, store: Store) -> None:
        """Each counts once."""
        await remember(store, said("a"), said("b", revision=1), said("c", 1))
        assert (await store.counts())["memories"] == len([said("b"), said("c", 1)])
