"""What is true of files."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterable
from pathlib import Path
from random import Random
from zlib import compress, crc32

import pytest

from bot.content import Attachment, Content, MediaKind
from bot.errors import Rejected
from bot.memory import Memory
from bot.testing.connectors.stage import PATIENCE, Scene, Stage, Witness, part
from bot.testing.simulator import Said, Upload

SIZES = (60, 1000)
"""Of the sides of pictures, in pixels: some 4 KB, and 1 MB."""


class SharingLaws(Stage):
    """Files arrive byte for byte, all of them, with what was said about them."""

    @pytest.mark.parametrize("side", SIZES)
    async def test_a_picture_that_a_person_sends_can_be_opened(
        self, scene: Scene, side: int
    ) -> None:
        """It is told as what it is, and is fetched when somebody asks."""
        self.needs("files")
        sent = picture(side)
        async with scene.bot() as bot:
            await scene.say("look", files=[sent])
            memory = await shared(bot, 1)
            [told], data = memory.content.attachments, await opened(bot, memory)
        assert memory.content.text == "look"
        assert (told.kind, told.holder) == (MediaKind.IMAGE, self.connector.platform)
        assert told.media_type.startswith("image/")
        assert told.size in (None, len(sent.data))
        assert data == [sent.data]

    async def test_a_document_that_a_person_sends_keeps_its_name(self, scene: Scene) -> None:
        """And its type; a name may be in any language."""
        self.needs("files", "documents")
        sent = Upload("Übersicht 報告.pdf", b"%PDF-1.7\n" + bytes(range(256)), "application/pdf")
        async with scene.bot() as bot:
            await scene.say("look", files=[sent])
            memory = await shared(bot, 1)
            [told], data = memory.content.attachments, await opened(bot, memory)
        assert (told.name, told.media_type, told.size) == (sent.name, sent.media_type, len(data[0]))
        assert (told.kind, data) == (MediaKind.FILE, [sent.data])

    async def test_several_files_of_a_person_are_one_message(self, scene: Scene) -> None:
        """In their order; it is answered once."""
        self.needs("files")
        sent = [picture(30, shade) for shade in range(3)]
        async with scene.bot() as bot:
            await scene.say("look", files=sent)
            memory = await shared(bot, 3)
            data = await opened(bot, memory)
            await scene.answers(1)
            await bot.is_done()
        assert data == [one.data for one in sent]
        assert [one.text for one in await scene.answers()] == ["look"]

    async def test_a_file_can_be_opened_after_a_restart(self, scene: Scene) -> None:
        """What is stored of it is enough to find it again."""
        self.needs("files")
        sent = picture(30)
        async with scene.bot() as bot:
            await scene.say("look", files=[sent])
            memory = await shared(bot, 1)
        async with scene.bot() as after:
            assert await opened(after, memory) == [sent.data]

    async def test_a_file_that_is_not_there_is_rejected(self, scene: Scene) -> None:
        """Nothing else comes of a reference that leads nowhere."""
        self.needs("files")
        async with scene.bot() as bot:
            for key in ("", "1", "1/2/3", "../../etc/passwd", "http://127.0.0.1/", "\0"):
                with pytest.raises(Rejected):
                    await bot.media.read(Attachment(key=key, holder=self.connector.platform))

    @pytest.mark.parametrize("side", SIZES)
    async def test_a_picture_that_the_bot_sends_arrives(self, scene: Scene, side: int) -> None:
        """Byte for byte, with all that was said about it."""
        self.needs("files")
        sent = picture(side)
        said = await self.send(scene, "Look.", sent)
        assert "".join(one.text for one in said) == "Look."
        assert [one.data for one in arrived(scene, said)] == [sent.data]

    async def test_a_document_that_the_bot_sends_keeps_its_name(self, scene: Scene) -> None:
        """A person sees what it is before opening it."""
        self.needs("files", "documents")
        sent = Upload("Übersicht 報告.pdf", b"%PDF-1.7\n" + bytes(range(256)))
        said = await self.send(scene, "Look.", sent)
        assert [(one.name, one.data) for one in arrived(scene, said)] == [(sent.name, sent.data)]

    async def test_several_files_of_the_bot_arrive_in_order(self, scene: Scene) -> None:
        """Also more than fit into one message."""
        self.needs("files")
        count = self.connector.capabilities.files + 1
        sent = [picture(30, shade) for shade in range(count)]
        said = await self.send(scene, "Look.", *sent)
        assert [one.data for one in arrived(scene, said)] == [one.data for one in sent]
        assert "".join(one.text for one in said) == "Look."

    async def test_a_file_alone_is_a_message(self, scene: Scene) -> None:
        """Nothing has to be said about it."""
        self.needs("files")
        sent = picture(30)
        said = await self.send(scene, "", sent)
        assert [one.data for one in arrived(scene, said)] == [sent.data]

    async def test_what_came_in_can_go_out(self, scene: Scene) -> None:
        """A file that a person sent is sent on, wherever it is kept."""
        self.needs("files")
        sent = picture(30)
        async with scene.bot() as bot:
            await scene.say("look", files=[sent])
            memory = await shared(bot, 1)
            [hers] = await scene.answers(1)
            back = Content(text="Yours?", attachments=memory.content.attachments)
            await bot.send(bot.service.room(scene.hall), back)
            await bot.is_done()
        said = [one for one in scene.platform.said_by_bot(scene.hall) if one != hers]
        assert [one.data for one in arrived(scene, said)] == [sent.data]

    async def test_a_file_that_is_too_large_is_rejected(self, tmp_path: Path) -> None:
        """It is told why, and nothing else is lost for it."""
        self.needs("files", "limits")
        path, most = tmp_path / "huge.png", self.connector.capabilities.file_size or 2**30
        async with self.play(tmp_path, limits=True) as scene, scene.bot() as bot:
            await scene.greet()
            with path.open("wb") as file:
                file.truncate(most + 1)
            room = bot.service.room(scene.hall)
            with pytest.raises(Rejected, match=r"larger than|too large|too big"):
                await bot.service.send(part(room, "", attachments=(Attachment.file(path),)))
            await scene.say("goodbye")
            answers = await scene.answers(2)
        assert [one.text for one in answers] == ["hello", "goodbye"]

    async def send(self, scene: Scene, text: str, *files: Upload) -> list[Said]:
        """Let the bot say something with files of this machine; what arrived."""
        folder = scene.path.parent
        for file in files:
            (folder / file.name).write_bytes(file.data)
        attachments = tuple(Attachment.file(folder / file.name) for file in files)
        async with scene.bot() as bot:
            room = bot.service.room(scene.hall)
            await bot.send(room, Content(text=text, attachments=attachments))
            await bot.is_done()
        return scene.platform.said_by_bot(scene.hall)


def arrived(scene: Scene, said: Iterable[Said]) -> list[Upload]:
    """The files of messages, in order."""
    return [file for one in said for file in scene.platform.files(one.message)]


async def shared(bot: Witness, count: int) -> Memory:
    """What a person said with so many files, once they are all there."""
    [event, *_] = await bot.hears(1)
    async with asyncio.timeout(PATIENCE):
        while len((memory := await bot.remembers(event)).content.attachments) < count:  # noqa: ASYNC110 - nothing announces that an album is whole
            await asyncio.sleep(0.005)
    return memory


async def opened(bot: Witness, memory: Memory) -> list[bytes]:
    """The files of a Memory."""
    return [await bot.media.read(one) for one in memory.content.attachments]


def picture(side: int, shade: int = 0) -> Upload:
    """A square PNG of noise, which nothing makes smaller; some `side` * `side` bytes.

    Args:
        shade: tells it from others.
    """
    noise = Random(shade)  # noqa: S311 - it is only to look at
    rows = b"".join(b"\0" + noise.randbytes(side) for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", compress(rows, 0)), (b"IEND", b""))
    data = b"".join(_chunk(name, body) for name, body in chunks)
    return Upload(f"{shade}.png", b"\x89PNG\r\n\x1a\n" + data, "image/png", MediaKind.IMAGE)


def _chunk(name: bytes, body: bytes) -> bytes:
    """A part of a PNG; see https://www.w3.org/TR/png-3/#5Chunk-layout."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc32(name + body))
