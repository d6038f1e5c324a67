"""Laws of sending: a receipt, or an error that says what to do next."""

import asyncio
import socket
import traceback

import pytest
from structlog.testing import capture_logs

from bot.content import Button, Select
from bot.errors import RateLimited, Rejected, Unauthorized, Unavailable, Unconfirmed
from bot.memory import RoomKind
from bot.testing.runtime import create_mock_runtime
from connectors.telegram.connector import TelegramService
from connectors.telegram.outgoing import keyboard


async def test_a_part_arrives_and_its_receipt_names_it(scene):
    """The receipt is the reference by which later events name the message."""
    receipt = await scene.send("Hello, <b>world</b> & all")
    [said] = scene.telegram.said_by_bot(scene.dm)
    assert (said.text, said.message) == ("Hello, <b>world</b> & all", receipt.message)


async def test_a_part_answers_the_message_that_it_names(scene):
    """A reply is shown as one."""
    asked = await scene.say("How are you?")
    await scene.send("Fine", reply_to=asked)
    assert scene.telegram.said_by_bot(scene.dm)[0].reply_to == asked


async def test_an_answer_to_what_is_gone_is_said_all_the_same(scene):
    """Somebody deleted the question."""
    asked = await scene.say("How are you?")
    await scene.telegram.delete(asked)
    await scene.send("Fine", reply_to=asked)
    assert scene.telegram.said_by_bot(scene.dm)[0].reply_to is None


async def test_an_answer_to_a_message_of_another_chat_is_not_shown_as_one(scene):
    """Message ids are only unique in their chat."""
    asked = await scene.say("How are you?")
    await scene.send("Ada asked how we are", scene.group, reply_to=asked)
    assert scene.telegram.said_by_bot(scene.group)[0].reply_to is None


async def test_a_part_for_a_topic_arrives_in_it(scene):
    """A topic is a room of its own."""
    topic = scene.telegram.add_room("Gardening", kind="thread", parent=scene.group)
    await scene.send("Roses", topic)
    assert [said.text for said in scene.telegram.said_by_bot(topic)] == ["Roses"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 4097, "too long"),
        ("\U0001f600" * 2049, "too long"),
        (" \n", "empty"),
        ("\ud83d", "not valid Unicode"),
    ],
)
async def test_what_telegram_never_takes_is_rejected(scene, text, words):
    """Lengths are in UTF-16 code units, and white space is no text."""
    with pytest.raises(Rejected, match=words):
        await scene.send(text)


async def test_the_longest_text_is_taken(scene):
    """What the capabilities count as fitting fits."""
    text = "\U0001f600" * 2048
    assert scene.service.capabilities.length(text) == scene.service.capabilities.max_length
    await scene.send(text)
    assert scene.telegram.said_by_bot(scene.dm)[0].text == text


async def test_a_person_who_blocked_the_bot_is_a_rejection(scene):
    """So is a group that kicked it."""
    await scene.telegram.block(scene.dm)
    await scene.telegram.block(scene.group)
    with pytest.raises(Rejected, match="blocked by the user"):
        await scene.send("Hello?")
    with pytest.raises(Rejected, match="kicked from the supergroup"):
        await scene.send("Hello?", scene.group)


@pytest.mark.parametrize(("is_bot", "words"), [(False, "press Start"), (True, "to each other")])
async def test_nobody_can_be_written_to_first(scene, is_bot, words):
    """People begin a conversation; bots have none among themselves."""
    bob = scene.telegram.add_person("Bob", is_bot=is_bot)
    with pytest.raises(Rejected, match=words):
        await scene.send("Hello?", bob)


@pytest.mark.parametrize(("room", "words"), [("31337", "Chat not found"), ("1/x", "'1/x' names")])
async def test_an_unknown_room_is_a_rejection(scene, room, words):
    """In Telegram's own words where it was asked."""
    with pytest.raises(Rejected, match=words):
        await scene.send("Hello?", room)


