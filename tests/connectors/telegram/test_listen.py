"""Laws of listening: what people say arrives once stored, whatever else comes."""

import asyncio
import traceback

import pytest

from bot.errors import Fenced, StoreFull, Unauthorized
from bot.events import EventKind
from bot.memory import RoomKind
from bot.service import Status
from bot.testing.runtime import create_mock_runtime
from bot.testing.simulator import Upload
from connectors.telegram.connector import TelegramService


async def test_a_private_message_arrives_as_it_was_said(scene):
    """Who, where, what and which message are all there."""
    message = await scene.say("Hello")
    async with scene.listening():
        [event] = await scene.heard(1)
    assert (event.kind, event.content.text, event.message) == ("message", "Hello", message)
    assert (event.sender.key, event.sender.name, event.sender.locale) == (scene.ada, "Ada", "en")
    assert (event.room.key, event.room.kind, event.room.world) == (scene.dm, RoomKind.DM, None)
    assert event.addressed


async def test_a_group_is_heard_and_a_mention_speaks_to_the_bot(scene):
    """All that is said in a group arrives; only what names the bot is addressed to it."""
    await scene.say("Nice weather", scene.group)
    await scene.say("what do you think?", scene.group, mention=True)
    async with scene.listening():
        events = await scene.heard(2)
    assert [e.addressed for e in events] == [False, True]
    assert events[1].content.text == "what do you think?"
    assert events[1].room.kind is RoomKind.GROUP


async def test_an_answer_to_the_bot_speaks_to_it(scene):
    """A reply names the message that it answers, and is addressed if that was ours."""
    ours = (await scene.send("I am here", scene.group)).message
    message = await scene.say("Good", scene.group, reply_to=ours)
    await scene.say("Who is this?", scene.group, reply_to=message)
    async with scene.listening():
        events = await scene.heard(2)
    assert [e.addressed for e in events] == [True, False]
    assert [e.reply_to for e in events] == [ours, message]


async def test_a_topic_is_a_room_of_its_own(scene):
    """A forum's topic is a thread whose world is the forum, and its opening is not an answer."""
    topic = scene.telegram.add_room("Gardening", kind="thread", parent=scene.group)
    await scene.say("Roses", topic)
    await scene.say("In general", scene.group)
    async with scene.listening():
        roses, general = await scene.heard(2)
    room = roses.room
    assert (room.key, room.kind, room.parent) == (topic, RoomKind.THREAD, scene.group)
    assert (room.name, room.world.key) == ("Gardening", scene.group)
    assert (roses.reply_to, roses.addressed) == (None, False)
    assert general.room.key == scene.group


async def test_a_channel_speaks_in_its_own_name(scene):
    """A post has no person behind it."""
    channel = scene.telegram.add_room("News", kind="channel")
    await scene.say("It rains", channel)
    async with scene.listening():
        [event] = await scene.heard(1)
    assert (event.sender.key, event.sender.name, event.sender.is_bot) == (channel, "News", False)
    assert event.room.kind is RoomKind.CHANNEL


async def test_two_edits_in_one_second_are_two_events(scene):
    """Edits share the message and grow in revision."""
    message = await scene.say("Helo")
    await scene.telegram.edit(message, "Hello")
    await scene.telegram.edit(message, "Hello!")
    async with scene.listening():
        said, *edits = await scene.heard(3)
    assert [(e.kind, e.content.text) for e in edits] == [("edit", "Hello"), ("edit", "Hello!")]
    assert {e.memory_id for e in edits} == {said.memory_id}
    assert said.revision < edits[0].revision < edits[1].revision


async def test_another_bot_is_known_as_one(scene):
    """Whether to answer bots is for the core to say."""
    other = scene.telegram.add_person("Robby", is_bot=True)
    await scene.telegram.say(scene.group, other, "Beep")
    async with scene.listening():
        [event] = await scene.heard(1)
    assert event.sender.is_bot


