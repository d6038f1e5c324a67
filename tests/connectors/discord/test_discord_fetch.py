"""Files that people send are fetched when somebody wants them, however old they are."""

from __future__ import annotations

import pytest

from bot.content import Attachment, MediaKind
from bot.errors import Rejected
from bot.media import Media
from bot.testing.simulator import Upload

PICTURE = Upload("my cat.png", bytes(range(256)) * 1_000, "image/png", MediaKind.IMAGE)
DAY = 24 * 3600
FILE = Attachment(key="1/2/3", holder="discord")


@pytest.fixture
def room(discord, ready):
    return discord.state.lobby


@pytest.fixture
async def media(ready):
    async with Media(ready.service.fetch) as media:
        ready.runtime.media = media
        yield media


async def sent(ready):
    """The first file that was heard of."""
    [event] = await ready.hears(1)
    return event.content.attachments[0]


async def test_a_file_arrives_byte_for_byte(discord, ready, ann, room, media):
    """What is known of it beforehand is kept with the message; the rest when it is opened."""
    await discord.say(room, ann, "look", files=[PICTURE])
    file = await sent(ready)
    assert (file.kind, file.size, file.media_type) == (MediaKind.IMAGE, 256_000, "image/png")
    assert await media.read(file) == PICTURE.data


async def test_a_file_can_be_fetched_when_its_address_has_expired(discord, ready, ann, room, media):
    """The message is asked for a fresh one."""
    await discord.say(room, ann, "look", files=[PICTURE])
    discord.clock.ahead = 2 * DAY
    assert await media.read(await sent(ready)) == PICTURE.data


async def test_a_voice_message_is_told_as_one(discord, ready, ann, room, media):
    """With its length."""
    await discord.speak(room, ann, b"Ogg...", 2.5)
    file = await sent(ready)
    assert (file.kind, file.seconds) == (MediaKind.VOICE, 2.5)
    assert await media.read(file) == b"Ogg..."


async def test_a_forwarded_file_is_fetched_by_the_message_that_brought_it(
    discord, ready, ann, room, media
):
    """The bot may not be where it comes from."""
    secret = discord.add_room("secret")
    original = await discord.say(secret, ann, "look", files=[PICTURE])
    await discord.forward(room, ann, original)
    await discord.refuse(secret, 50001)
    _, event = await ready.hears(2)
    assert event.content.text == "[forwarded] look"
    assert await media.read(event.content.attachments[0]) == PICTURE.data


async def test_a_file_of_a_deleted_message_is_gone(discord, ready, ann, room, media):
    """There is nothing to wait for."""
    said = await discord.say(room, ann, "look", files=[PICTURE])
    file = await sent(ready)
    await discord.delete(said)
    with pytest.raises(Rejected):
        await media.read(file)


@pytest.mark.parametrize("key", ["", "1/2", "a/b/c", "1/2/", "/etc/passwd"])
async def test_a_key_that_names_no_file_is_refused(media, key):
    """Nothing is asked for it."""
    with pytest.raises(Rejected, match="names no file"):
        await media.read(FILE.model_copy(update={"key": key}))
