"""What people write does nothing to the terminal of whoever looks at it."""

from __future__ import annotations

from bot.records import EventState
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import said

EVIL = "hi\x1b[2J\x1b]0;title\x07\r\x9b31m\u202e{markup} [red]no[/red]\n10:00:00 fake line"


async def test_commands_show_what_people_wrote_without_its_tricks(host):
    """No control character gets through, and no line is made up."""
    event = said(EVIL).model_copy(update={"problem": EVIL})
    sender = event.sender.model_copy(update={"name": EVIL})
    room = event.room.model_copy(update={"name": EVIL})
    event = event.model_copy(update={"sender": sender, "room": room})
    async with SqliteStore(host.database) as store, store.commit() as c:
        c.put_room(room)
        c.put_entity(sender)
        c.remember(event.memory())
        c.link("loopback", "default", event.message, event.memory_id)
        c.accept(event, EventState.DEAD)
        c.finish(1, EventState.DEAD, EVIL)
    for command in (("inbox", "list"), ("dead-letters", "list"), ("why", event.key)):
        shown = (await host(*command)).decode()
        assert "{markup} [red]no[/red]" in shown
        assert all(one.isprintable() or one == "\n" for one in shown)
        assert not [line for line in shown.splitlines() if line.startswith("10:00:00 fake")]
