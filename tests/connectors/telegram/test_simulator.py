"""Laws of the simulator: it answers as the Bot API's documentation says."""

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
