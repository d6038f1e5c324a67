"""Laws of fetching: byte for byte, as much as Telegram lets bots have, and no token in any text."""

import traceback

import pytest

from bot.content import Attachment, MediaKind
from bot.errors import Rejected, Unavailable
from bot.testing.simulator import Upload

MEGABYTE = 2**20


async def fetched(scene, attachment):
    """All of a file."""
    async with scene.runtime.media, scene.service.fetch(attachment) as pieces:
        return b"".join([piece async for piece in pieces])


async def told(scene, *files):
    """What the bot is told of files that Ada shows."""
    await scene.say("Look", files=files)
    async with scene.listening():
        events = await scene.heard(len(files))
    return [one for event in events for one in event.content.attachments]


def hushed(scene, error):
    secret = scene.telegram.token.partition(":")[2]
    return secret not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("kind", MediaKind)
async def test_a_file_comes_as_it_was_sent(scene, kind):
    """Whatever it is."""
    data = bytes(range(256)) * 1000
    [file] = await told(scene, Upload("a file.bin", data, "application/x-thing", kind))
    assert (file.kind, file.size, file.holder) == (kind, len(data), "telegram")
    assert await fetched(scene, file) == data


async def test_an_album_is_several_files_of_one_memory(scene):
    """In order; its words come with the first."""
    photos = [Upload(f"{n}.jpg", bytes([n]) * 100, "image/jpeg", MediaKind.IMAGE) for n in (1, 2)]
    files = await told(scene, *photos)
    first, second = scene.runtime.delivered
    assert [await fetched(scene, one) for one in files] == [one.data for one in photos]
    assert first.memory_id == second.memory_id
    assert [one.content.text for one in (first, second)] == ["Look", ""]


async def test_a_picture_of_somebody_can_be_fetched(scene):
    """It is a photo like others."""
    scene.telegram.people.wear(scene.ada, Upload("ada.jpg", b"ada", "image/jpeg"))
    await scene.say("Hi")
    async with scene.listening():
        [event] = await scene.heard(1)
    avatar = await scene.service.avatar(event.sender)
    assert (avatar.kind, await fetched(scene, avatar)) == (MediaKind.IMAGE, b"ada")


async def test_a_file_that_is_too_large_is_rejected(scene):
    """With the limit."""
    [file] = await told(scene, Upload("film.bin", bytes(20 * MEGABYTE + 1)))
    with pytest.raises(Rejected, match="20 MB"):
        await fetched(scene, file)


async def test_the_largest_file_is_not_held_in_memory(scene):
    """It comes in pieces."""
    [file] = await told(scene, Upload("film.bin", bytes(20 * MEGABYTE)))
    sizes = []
    async with scene.runtime.media, scene.service.fetch(file) as pieces:
        async for piece in pieces:
            sizes.append(len(piece))  # noqa: PERF401 - the pieces are not to be kept
    assert sum(sizes) == 20 * MEGABYTE
    assert max(sizes) < MEGABYTE


async def test_an_unknown_file_is_rejected(scene):
    """In Telegram's words."""
    with pytest.raises(Rejected, match=r"[Ww]rong file") as error:
        await fetched(scene, Attachment(key="nothing"))
    assert hushed(scene, error.value)


async def test_a_server_that_cannot_be_reached_is_asked_later(scene):
    """And the token is in no text, though it is in the address."""
    [file] = await told(scene, Upload("a.bin", b"a"))
    scene.telegram.fail_next("getFile", 502, "<html>Bad Gateway</html>")
    with pytest.raises(Unavailable) as error:
        await fetched(scene, file)
    assert hushed(scene, error.value)


async def test_a_file_that_is_gone_from_the_server_is_rejected(scene):
    """Its address was good for an hour."""
    [file] = await told(scene, Upload("a.bin", b"a"))
    body = {"ok": True, "result": {"file_id": "x", "file_unique_id": "y", "file_path": "gone.bin"}}
    scene.telegram.fail_next("getFile", 200, body)
    with pytest.raises(Rejected) as error:
        await fetched(scene, file)
    assert hushed(scene, error.value)
