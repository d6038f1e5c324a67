"""Laws of the simulator: it answers as the Bot API's documentation says."""

import json
from io import BytesIO

import aiohttp
import pytest


@pytest.fixture
async def call(scene):
    """Call a method of the Bot API; its whole answer."""
    async with aiohttp.ClientSession() as session:

        async def call(method, *, token=scene.telegram.token, form=False, **what):
            url = f"{scene.telegram.url}/bot{token}/{method}"
            body = {"data": what} if form else {"json": what}
            async with session.post(url, **body) as response:
                return await response.json()

        yield call


async def test_updates_wait_until_an_offset_confirms_them(scene, call):
    """Those below the offset are forgotten, and a negative one keeps the last."""
    for text in ("One", "Two", "Three"):
        await scene.say(text)
    first, *_ = (await call("getUpdates"))["result"]
    rest = (await call("getUpdates", offset=first["update_id"] + 1))["result"]
    assert [one["message"]["text"] for one in rest] == ["Two", "Three"]
    [last] = (await call("getUpdates", offset=-1))["result"]
    assert last["message"]["text"] == "Three"


async def test_only_the_kinds_asked_for_are_told(scene, call):
    """From the next update on."""
    await call("getUpdates", allowed_updates=["edited_message"])
    message = await scene.say("Helo")
    await scene.telegram.edit(message, "Hello")
    [update] = (await call("getUpdates"))["result"]
    assert update["edited_message"]["text"] == "Hello"


@pytest.mark.parametrize("form", [False, True])
async def test_forms_and_json_are_both_understood(scene, call, form):
    """As by Telegram."""
    sent = await call("sendMessage", form=form, chat_id=scene.dm, text=" hi @somebody ")
    assert sent["result"]["text"] == "hi @somebody"
    assert sent["result"]["entities"] == [{"type": "mention", "offset": 3, "length": 9}]


@pytest.mark.parametrize(
    ("method", "token", "code"),
    [("sendPigeon", "424242:simulated", 404), ("getMe", "1:x", 401), ("getMe", "nonsense", 404)],
)
async def test_wrong_tokens_and_methods_are_refused(call, method, token, code):
    """A token of the right form is unknown; one of another form is no address."""
    answer = await call(method, token=token)
    assert (answer["ok"], answer["error_code"]) == (False, code)


async def test_the_bot_edits_and_deletes_only_what_it_said(scene, call):
    """And an edit must change something."""
    theirs = int((await scene.say("Mine")).partition("/")[2])
    ours = (await call("sendMessage", chat_id=scene.dm, text="Ours"))["result"]["message_id"]
    edit = {"chat_id": scene.dm, "message_id": ours, "text": "Better"}
    assert (await call("editMessageText", **edit))["result"]["text"] == "Better"
    assert "not modified" in (await call("editMessageText", **edit))["description"]
    foreign = await call("editMessageText", **edit | {"message_id": theirs})
    assert foreign["description"] == "Bad Request: message can't be edited"
    assert [said.text for said in scene.telegram.said_by_bot(scene.dm)] == ["Better"]
    assert (await call("deleteMessage", chat_id=scene.dm, message_id=ours))["result"] is True


def attached(*names, **kinds):
    """The fields of an album whose files come along."""
    media = [
        {"type": kinds.get(name, "document"), "media": f"attach://{name}", "caption": name}
        for name in names
    ]
    return {"media": json.dumps(media), **{name: BytesIO(name.encode()) for name in names}}


