"""Files leave byte for byte, streamed from disk, as large as the server allows."""

from __future__ import annotations

import pytest

from bot.content import Attachment, Card
from bot.errors import Rejected
from bot.testing.runtime import create_mock_runtime
from connectors.discord.connector import DiscordService

MEBIBYTE = 2**20


@pytest.fixture
async def sender(discord):
    """A connector that only sends: the gateway is not needed for it."""
    service = await DiscordService.start(create_mock_runtime(discord.settings))
    yield service
    await service.stop()


@pytest.fixture
def lobby(discord):
    return discord.add_room("lobby")


def written(path, data):
    """A file of this machine."""
    path.write_bytes(data)
    return Attachment.file(path)


async def test_files_arrive_byte_for_byte(discord, sender, to, lobby, tmp_path):
    """Several at once, with their names, in order; no text is needed."""
    files = [written(tmp_path / f"{n}.bin", bytes(range(256)) * n) for n in (1, 40)]
    receipt = await sender.send(to(lobby, "", attachments=tuple(files)))
    sent = discord.files(receipt.message)
    assert [(one.name, len(one.data)) for one in sent] == [("1.bin", 256), ("40.bin", 10240)]
    assert sent[1].data == bytes(range(256)) * 40


async def test_what_a_file_shows_is_told(discord, sender, to, lobby, tmp_path):
    """For those who cannot see it."""
    file = written(tmp_path / "a.png", b"png").model_copy(update={"description": "a door"})
    receipt = await sender.send(to(lobby, "look", attachments=(file,)))
    [told] = discord.state.channels[lobby].messages[int(receipt.message)]["attachments"]
    assert told["description"] == "a door"


async def test_the_picture_of_a_card_is_shown_in_it(discord, sender, to, lobby, tmp_path):
    """It is uploaded with the message, and named by it."""
    card = Card(title="Door", image=written(tmp_path / "Tür 1.png", b"png"))
    receipt = await sender.send(to(lobby, "", cards=(card,)))
    shown = discord.state.channels[lobby].messages[int(receipt.message)]
    assert shown["embeds"][0]["image"]["url"] == "attachment://card0.png"
    assert [one["filename"] for one in shown["attachments"]] == ["card0.png"]


async def test_a_file_that_is_too_large_is_not_even_sent(discord, sender, to, lobby, tmp_path):
    """It is refused by its name, with the size that would do."""
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(10 * MEBIBYTE + 1)
    with pytest.raises(Rejected, match=r"large\.bin .* 10,485,760 bytes"):
        await sender.send(to(lobby, "look", attachments=(Attachment.file(path),)))
    assert ("POST", f"/channels/{lobby}/messages") not in discord.rest.requests


async def test_a_repetition_sends_the_whole_file_again(discord, sender, to, lobby, tmp_path):
    """The library starts from its beginning after an error of the server."""
    await discord.fail_next("POST", "/messages$", 500, {"message": "oops"})
    file = written(tmp_path / "a.bin", b"0123456789" * 10_000)
    receipt = await sender.send(to(lobby, "look", attachments=(file,)))
    assert discord.files(receipt.message)[0].data == b"0123456789" * 10_000