@pytest.mark.parametrize(("kind", "alone"), [(RoomKind.DM, False), (RoomKind.GROUP, True)])
async def test_a_429_says_how_long_and_for_whom(limited, kind, alone):
    """In a group it is taken for the group's, elsewhere for the account's."""
    room = limited.dm if kind is RoomKind.DM else limited.group
    await limited.send("One", room, kind=kind)
    with pytest.raises(RateLimited) as error:
        await limited.send("Two", room, kind=kind)
    assert (error.value.retry_after, error.value.room) == (1, alone)


async def test_a_429_without_a_number_still_says_how_long(scene):
    """A proxy's 429 is not Telegram's; it was not sent either way."""
    scene.telegram.fail_next("sendMessage", 429, "slow down")
    with pytest.raises(RateLimited) as error:
        await scene.send("Hello")
    assert error.value.retry_after > 0


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, None), (502, "<html>Bad Gateway</html>"), (200, "not JSON"), (200, {"ok": True})],
)
async def test_an_answer_that_says_nothing_is_unconfirmed(scene, status, body):
    """It may have been taken before something in between failed."""
    scene.telegram.fail_next("sendMessage", status, body)
    with pytest.raises(Unconfirmed):
        await scene.send("Hello")


async def test_a_connection_cut_after_the_write_is_unconfirmed(scene):
    """Here the message did arrive, and nobody could have known."""
    scene.telegram.delay = 30
    sending = asyncio.create_task(scene.send("Hello"))
    await scene.telegram.wait_for_answers(scene.dm)
    await scene.telegram.disconnect()
    with pytest.raises(Unconfirmed):
        await sending


async def test_nobody_to_connect_to_is_unavailable():
    """It surely was not sent, so it is safe to try again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    settings = {"TELEGRAM_BOT_TOKEN": "1:hush", "TELEGRAM_API_URL": url}
    service = await TelegramService.start(create_mock_runtime(settings))
    with pytest.raises(Unavailable) as error:
        await service.login()
    await service.stop()
    assert "hush" not in "".join(traceback.format_exception(error.value))


async def test_a_token_that_was_revoked_is_unauthorized(scene):
    """Sending stops, too."""
    scene.telegram.fail_next("sendMessage", 401)
    with pytest.raises(Unauthorized):
        await scene.send("Hello")


@pytest.fixture
def moved(scene):
    """The id of a group before it became a supergroup, which is the scene's."""
    body = {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": int(scene.group)},
    }
    scene.telegram.fail_next("sendMessage", 400, body)
    return "-77"


async def test_a_group_that_moved_is_followed_at_once(scene, moved):
    """A group that becomes a supergroup gets another id; the first message finds out."""
    for text in ("Hello", "Hello again"):
        receipt = await scene.send(text, moved, reply_to=f"{moved}/3")
    said = scene.telegram.said_by_bot(scene.group)
    assert [(one.text, one.reply_to) for one in said] == [("Hello", None), ("Hello again", None)]
    assert said[1].message == receipt.message
    assert scene.telegram.calls["sendmessage"] == 3


async def test_a_group_that_moved_twice_is_a_rejection(scene, moved):
    """That cannot be, and is not followed for ever."""
    body = {"ok": False, "error_code": 400, "parameters": {"migrate_to_chat_id": -1001}}
    scene.telegram.fail_next("sendMessage", 400, body)
    with pytest.raises(Rejected, match="-1001"):
        await scene.send("Hello", moved)


async def test_markup_is_shown_as_such_where_the_part_says_so(scene):
    """A literal text stays as it is."""
    for markup in (True, False):
        part = scene.part("<b>1</b> &lt; 2").model_copy(update={"markup": markup})
        await scene.service.send(part)
    said = [one.text for one in scene.telegram.said_by_bot(scene.dm)]
    assert said == ["1 < 2", "<b>1</b> &lt; 2"]


