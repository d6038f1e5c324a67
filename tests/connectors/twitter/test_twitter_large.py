"""Large files pass through, and memory does not grow with them."""

import os
import tracemalloc
from contextlib import contextmanager
from hashlib import sha256

import pytest
from aiohttp import web

from bot.content import Attachment, MediaKind
from bot.media import Media
from bot.testing.runtime import create_mock_runtime
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator

MB = 2**20
LARGE = 32 * MB


class Sieve:
    """An X that keeps no file: it sums up what comes, and makes up what goes."""

    def __init__(self):
        self.came, self.went = sha256(), sha256()

    async def start(self, request):
        return web.json_response({"data": {"id": "7"}})

    async def take(self, request):
        async for field in await request.multipart():
            while piece := await field.read_chunk(65_536) if field.name == "media" else b"":
                self.came.update(piece)
        return web.json_response({"data": {}})

    async def give(self, request):
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(LARGE // MB):
            piece = os.urandom(MB)
            self.went.update(piece)
            await response.write(piece)
        return response

    async def post(self, request):
        return web.json_response({"data": {"id": "8"}}, status=201)


@pytest.fixture
async def sieve():
    """It, and a service that talks to it."""
    sieve, app = Sieve(), web.Application(client_max_size=64 * MB)
    app.router.add_post("/2/media/upload/7/append", sieve.take)
    app.router.add_post("/2/media/upload/{step}", sieve.start)
    app.router.add_post("/2/media/upload/7/{step}", sieve.start)
    app.router.add_get("/film.mp4", sieve.give)
    app.router.add_post("/2/tweets", sieve.post)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sieve.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = {**TwitterSimulator().settings, "TWITTER_API_URL": sieve.url}
    sieve.service = await TwitterService.start(create_mock_runtime(settings))
    yield sieve
    await sieve.service.stop()
    await runner.cleanup()


@contextmanager
def little_memory():
    """A block that takes less than 20 MB more than there were, both sides of the wire together."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * MB


async def test_a_large_video_leaves_in_little_memory(sieve, part, tmp_path):
    """From disk to the wire, a piece at a time."""
    path = tmp_path / "film.mp4"
    path.write_bytes(os.urandom(LARGE))
    film = part("timeline", "Film").model_copy(update={"attachments": (Attachment.file(path),)})
    with little_memory():
        await sieve.service.send(film)
    assert sieve.came.digest() == sha256(path.read_bytes()).digest()


async def test_a_large_video_comes_in_little_memory(sieve):
    """From the wire to disk, likewise."""
    url = f"{sieve.url}/film.mp4"
    film = Attachment(key=url, holder="twitter", kind=MediaKind.VIDEO, name="film.mp4")
    async with sieve.service.runtime.media, Media(sieve.service.fetch) as media:
        with little_memory():
            async with media.open(film, most=LARGE) as file:
                size, seen = file.size, sha256()
                while piece := file.handle.read(MB):
                    seen.update(piece)
    assert (size, seen.digest()) == (LARGE, sieve.went.digest())