async def test_a_batch_that_was_not_stored_comes_again(scene):
    """The offset moves only after the commit."""
    tried = []

    async def deliver(*events):
        tried.append([e.key for e in events])
        if len(tried) == 1:
            raise StoreFull("no room on the disk")
        await asyncio.sleep(0)

    await scene.say("One")
    await scene.say("Two")
    scene.runtime.deliver = deliver
    async with scene.listening():
        await scene.until(lambda s: s.telegram.pending == 0)
    assert tried[0] == tried[1]
    assert len(tried[0]) == 2


async def test_a_full_store_is_shown_until_it_has_room(scene):
    """Nothing is accepted in the meantime, and health says why."""

    async def deliver(*events):
        raise StoreFull("no room on the disk")

    await scene.say("One")
    scene.runtime.deliver, right = deliver, scene.runtime.deliver
    async with scene.listening():
        await scene.until(lambda s: s.service._health.why == "no room on the disk")
        assert scene.telegram.pending == 1
        scene.runtime.deliver = right
    async with scene.listening():
        await scene.until(lambda s: s.telegram.pending == 0)
        assert (await scene.service.health()).status is Status.UP


async def test_what_was_stored_does_not_come_again(scene):
    """A batch is confirmed once it is stored, also for the next process."""
    await scene.say("One")
    async with scene.listening():
        await scene.until(lambda s: s.runtime.delivered and s.telegram.pending == 0)
    await scene.say("Two")
    async with scene.listening():
        events = await scene.heard(2)
    assert [e.content.text for e in events] == ["One", "Two"]


@pytest.mark.parametrize(
    "broken",
    [
        {"message": {}},
        {"message": None},
        {"message": {"message_id": 1, "date": "today", "chat": {"id": 1, "type": "private"}}},
        {"message": {"message_id": 1, "date": 10**18, "chat": {"id": 1, "type": "private"}}},
        {"message": {"message_id": 1, "date": 1, "text": 7, "chat": {"id": 1, "type": "private"}}},
        {"edited_message": "no object"},
        {"my_chat_member": {"chat": 1}},
        "no object at all",
        None,
    ],
)
async def test_a_malformed_update_is_kept_and_the_next_is_handled(scene, broken):
    """Bad input is an answer, not a crash."""
    await scene.telegram.inject(broken)
    await scene.say("Still here")
    async with scene.listening():
        bad, good = await scene.heard(2)
        await scene.until(lambda s: s.telegram.pending == 0)
    assert bad.kind is EventKind.MALFORMED
    assert bad.problem
    assert bad.raw == broken
    assert good.content.text == "Still here"


async def test_the_numbers_of_updates_may_begin_anew(scene):
    """As they do after a week in which nothing came; the old ones are all confirmed."""
    await scene.say("One")
    async with scene.listening():
        await scene.heard(1)
        await scene.until(lambda s: s.telegram.pending == 0)
        await scene.telegram.disconnect()
        await scene.until(lambda s: s.telegram.calls["getupdates"] >= 4)
        await scene.telegram.inject({"update_id": 7, "telepathy": {}})
        _, event = await scene.heard(2)
    assert (event.kind, event.ids) == (EventKind.UNKNOWN, ("7",))


async def test_updates_of_other_kinds_are_kept(scene):
    """What a later Bot API adds does no harm, and may be read one day."""
    await scene.telegram.inject({"telepathy": {"thought": "Hm"}})
    async with scene.listening():
        await scene.until(lambda s: s.telegram.pending == 0)
    [event] = scene.runtime.delivered
    assert event.kind is EventKind.UNKNOWN
    assert event.raw["telepathy"] == {"thought": "Hm"}


async def test_updates_that_cannot_be_confirmed_do_not_spin(scene):
    """Without a number there is no next offset, so the service waits and says why."""
    await scene.telegram.inject("no number")
    async with scene.listening():
        await scene.until(lambda s: "without ids" in s.service._health.why)
    assert len({e.key for e in scene.runtime.delivered}) == 1
    assert scene.telegram.calls["getupdates"] < 10


