"""Laws of large files: they pass through, and memory does not grow with them."""

import tracemalloc
from contextlib import asynccontextmanager
from hashlib import sha256
from uuid import uuid4

import pytest
from aiohttp import web

from bot.content import Attachment
from bot.errors import Rejected, Unconfirmed
from bot.part import Part
from bot.testing.runtime import create_mock_runtime
from connectors.telegram.connector import TelegramService

MB = 2**20
SENT = {"ok": True, "result": {"message_id": 5, "chat": {"id": 1}}}


class Sink:
    """A server that reads uploads piece by piece, and keeps what they sum up to."""

    def __init__(self):
        self.size, self.digest, self.status = 0, "", 200

    async def take(self, request):
        if self.status != 200:
            return web.Response(status=self.status, text="<html>nginx</html>")
        async for part in await request.multipart():
            if part.filename:
                digest = sha256()
                while piece := await part.read_chunk(65_536):
                    self.size += len(piece)
                    digest.update(piece)
                self.digest = digest.hexdigest()
        return web.json_response(SENT)


@asynccontextmanager
async def playing():
    """A sink, and a service that sends to it."""
    sink, app = Sink(), web.Application(client_max_size=64 * MB)
    app.router.add_post("/{call:.*}", sink.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = {"TELEGRAM_BOT_TOKEN": "1:x", "TELEGRAM_API_URL": url}
    service = await TelegramService.start(create_mock_runtime(settings))
    yield sink, service
    await service.stop()
    await runner.cleanup()


@pytest.fixture
async def stage():
    async with playing() as stage:
        yield stage


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        for number in range(50):
            file.write(bytes([number]) * MB)
    return path


def part(service, path):
    room = service.room("1")
    attachments = (Attachment.file(path),)
    return Part(delivery=uuid4(), ordinal=0, room=room, text="", attachments=attachments)


async def test_the_largest_file_takes_little_memory(stage, large):
    """50 MB from disk to the wire, in less than 20 MB."""
    sink, service = stage
    tracemalloc.start()
    try:
        receipt = await service.send(part(service, large))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (receipt.message, sink.size) == ("1/5", 50 * MB)
    assert sink.digest == sha256(large.read_bytes()).hexdigest()
    assert peak < 20 * MB


async def test_a_server_that_wants_no_more_is_a_rejection(stage, large):
    """It may say so in HTML, and before it has read all."""
    sink, service = stage
    sink.status = 413
    with pytest.raises(Rejected, match="50 MB"):
        await service.send(part(service, large))


async def test_an_upload_without_an_answer_is_unconfirmed(stage, large):
    """It may have arrived."""
    sink, service = stage
    sink.status = 502
    with pytest.raises(Unconfirmed):
        await service.send(part(service, large))
