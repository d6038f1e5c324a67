"""Laws of rooms: topics keep their names, a group's history moves with it, links lead back."""

import tracemalloc

import pytest

from bot.content import Content
from bot.events import EventKind
from bot.memory import Room
from bot.testing.connectors.stage import Witness
from connectors.telegram.connector import TelegramService
from connectors.telegram.intake import Intake
from connectors.telegram.topics import Topics

from .tellings import DATE, ME, update


async def test_a_topic_keeps_its_new_name(scene):
    """Its messages go on to tell the first one, and answers in it tell none."""
    topic = scene.telegram.add_room("Roses", kind="thread", parent=scene.group)
    first = await scene.say("Red", topic)
    scene.telegram.people.rename_room(topic, "Tulips")
    await scene.say("Yellow", topic)
    await scene.say("Indeed", topic, reply_to=first)
    async with scene.listening():
        events = await scene.heard(4)
    assert [one.room.name for one in events] == ["Roses", "Tulips", "Tulips", "Tulips"]


async def test_a_topics_name_outlives_a_restart(scene, tmp_path):
    """The store knows it, whatever messages say."""
    topic = scene.telegram.add_room("Roses", kind="thread", parent=scene.group)
    scene.telegram.people.rename_room(topic, "Tulips")
    for _ in range(2):
        await scene.say("White", topic)
        witness = Witness(TelegramService, scene.telegram.settings, tmp_path / "townhall.db")
        async with witness as bot:
            await bot.hears(1)
            await scene.until(lambda s: s.telegram.pending == 0)
        assert bot.events()[-1].room.name == "Tulips"


@pytest.fixture
def witness(scene, tmp_path):
    """A bot with a store of its own."""
    return Witness(TelegramService, scene.telegram.settings, tmp_path / "townhall.db")


async def test_a_reaction_is_told_in_the_topic_of_its_message(scene, witness):
    """Telegram names the forum alone, whether the message is new or long stored."""
    topic = scene.telegram.add_room("Roses", kind="thread", parent=scene.group)
    general = await scene.say("Hello", scene.group)
    stored = await scene.say("Red", topic)
    async with witness as bot:
        await bot.hears(2)
        for message in (general, stored, await scene.say("White", topic)):
            await scene.telegram.react(message, scene.ada, "👍")
        told = await bot.hears(3, EventKind.REACTION)
    assert [one.room.key for one in told] == [scene.group, topic, topic]


async def test_a_thread_is_a_new_topic_where_a_chat_has_topics(scene, witness):
    """All of an answer goes there, and people can answer in it."""
    scene.telegram.add_room("Roses", kind="thread", parent=scene.group)
    async with witness as bot:
        await bot.becomes("up")
        content = Content(text="word " * 1000, thread="Words")
        delivery = await bot.send(bot.service.room(scene.group), content)
        await bot.is_done()
        note = await bot.store.note("telegram", "default", f"topic/{delivery}")
    said = [one for room in scene.telegram.log.values() for one in room if one.by_bot]
    [topic] = {one.room for one in said}
    opening = scene.telegram.people.message(topic)["forum_topic_created"]
    assert (len(said), opening["name"], note) == (2, "Words", None)


async def test_a_thread_is_said_in_the_chat_where_there_are_no_topics(scene, witness):
    """Groups without them, private chats, and topics themselves."""
    topic = scene.telegram.add_room("Roses", kind="thread", parent=scene.telegram.add_room("Forum"))
    async with witness as bot:
        await bot.becomes("up")
        for room in (scene.group, scene.dm, topic):
            await bot.send(bot.service.room(room), Content(text="Hello", thread="Words"))
        await bot.is_done()
    for room in (scene.group, scene.dm, topic):
        assert [one.text for one in scene.telegram.said_by_bot(room)] == ["Hello"]


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

    topics = Topics(scene.runtime.store)
    async with Intake.open("default", ME, deliver, None, topics) as intake:
        tracemalloc.start()
        for number in range(10_000):
            await intake.take([said(number)])
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert held < 30 * 2**20
