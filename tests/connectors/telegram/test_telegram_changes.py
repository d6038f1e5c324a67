"""Laws of changing what is said: done twice is done once, and what is gone is no trouble."""

import pytest

from bot.content import Attachment, Button, Verb
from bot.errors import RateLimited, Rejected, Unconfirmed


def change(scene, verb, target, text="", **more):
    """A part that does something to a message."""
    update = {"verb": verb, "target": target, **more}
    return scene.service.change(scene.part(text).model_copy(update=update))


def shown(scene):
    return [(one.text, one.buttons) for one in scene.telegram.said_by_bot(scene.dm)]


def there(scene, *messages):
    """Those of the messages that are not deleted."""
    chats = scene.telegram._network.chats
    split = [one.split("/") for one in messages]
    return [f"{c}/{n}" for c, n in split if int(n) in chats[int(c)].messages]


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"picture")
    return Attachment.file(path)


async def test_an_edit_changes_text_and_buttons(scene):
    """Buttons that it does not name go away."""
    said = await scene.service.send(
        scene.part("Helo").model_copy(update={"buttons": (Button(label="Hi", value="/hi"),)})
    )
    await change(
        scene, Verb.EDIT, said.message, "Hello", buttons=(Button(label="Ho", value="/ho"),)
    )
    assert shown(scene) == [("Hello", ("Ho",))]
    await change(scene, Verb.EDIT, said.message, "<b>Hello</b>", markup=True)
    assert shown(scene) == [("Hello", ())]


async def test_an_edit_without_text_changes_buttons_only(scene):
    """For instance when they have been used."""
    said = await scene.send("Well?")
    await change(scene, Verb.EDIT, said.message, buttons=(Button(label="Yes", value="/yes"),))
    assert shown(scene) == [("Well?", ("Yes",))]


async def test_an_edit_of_a_file_changes_the_text_below_it(scene, picture):
    """Telegram has another method for that."""
    said = await scene.service.send(
        scene.part("Helo").model_copy(update={"attachments": (picture,)})
    )
    await change(scene, Verb.EDIT, said.message, "Hello")
    assert shown(scene) == [("Hello", ())]


async def test_an_edit_can_bring_another_file(scene, picture, tmp_path):
    """One; an album keeps its files."""
    said = await scene.service.send(scene.part("").model_copy(update={"attachments": (picture,)}))
    path = tmp_path / "b.pdf"
    path.write_bytes(b"paper")
    await change(scene, Verb.EDIT, said.message, "New", attachments=(Attachment.file(path),))
    assert [one.data for one in scene.telegram.files(said.message)] == [b"paper"]
    with pytest.raises(Rejected, match="one file"):
        await change(scene, Verb.EDIT, said.message, attachments=(picture, picture))


async def test_an_edit_that_telegram_cannot_read_is_made_without_markup(scene):
    """Rather than lost."""
    said = await scene.send("Hello")
    await change(scene, Verb.EDIT, said.message, "<b>1 &lt; 2", markup=True)
    assert shown(scene) == [("1 < 2", ())]


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.DELETE, Verb.REACT, Verb.UNREACT])
async def test_what_is_done_twice_is_done_once(scene, verb):
    """The second time, nothing is left to do."""
    said = await scene.send("Hello")
    await change(scene, verb, said.message, "👍")
    await change(scene, verb, said.message, "👍")
    assert there(scene, said.message) == ([] if verb is Verb.DELETE else [said.message])


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.DELETE, Verb.REACT, Verb.UNREACT])
async def test_what_is_gone_is_no_trouble(scene, verb):
    """Somebody else deleted it."""
    said = await scene.send("Hello")
    await scene.telegram.delete(said.message)
    await change(scene, verb, said.message, "👍")


async def test_all_that_made_up_a_part_can_be_deleted(scene, picture):
    """An album, and a text that did not fit below it: the receipt names every message."""
    long = scene.part("x" * 2000).model_copy(update={"attachments": (picture,) * 2})
    receipt = await scene.service.send(long)
    messages = [one.message for one in scene.telegram.said_by_bot(scene.dm)]
    assert [receipt.message, *receipt.more] == messages == there(scene, *messages)
    for message in messages:
        await change(scene, Verb.DELETE, message)
    assert there(scene, *messages) == []


async def test_what_others_said_cannot_be_changed(scene):
    """The error says what can."""
    theirs = await scene.say("Mine", scene.group)
    with pytest.raises(Rejected, match="only what it said itself"):
        await change(scene, Verb.EDIT, theirs, "Ours")
    with pytest.raises(Rejected, match="as an admin"):
        await change(scene, Verb.DELETE, theirs)


async def test_what_is_older_than_two_days_cannot_be_deleted(scene):
    """The error says so."""
    said = await scene.send("Hello", scene.group)
    chat, number = map(int, said.message.split("/"))
    scene.telegram._network.chats[chat].messages[number]["date"] -= 49 * 3600
    with pytest.raises(Rejected, match="48 hours"):
        await change(scene, Verb.DELETE, said.message)


async def test_a_reaction_is_made_and_taken_back(scene):
    """A bot has one at most, so a second replaces the first."""
    theirs = await scene.say("Hello")
    me = str(scene.telegram._network.bot["id"])
    await change(scene, Verb.REACT, theirs, "👍")
    await change(scene, Verb.REACT, theirs, "❤\ufe0f")
    assert scene.telegram.reactions(theirs) == {"❤": [me]}
    await change(scene, Verb.UNREACT, theirs, "❤")
    assert scene.telegram.reactions(theirs) == {}


async def test_an_emoji_that_is_no_reaction_is_rejected(scene):
    """With a link to those that are."""
    theirs = await scene.say("Hello")
    with pytest.raises(Rejected, match="#reactiontypeemoji"):
        await change(scene, Verb.REACT, theirs, "🥕")


@pytest.mark.parametrize(
    ("verb", "target"), [(Verb.REPOST, "1/2"), (Verb.DELETE, "1/x"), (Verb.EDIT, None)]
)
async def test_what_cannot_be_done_is_rejected(scene, verb, target):
    """A verb that Telegram lacks, or a message that nobody can find."""
    with pytest.raises(Rejected):
        await change(scene, verb, target, "?")


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (502, Unconfirmed)])
async def test_trouble_is_named_as_for_sending(scene, status, error):
    """It is tried again, which does no harm."""
    said = await scene.send("Hello")
    scene.telegram.fail_next("deleteMessage", status)
    with pytest.raises(error):
        await change(scene, Verb.DELETE, said.message)
