"""Laws of sending files: as they are, shown as what they are, together where Telegram can."""

from contextlib import asynccontextmanager

import pytest
from telegram import InputFile

from bot.content import Attachment, Button, MediaKind
from bot.errors import RateLimited, Rejected, Unconfirmed
from bot.media import Media


@pytest.fixture
def files(tmp_path):
    """Files on this machine, each with other bytes."""

    def make(*names, **fields):
        made = []
        for name in names:
            path = tmp_path / name
            path.write_bytes(name.encode() * 7)
            made.append(Attachment.file(path, **fields))
        return tuple(made)

    return make


def with_files(scene, attachments, text="", room=None, **more):
    """A part with files."""
    return scene.part(text, room).model_copy(update={"attachments": attachments, **more})


def shown(scene, room=None):
    """What the bot said: the text, the files, the buttons of each message."""
    said = scene.telegram.said_by_bot(room or scene.dm)
    return [(one.text, one.files, one.buttons) for one in said]


async def test_a_file_arrives_byte_for_byte(scene, files):
    """With its name, and the text below it."""
    [file] = files("résumé.pdf")
    receipt = await scene.service.send(with_files(scene, (file,), "Mine"))
    [upload] = scene.telegram.files(receipt.message)
    assert (upload.name, upload.data) == ("résumé.pdf", "résumé.pdf".encode() * 7)
    assert shown(scene) == [("Mine", ("résumé.pdf",), ())]


@pytest.mark.parametrize(
    ("name", "kind", "method"),
    [
        ("a.jpg", MediaKind.IMAGE, "sendphoto"),
        ("a.svg", MediaKind.IMAGE, "senddocument"),
        ("a.gif", MediaKind.IMAGE, "sendanimation"),
        ("a.mp4", MediaKind.VIDEO, "sendvideo"),
        ("a.mkv", MediaKind.VIDEO, "senddocument"),
        ("a.mp3", MediaKind.AUDIO, "sendaudio"),
        ("a.flac", MediaKind.AUDIO, "senddocument"),
        ("a.ogg", MediaKind.VOICE, "sendvoice"),
        ("a.webp", MediaKind.STICKER, "sendsticker"),
        ("a.jpg", MediaKind.FILE, "senddocument"),
    ],
)
async def test_a_file_is_shown_as_what_it_is(scene, files, name, kind, method):
    """Formats that Telegram does not know as such are documents."""
    await scene.service.send(with_files(scene, files(name, kind=kind)))
    assert scene.telegram.calls[method] == 1


async def test_a_photo_of_more_than_10_mb_is_a_document(scene, tmp_path):
    """Telegram takes it as nothing else."""
    path = tmp_path / "large.jpg"
    path.write_bytes(bytes(10 * 2**20 + 1))
    await scene.service.send(with_files(scene, (Attachment.file(path),)))
    assert scene.telegram.calls["senddocument"] == 1


async def test_a_file_of_more_than_50_mb_is_rejected(scene, tmp_path):
    """Before anything of it is sent."""
    path = tmp_path / "huge.bin"
    with path.open("wb") as file:
        file.truncate(50 * 2**20 + 1)
    with pytest.raises(Rejected, match=r"huge\.bin"):
        await scene.service.send(with_files(scene, (Attachment.file(path),)))
    assert not scene.telegram.calls["senddocument"]


async def test_photos_and_videos_are_one_album(scene, files):
    """In their order, with the text below the first."""
    some = files("1.jpg", "2.mp4", "3.png")
    receipt = await scene.service.send(with_files(scene, some, "Look"))
    assert shown(scene) == [("Look", ("1.jpg",), ()), ("", ("2.mp4",), ()), ("", ("3.png",), ())]
    assert scene.telegram.said_by_bot(scene.dm)[0].message == receipt.message
    assert scene.telegram.calls["sendmediagroup"] == 1