@pytest.mark.parametrize(
    ("method", "what", "words"),
    [
        ("sendMessage", {"text": " "}, "message text is empty"),
        ("sendMessage", {"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPhoto", {"photo": "x"}, "wrong file identifier/HTTP URL specified"),
        ("sendDocument", {"document": BytesIO()}, "file must be non-empty"),
        (
            "sendDocument",
            {"document": BytesIO(b"x"), "caption": "x" * 1025},
            "message caption is too long",
        ),
        ("sendMediaGroup", attached("a"), "can't send an album: it must include 2-10 items"),
        ("sendMediaGroup", {"media": "x"}, "can't parse media JSON object"),
        (
            "sendMediaGroup",
            attached("a", "b", a="photo"),
            "media of these types can't be mixed in an album",
        ),
        (
            "answerCallbackQuery",
            {"callback_query_id": "9"},
            "query is too old and response timeout",
        ),
        ("getFile", {"file_id": "x"}, "wrong file identifier/HTTP URL specified"),
        ("createForumTopic", {"name": "Roses"}, "the chat is not a forum"),
        ("setMessageReaction", {"message_id": 1}, "message to react not found"),
        ("editMessageCaption", {"message_id": 1}, "message to edit not found"),
        ("setMyCommands", {"commands": '[{"command": "É"}]'}, "BOT_COMMAND_INVALID"),
    ],
)
async def test_nonsense_is_refused(scene, call, method, what, words):
    """In the Bot API's words."""
    answer = await call(method, form=True, chat_id=scene.dm, **what)
    assert answer["description"].startswith(f"Bad Request: {words}")


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "url": "a.example"}, "BUTTON_URL_INVALID"),
        ({"text": "x"}, "can't parse inline keyboard button: Text buttons are unallowed"),
        ({"text": " ", "url": "https://a.example"}, "can't parse inline keyboard button: Field"),
        ("x", "can't parse inline keyboard button: Field"),
    ],
)
async def test_buttons_that_cannot_be_are_refused(scene, call, button, words):
    """One that does nothing, or two things, or says more than 64 bytes."""
    markup = {"inline_keyboard": [[button]]}
    answer = await call("sendMessage", chat_id=scene.dm, text="x", reply_markup=markup)
    assert answer["description"].startswith(f"Bad Request: {words}")


async def test_a_press_can_be_answered_for_some_seconds(scene, call):
    """Then it is too old."""
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": "/yes"}]]}
    sent = (await call("sendMessage", chat_id=scene.dm, text="Well?", reply_markup=keys))["result"]
    assert sent["reply_markup"] == keys
    await scene.telegram.press(f"{scene.dm}/{sent['message_id']}", scene.ada, "Yes")
    [update] = (await call("getUpdates"))["result"]
    press = {"callback_query_id": update["callback_query"]["id"]}
    assert (await call("answerCallbackQuery", **press))["result"] is True
    scene.telegram._api.queries.patience = 0
    assert "too old" in (await call("answerCallbackQuery", **press))["description"]


async def test_an_album_is_several_messages_of_one_group(scene, call):
    """Each with its own file and caption."""
    album = attached("a", "b", a="photo", b="video")
    sent = (await call("sendMediaGroup", form=True, chat_id=scene.dm, **album))["result"]
    assert sent[0]["media_group_id"] == sent[1]["media_group_id"]
    assert ("photo" in sent[0], "video" in sent[1]) == (True, True)
    uploads = [scene.telegram.files(f"{scene.dm}/{one['message_id']}") for one in sent]
    assert [upload.data for [upload] in uploads] == [b"a", b"b"]


async def test_a_file_that_is_there_is_sent_again_by_its_id(scene, call):
    """As the same kind of file, not as another."""
    sent = (await call("sendDocument", form=True, chat_id=scene.dm, document=BytesIO(b"x")))[
        "result"
    ]
    file = sent["document"]["file_id"]
    again = (await call("sendDocument", chat_id=scene.dm, document=file))["result"]
    assert again["document"] == sent["document"]
    other = await call("sendVoice", chat_id=scene.dm, voice=file)
    assert other["description"] == "Bad Request: can't use file of type Document as Voice"


@pytest.mark.parametrize(
    ("kind", "size", "words"),
    [
        ("photo", 10 * 2**20 + 1, "too big for a photo"),
        ("document", 50 * 2**20 + 1, "Request Entity Too Large"),
    ],
)
async def test_files_that_are_too_large_are_refused(scene, call, kind, size, words):
    """10 MB for a photo, 50 MB for all else."""
    file = {kind: BytesIO(bytes(size))}
    answer = await call(f"send{kind}", form=True, chat_id=scene.dm, **file)
    assert words in answer["description"]