async def test_a_second_poller_is_named(scene):
    """Two processes with one token: degraded, with what to do."""
    other = await TelegramService.start(scene.runtime)
    async with scene.listening():
        await scene.until(lambda s: s.telegram.calls["getupdates"] == 2)
        async with scene.listening(other):
            await scene.until(lambda s: s.service._health.status is Status.DEGRADED)
    await other.stop()
    assert "another process polls" in scene.service._health.why
    assert scene.service._health.fix


async def test_a_webhook_is_named_and_its_secret_path_is_not(scene):
    """A webhook takes the updates away from a poll."""
    await scene.service.client._bot.set_webhook("https://example.org/a-secret-path")
    async with scene.listening():
        await scene.until(lambda s: "webhook is set (example.org)" in s.service._health.why)
    assert "secret-path" not in scene.service._health.why


async def test_a_wrong_token_stops_the_connector(scene):
    """There is no use in trying again, and a person is told what to do."""
    settings = scene.telegram.settings | {"TELEGRAM_BOT_TOKEN": "424242:another-secret"}
    service = await TelegramService.start(create_mock_runtime(settings))
    with pytest.raises(Unauthorized) as error:
        await service.run()
    await service.stop()
    health = await service.health()
    assert health.status is Status.DOWN
    assert "@BotFather" in health.fix
    assert "another-secret" not in "".join(traceback.format_exception(error.value))


async def test_a_newer_lease_ends_the_listening(scene):
    """Somebody else does this work now."""

    async def deliver(*events):
        raise Fenced("a newer lease exists")

    await scene.say("Hello")
    with pytest.raises(Fenced):
        await scene.service.listen(deliver)


@pytest.mark.parametrize("status", [403, 500, 502])
async def test_an_outage_is_survived(scene, status):
    """A server that fails for a while delays; it loses nothing."""
    scene.telegram.fail_next("getMe", 502, "<html>Bad Gateway</html>")
    scene.telegram.fail_next("getUpdates", status, "<html>Sorry</html>", times=2)
    await scene.say("Hello")
    async with scene.listening():
        [event] = await scene.heard(1)
        await scene.until(lambda s: s.service._health.status is Status.UP)
    assert event.content.text == "Hello"


async def test_the_end_of_an_outage_shows_at_once(scene):
    """Not only when the next person speaks."""
    scene.telegram.fail_next("getUpdates", 502, times=2)
    async with scene.listening():
        await scene.until(lambda s: s.service._health.status is Status.DEGRADED)
        await scene.until(lambda s: s.service._health.status is Status.UP)
    assert scene.runtime.delivered == []


async def test_a_cut_connection_is_made_again(scene):
    """What was said in between arrives."""
    async with scene.listening():
        await scene.until(lambda s: s.telegram.calls["getupdates"] == 2)
        await scene.telegram.disconnect()
        await scene.say("Hello")
        [event] = await scene.heard(1)
    assert event.content.text == "Hello"


async def test_a_pause_that_telegram_asks_for_is_kept(scene):
    """A 429 says for how long."""
    body = {"ok": False, "error_code": 429, "parameters": {"retry_after": 1}}
    scene.telegram.fail_next("getUpdates", 429, body)
    await scene.say("Hello")
    clock = asyncio.get_running_loop().time
    began = clock()
    async with scene.listening():
        await scene.heard(1)
    assert clock() - began >= 1


async def test_in_privacy_mode_the_bot_sees_only_what_speaks_to_it(private):
    """The simulator does as Telegram does."""
    for text in ("Nice weather", "/help", "hm @Townhall_Bot?"):
        await private.say(text, private.group)
    await private.say("", private.group, files=[Upload("a.txt", b"a")])
    async with private.listening():
        events = await private.heard(2)
    assert [e.content.text for e in events] == ["/help", "hm @Townhall_Bot?"]