async def test_what_cannot_be_in_one_album_comes_in_its_order(scene, files):
    """Documents and audio go only among themselves, voice messages alone."""
    some = (*files("1.pdf", "2.txt"), *files("3.ogg", kind=MediaKind.VOICE), *files("4.jpg"))
    await scene.service.send(with_files(scene, some))
    assert [names for _, (names,), _ in shown(scene)] == ["1.pdf", "2.txt", "3.ogg", "4.jpg"]
    assert scene.telegram.calls["sendmediagroup"] == 1


async def test_a_text_too_long_for_a_caption_comes_first(scene, files):
    """Markup does not count, and the receipt names the text."""
    text = "<b>" + "x" * 1025 + "</b>"
    part = with_files(scene, files("a.jpg"), text, markup=True)
    receipt = await scene.service.send(part)
    assert shown(scene) == [("x" * 1025, (), ()), ("", ("a.jpg",), ())]
    assert scene.telegram.said_by_bot(scene.dm)[0].message == receipt.message


async def test_the_longest_caption_is_one(scene, files):
    """1,024 UTF-16 units, after markup."""
    text = "<b>" + "\U0001f600" * 512 + "</b>"
    await scene.service.send(with_files(scene, files("a.jpg"), text, markup=True))
    assert shown(scene) == [("\U0001f600" * 512, ("a.jpg",), ())]


@pytest.mark.parametrize(
    ("names", "text", "expected"),
    [
        (["a.jpg"], "", [("", ("a.jpg",), ("Yes",))]),
        (["a.jpg"], "Well?", [("Well?", ("a.jpg",), ("Yes",))]),
        (["a.jpg"], "x" * 1025, [("", ("a.jpg",), ()), ("x" * 1025, (), ("Yes",))]),
        (["a.jpg", "b.jpg"], "", [("", ("a.jpg",), ()), ("", ("b.jpg",), ("Yes",))]),
        (
            ["a.jpg", "b.jpg"],
            "Well?",
            [("", ("a.jpg",), ()), ("", ("b.jpg",), ()), ("Well?", (), ("Yes",))],
        ),
    ],
)
async def test_buttons_are_below_all_else(scene, files, names, text, expected):
    """An album cannot have any, so they are below what can."""
    part = with_files(scene, files(*names), text, buttons=(Button(label="Yes", value="/yes"),))
    await scene.service.send(part)
    assert shown(scene) == expected


async def test_a_sticker_has_no_caption(scene, files):
    """Its text is said before."""
    sticker = files("a.webp", kind=MediaKind.STICKER)
    await scene.service.send(with_files(scene, sticker, "Ha"))
    assert shown(scene) == [("Ha", (), ()), ("", ("a.webp",), ())]


async def test_a_file_that_telegram_has_is_sent_by_its_id(scene):
    """Nothing is downloaded or uploaded; who holds it is this same account."""
    asked = {"chat_id": scene.dm, "document": InputFile(b"once", "a.pdf")}
    sent = await scene.service.client.ask("sendDocument", asked)
    held = Attachment(key=sent["document"]["file_id"], holder="telegram")
    receipt = await scene.service.send(with_files(scene, (held,)))
    assert [one.data for one in scene.telegram.files(receipt.message)] == [b"once"]
    assert scene.telegram.calls["getfile"] == 0


@asynccontextmanager
async def _fetched(_attachment):
    async def pieces():
        yield b"anew"

    yield pieces()


async def test_an_id_that_telegram_refuses_is_sent_anew(scene):
    """As one of another kind of file: a document cannot be sent as a photo."""
    scene.runtime.media = Media(_fetched)
    held = Attachment(key="gone", holder="telegram", kind=MediaKind.IMAGE, name="a.jpg")
    receipt = await scene.service.send(with_files(scene, (held,)))
    assert [one.data for one in scene.telegram.files(receipt.message)] == [b"anew"]