async def test_markup_that_telegram_cannot_read_is_said_without(scene):
    """Rather than lost; and the log says why."""
    part = scene.part("<b>1 &lt; 2</i> <spoon>").model_copy(update={"markup": True})
    with capture_logs() as logs:
        await scene.service.send(part)
    assert scene.telegram.said_by_bot(scene.dm)[0].text == "1 < 2"
    assert "parse entities" in logs[0]["why"]


async def test_buttons_stand_side_by_side_where_they_fit(scene):
    """Rows are as wide as a phone can show; a list has a row for each option."""
    labels = [*"123456", "A rather long label", "And another one"]
    buttons = tuple(Button(label=one, value=f"/say {one}") for one in labels)
    select = Select(options=(Button(label="Red", value="red"), Button(label="Blue")))
    more = {
        "buttons": (*buttons, Button(label="Docs", url="https://a.example")),
        "selects": (select,),
    }
    keys = keyboard(scene.part("Choose").model_copy(update=more))["inline_keyboard"]
    assert [[key["text"] for key in row] for row in keys] == [
        [*"123456", "A rather long label"],
        ["And another one", "Docs"],
        ["Red"],
        ["Blue"],
    ]
    assert [row[-1].get("callback_data") for row in keys[1:]] == [None, "red", "Blue"]
    await scene.service.send(scene.part("Choose").model_copy(update=more))
    assert scene.telegram.said_by_bot(scene.dm)[0].buttons == (*labels, "Docs", "Red", "Blue")


@pytest.mark.parametrize(
    ("status", "words", "advice"),
    [
        (403, "Forbidden: bot was blocked by the user", "unblock"),
        (403, "Forbidden: bot can't initiate conversation with a user", "press Start"),
        (403, "Forbidden: bot is not a member of the channel chat", "add the bot"),
        (403, "Forbidden: user is deactivated", "stop writing"),
        (400, "Bad Request: not enough rights to send text messages to the chat", "Ask an admin"),
        (400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN", "Ask an admin"),
        (400, "Bad Request: TOPIC_CLOSED", "Open the topic"),
        (400, "Bad Request: message thread not found", "topic was deleted"),
        (400, "Bad Request: BUTTON_DATA_INVALID", "64 bytes"),
        (413, "Request Entity Too Large", "50 MB"),
    ],
)
async def test_a_refusal_says_what_to_do(scene, status, words, advice):
    """In plain words, after Telegram's own."""
    body = {"ok": False, "error_code": status, "description": words}
    scene.telegram.fail_next("sendMessage", status, body)
    with pytest.raises(Rejected, match=advice) as error:
        await scene.send("Hello")
    assert words.removeprefix("Bad Request: ").lower() in str(error.value).lower()


async def test_the_token_is_in_no_error(scene):
    """Even if the server itself repeats it."""
    secret = scene.telegram.token
    body = {"ok": False, "error_code": 400, "description": f"Bad Request: /bot{secret}/sendMessage"}
    scene.telegram.fail_next("sendMessage", 400, body)
    with pytest.raises(Rejected) as error:
        await scene.send("Hello")
    assert secret.partition(":")[2] not in "".join(traceback.format_exception(error.value))


async def test_typing_is_shown_and_its_failure_does_not_matter(scene):
    """It is a signal, not a message."""
    await scene.service.typing(scene.part("").room)
    await scene.service.typing(scene.part("", "31337").room)
    assert scene.telegram.calls["sendchataction"] == 2


async def test_default_rooms_get_notifications(scene):
    """`TELEGRAM_ROOMS` names them, separated by commas."""
    settings = scene.telegram.settings | {"TELEGRAM_ROOMS": f"{scene.dm}, {scene.group}"}
    runtime = create_mock_runtime(settings)
    service = await TelegramService.start(runtime)
    await service.notify("Lunch")
    await service.stop()
    assert [(room.key, text) for room, text in runtime.sent] == [
        (scene.dm, "Lunch"),
        (scene.group, "Lunch"),
    ]
