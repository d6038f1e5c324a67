"""Laws of rooms: topics keep their names, a group's history moves with it, links lead back."""

import tracemalloc

import pytest

from bot.events import EventKind
from bot.memory import Room
from bot.testing.connectors.stage import Witness
from connectors.telegram.connector import TelegramService
from connectors.telegram.intake import Intake

from .tellings import DATE, ME, update


async def test_a_topic_keeps_its_new_name(scene):
    """Its messages go on to tell the first one, and answers in it tell none."""
    topic = scene.telegram.add_room("Roses", kind="thread", parent=scene.group)
    first = await scene.say("Red", topic)
    scene.telegram.people.rename(topic, "Tulips")
    await scene.say("Yellow", topic)
    await scene.say("Indeed", topic, reply_to=first)
    async with scene.listening():
        events = await scene.heard(4)
    assert [one.room.name for one in events] == ["Roses", "Tulips", "Tulips", "Tulips"]


async def test_a_topics_name_outlives_a_restart(scene, tmp_path):
    """The store knows it, whatever messages say."""
    topic = scene.telegram.add_room("Roses", kind="thread", parent=scene.group)
    scene.telegram.people.rename(topic, "Tulips")
    for _ in range(2):
        await scene.say("White", topic)
        witness = Witness(TelegramService, scene.telegram.settings, tmp_path / "townhall.db")
        async with witness as bot:
            await bot.hears(1)
            await scene.until(lambda s: s.telegram.pending == 0)
        assert bot.events()[-1].room.name == "Tulips"


async def test_a_group_that_became_a_supergroup_is_still_that_group(scene):
    """Both chats tell of it, and the room that was known moves to its new id."""
    old = scene.telegram.people.found("Club")
    await scene.say("Before", old)
    new = scene.telegram.people.migrate(old)
    await scene.say("After", new)
    async with scene.listening():
        before, *moved, after = await scene.heard(4)
    assert {one.key for one in moved} == {moved[0].key}
    assert (moved[0].moved_from, moved[0].room) == (before.room.key, after.room)


async def test_who_blocks_us_may_let_us_back(scene):
    """The room is closed in between."""
    await scene.telegram.block(scene.dm)
    scene.telegram.people.admit(scene.dm)
    async with scene.listening():
        events = await scene.heard(2)
    assert [one.kind for one in events] == [EventKind.MEMBERSHIP] * 2
    assert [one.presence for one in events] == ["removed", "joined"]
    assert [one.room.closed for one in events] == ["the person blocked us", ""]


@pytest.mark.parametrize(
    ("key", "handle", "message", "link"),
    [
        ("-1001234/7", "", "-1001234/42", "https://t.me/c/1234/7/42"),
        ("-1001234", "", "-1001234/42", "https://t.me/c/1234/42"),
        ("-1001234", "club", "-1001234/42", "https://t.me/club/42"),
        ("-1234", "", "-1234/42", None),
        ("1234", "", "1234/42", None),
    ],
)
def test_a_message_has_the_link_that_people_share(key, handle, message, link):
    """Private chats and small groups have none; a public name does not lead back by itself."""
    room = Room(platform="telegram", account="default", key=key, handle=handle)
    assert TelegramService.link_of(room, message) == link
    back = TelegramService.message_of(link) if link else message
    assert back == (None if handle else message)


async def test_who_shows_no_picture_has_none(scene):
    """Nor has a chat that speaks as itself."""
    await scene.say("Hi")
    async with scene.listening():
        [event] = await scene.heard(1)
    assert await scene.service.avatar(event.sender) is None
    assert await scene.service.avatar(event.sender.model_copy(update={"key": "-1001"})) is None


async def test_ten_thousand_rooms_are_cheap(scene):
    """What is remembered of each is a name."""
    chat = {"type": "supergroup", "title": "Club", "is_forum": True}
    topic = {"date": DATE, "forum_topic_created": {"name": "Roses", "icon_color": 1}}

    def said(number):
        where = chat | {"id": -(10**12) - number}
        return update(
            number,
            chat=where,
            text="Hi",
            message_thread_id=9,
            is_topic_message=True,
            reply_to_message=topic | {"message_id": 9, "chat": where},
        )

    async def deliver(*events):
        assert events[0].room.name == "Roses"

    async with Intake.open("default", ME, deliver, None, scene.runtime.store.room) as intake:
        tracemalloc.start()
        for number in range(10_000):
            await intake.take([said(number)])
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert held < 30 * 2**20