async def test_a_picture_that_is_no_photo_to_telegram_is_a_document(scene, files):
    """For instance one that is very long and narrow."""
    body = {"ok": False, "error_code": 400, "description": "Bad Request: PHOTO_INVALID_DIMENSIONS"}
    scene.telegram.fail_next("sendPhoto", 400, body)
    await scene.service.send(with_files(scene, files("a.jpg"), "Long"))
    assert shown(scene) == [("Long", ("a.jpg",), ())]
    assert scene.telegram.calls["senddocument"] == 1


async def test_what_is_said_already_is_not_said_again(scene, files):
    """A part of several calls goes on where it stopped."""
    part = with_files(scene, files("a.jpg", "b.pdf"), "x" * 2000)
    for method in ("sendPhoto", "sendDocument"):
        scene.telegram.fail_next(method, 429)
        with pytest.raises(RateLimited):
            await scene.service.send(part)
    receipt = await scene.service.send(part)
    assert shown(scene) == [("x" * 2000, (), ()), ("", ("a.jpg",), ()), ("", ("b.pdf",), ())]
    assert receipt.message == scene.telegram.said_by_bot(scene.dm)[0].message


async def test_a_file_that_is_gone_is_rejected_by_its_name(scene, tmp_path):
    """And nothing is sent."""
    missing = Attachment.file(tmp_path / "missing.pdf")
    with pytest.raises(Rejected, match=r"missing\.pdf"):
        await scene.service.send(with_files(scene, (missing,)))
    assert shown(scene) == []


async def test_files_go_to_topics_and_answer_messages(scene, files):
    """As texts do."""
    topic = scene.telegram.add_room("Gardening", kind="thread", parent=scene.group)
    asked = await scene.say("Show me", topic)
    await scene.service.send(with_files(scene, files("a.jpg", "b.jpg"), "", topic, reply_to=asked))
    said = scene.telegram.said_by_bot(topic)
    assert [(one.files, one.reply_to) for one in said] == [(("a.jpg",), asked), (("b.jpg",), asked)]


@pytest.mark.parametrize(
    ("name", "arrives"),
    [
        ('x"\r\nContent-Type: text/html\r\n\r\n.pdf', "x___Content-Type: text_html____.pdf"),
        ("caf\udce9.pdf", "caf\ufffd.pdf"),
        ("", "file.pdf"),
    ],
)
async def test_any_name_arrives_as_a_name(scene, files, name, arrives):
    """It cannot break out of its header, whoever it comes from."""
    file = files("a.pdf")[0].model_copy(update={"name": name})
    await scene.service.send(with_files(scene, (file,)))
    assert shown(scene) == [("", (arrives,), ())]


@pytest.mark.parametrize("answer", [True, [], [{}], {"chat": 1}])
async def test_an_answer_that_names_no_message_is_unconfirmed(scene, files, answer):
    """Something was said, and nobody knows what."""
    scene.telegram.fail_next("sendPhoto", 200, {"ok": True, "result": answer})
    with pytest.raises(Unconfirmed):
        await scene.service.send(with_files(scene, files("a.jpg")))


async def test_a_part_of_several_messages_keeps_to_the_limits(limited, files):
    """One message a second in a chat."""
    await limited.service.send(with_files(limited, files("a.jpg"), "x" * 2000))
    assert (len(shown(limited)), limited.telegram.limited) == (2, 0)


async def test_a_text_that_is_no_unicode_is_rejected(scene, files):
    """Also below a file."""
    with pytest.raises(Rejected, match="not valid Unicode"):
        await scene.service.send(with_files(scene, files("a.jpg"), "\ud83d"))


async def test_telegram_is_told_how_long_it_plays(scene, files):
    """Alone and in an album, in whole seconds."""
    songs = files("1.mp3", "2.mp3", seconds=61.7)
    for some in (songs, songs[:1]):
        receipt = await scene.service.send(with_files(scene, some))
        assert scene.telegram.people.message(receipt.message)["audio"]["duration"] == 62
