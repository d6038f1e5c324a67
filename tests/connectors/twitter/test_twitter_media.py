"""Files that we send: photos, GIFs and videos, byte for byte."""

import os

import pytest

from bot.content import Attachment
from bot.errors import Rejected, Unavailable, Unconfirmed
from connectors.twitter.media import PIECE

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def file(tmp_path):
    """A file on disk, ready to be sent."""

    def file(name="cat.png", data=PNG, **fields):
        path = tmp_path / name
        path.write_bytes(data)
        return Attachment.file(path, **fields)

    return file


@pytest.fixture
def hole(tmp_path):
    """A file that is large, and takes no room."""

    def hole(name, size):
        path = tmp_path / name
        path.touch()
        os.truncate(path, size)
        return Attachment.file(path)

    return hole


@pytest.fixture
def showing(part):
    """A part with files."""

    def showing(key, text, *files, **more):
        return part(key, text, **more).model_copy(update={"attachments": files})

    return showing


async def shown(x, service, part):
    receipt = await service.send(part)
    return x.files(receipt.message)


async def test_a_photo_arrives_byte_for_byte_with_its_description(x, service, showing, file):
    """Who cannot see it is told what it shows; too long a description is cut."""
    photo = file(data=PNG + os.urandom(1_000), description="A cat" + "!" * 1_000)
    (arrived,) = await shown(x, service, showing("timeline", "Look", photo))
    assert arrived.data == (await service.runtime.media.read(photo))
    (stored,) = x.uploads.stored.values()
    assert (stored.category, stored.description) == ("tweet_image", photo.description[:1_000])


async def test_four_photos_keep_their_order(x, service, showing, file):
    """They are of one post, which answers another."""
    photos = [file(f"{n}.jpg", bytes([n])) for n in range(4)]
    key = x.add_room("Show me")
    receipt = await service.send(showing(key, "Here", *photos, reply_to=key))
    assert [one.data for one in x.files(receipt.message)] == [bytes([n]) for n in range(4)]
    (said,) = x.said_by_bot(key)
    assert (said.message, len(said.files)) == (receipt.message, 4)


async def test_a_photo_needs_no_text(x, service, showing, file):
    """The post is the photo alone."""
    assert len(await shown(x, service, showing("timeline", "", file()))) == 1


async def test_a_video_goes_in_pieces_and_is_waited_for(x, service, showing, file):
    """X makes it ready before a post may name it, and says how it goes."""
    x.uploads.looks = 3
    video = file("film.mp4", os.urandom(2 * PIECE + 1))
    (arrived,) = await shown(x, service, showing("timeline", "Film", video))
    (stored,) = x.uploads.stored.values()
    assert arrived.data == (await service.runtime.media.read(video))
    assert (stored.category, [len(p) for p in stored.pieces.values()], stored.looks) == (
        "tweet_video",
        [PIECE, PIECE, 1],
        0,
    )


async def test_a_direct_message_has_one_file(x, service, showing, file, ada):
    """X knows it as one of a message; a second one has to follow."""
    room = x.add_room(ada, kind="dm")
    (arrived,) = await shown(x, service, showing(room, "Hello", file("wave.gif", b"GIF89a")))
    assert (arrived.data, x.uploads.stored.popitem()[1].category) == (b"GIF89a", "dm_gif")
    with pytest.raises(Rejected, match="one file in a direct message"):
        await service.send(showing(room, "", file(), file()))
    assert service.capabilities_for(showing(room, "").room).files == 1


@pytest.mark.parametrize(
    "what",
    [
        ("cat.png", 5 * 2**20 + 1, "cat.png is larger than 5,242,880 bytes"),
        ("cat.gif", 15 * 2**20 + 1, "cat.gif is larger than 15,728,640 bytes"),
        ("cat.mp4", 512 * 2**20 + 1, "cat.mp4 is larger than 536,870,912 bytes"),
        ("cat.pdf", 10, "nothing of type application/pdf: send a link to cat.pdf"),
        ("cat.ogg", 10, "nothing of type"),
    ],
)
async def test_what_x_does_not_take_is_named(service, showing, hole, what):
    """Size and type are known before the first byte goes out."""
    name, size, reason = what
    with pytest.raises(Rejected, match=reason):
        await service.send(showing("timeline", "Look", hole(name, size)))


async def test_a_file_of_unknown_type_is_measured_by_its_name(service, showing, hole):
    """Whoever sends it did not say what it is, so it shows once it is open."""
    photo = hole("cat.png", 5 * 2**20 + 1).model_copy(update={"media_type": ""})
    with pytest.raises(Rejected, match=r"photos of at most 5 MB, and cat\.png has 5\.0"):
        await service.send(showing("timeline", "Look", photo))


async def test_a_video_stands_alone(service, showing, file):
    """X shows up to four photos in a post, or one GIF or video."""
    with pytest.raises(Rejected, match=r"send film\.mp4 alone"):
        await service.send(showing("timeline", "Both", file(), file("film.mp4", b"film")))


async def test_a_video_that_x_cannot_use_is_rejected_with_its_reason(x, service, showing, file):
    """What X says of it is passed on."""
    x.uploads.is_refusing = True
    with pytest.raises(Rejected, match=r"Unsupported video format\): convert it to MP4"):
        await service.send(showing("timeline", "Film", file("film.mp4", b"film")))


@pytest.mark.parametrize("path", ["initialize", "append", "finalize", "metadata"])
async def test_nothing_is_said_while_its_files_are_not_there(x, service, showing, file, path):
    """A connection that breaks in an upload leaves no doubt: it can all be done again."""
    x.lose_next("POST", f"/2/media/.*{path}")
    photo = showing("timeline", "Look", file(description="A cat"))
    with pytest.raises(Unavailable):
        await service.send(photo)
    assert x.said_by_bot("timeline") == []
    assert len(await shown(x, service, photo)) == 1


async def test_a_photo_is_shown_without_its_description_if_need_be(x, service, showing, file):
    """The message matters more."""
    x.fail_next("POST", "/2/media/metadata", 400, {"title": "Invalid Request"})
    assert len(await shown(x, service, showing("timeline", "Look", file(description="A cat")))) == 1


async def test_a_lost_post_with_a_photo_is_found_again(x, service, showing, file):
    """X puts a link to the photo behind the text, which nobody wrote."""
    lost = showing("timeline", "Look at https://example.org", file())
    x.lose_next("POST", "^/2/tweets$")
    with pytest.raises(Unconfirmed):
        await service.send(lost)
    assert (await service.find(lost)).message == x.said_by_bot("timeline")[-1].message


async def test_whether_a_photo_alone_arrived_cannot_be_known(x, service, showing, file):
    """Any other photo of ours looks the same."""
    with pytest.raises(Unconfirmed):
        await service.find(showing("timeline", "", file()))
