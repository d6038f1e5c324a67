"""Addresses that others chose lead to public servers, and nowhere else."""

import asyncio
import tracemalloc
from contextlib import asynccontextmanager, suppress
from zlib import compress

import pytest
from aiohttp import web
from yarl import URL

from bot.content import Attachment
from bot.errors import Rejected, Unavailable
from bot.media import Media

LARGE = 2**26


class Place:
    """A web server on loopback, which is no public address.

    Attributes:
        moves: where it leads from `/to/<name>`.
        asked: the requests that came.
    """

    def __init__(self):
        self.moves, self.asked = {}, []

    @asynccontextmanager
    async def open(self, host="127.0.0.1"):
        app = web.Application()
        app.router.add_get("/file", self.file)
        app.router.add_get("/file/{type:.+}", self.typed)
        app.router.add_get("/large", self.large)
        app.router.add_get("/drops", self.drops)
        app.router.add_get("/to/{name}", self.to)
        app.router.add_get("/status/{code}", self.status)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, host, 0).start()
        self.port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def file(self, request):
        self.asked.append(request)
        return web.Response(body=b"x" * 5000, content_type="image/png")

    async def typed(self, request):
        return web.Response(body=b"x", content_type=request.match_info["type"])

    async def large(self, request):
        response = web.StreamResponse()
        if "length" in request.query:
            response.content_length = LARGE
        await response.prepare(request)
        for _ in range(LARGE // 2**16):
            await response.write(bytes(2**16))
        return response

    async def drops(self, request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.01)

    async def to(self, request):
        self.asked.append(request)
        return web.Response(
            status=302, headers={"Location": self.moves[request.match_info["name"]]}
        )

    async def status(self, request):
        return web.Response(status=int(request.match_info["code"]), text="secret")


@pytest.fixture
async def place():
    async with Place().open() as place:
        yield place


@pytest.fixture
async def other():
    async with Place().open() as other:
        yield other


def nobody(_):
    raise AssertionError("no account is asked for what is on the web")


@pytest.fixture
async def media():
    async with Media(nobody) as media:
        yield media


async def got(media, url, *, into=None, **how):
    """All that is behind an address, in `into` as it comes."""
    pieces = [] if into is None else into
    async with media.get(url, **how) as chunks:
        async for chunk in chunks:
            pieces.append(chunk)
    return b"".join(pieces)


@asynccontextmanager
async def server(*says, hangs=False):
    """One that says just this to everybody, and then hangs up, or hangs."""
    over, served = asyncio.Event(), asyncio.Semaphore(0)

    async def serve(reader, writer):
        with suppress(asyncio.IncompleteReadError):  # who has no patience may be gone
            await reader.readuntil(b"\r\n\r\n")
        writer.write(b"".join(says))
        if hangs:
            await over.wait()
        writer.close()
        served.release()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        over.set()
        await served.acquire()


async def test_a_trusted_origin_may_be_anywhere(media, place):
    """As a platform's own server on this machine."""
    assert await got(media, f"{place.url}/file", trusted=(place.url,)) == b"x" * 5000


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433",
        "0177.0.0.1", "0x7f000001", "127.1",
    ],
)  # fmt: skip
async def test_this_machine_is_no_public_address(media, place, host):
    """However it is written: what counts is the address that is connected to."""
    with pytest.raises(Rejected, match=r"not a public address|no address"):
        await got(media, f"http://{host}:{place.port}/file")
    assert place.asked == []


@pytest.mark.parametrize(
    "url",
    ["", "file:///etc/passwd", "ftp://example.org/a", "/etc/passwd", "http://", "http://[::1",
     "http://a:99999/", "data:text/plain,hello"],
)  # fmt: skip
async def test_only_web_addresses_are_asked(media, url):
    """All else is refused, with what to do."""
    with pytest.raises(Rejected, match=r"name one of them|correct it"):
        await got(media, url)


async def test_a_redirect_to_a_private_address_is_refused(media, place, other):
    """Trust in one origin is no trust in where it leads."""
    place.moves["there"] = f"{other.url}/file"
    with pytest.raises(Rejected, match="not a public address"):
        await got(media, f"{place.url}/to/there", trusted=(place.url,))
    assert other.asked == []


@pytest.mark.parametrize("where", ["file:///etc/passwd", "mailto:ann@example.org", "http://[", ""])
async def test_a_redirect_to_nowhere_is_refused(media, place, where):
    """A file of this machine is not for those who can name it."""
    place.moves["there"] = where or "/to/there"
    with pytest.raises(Rejected):
        await got(media, f"{place.url}/to/there", trusted=(place.url,))
    assert len(place.asked) <= 6


async def test_headers_stay_with_the_origin_that_they_are_for(media, place, other):
    """What proves who we are is told to nobody else, also where they are trusted."""
    place.moves.update(away=f"{other.url}/file", near="/file")
    trusted, headers = (place.url, f"{other.url}/"), {"Authorization": "Bearer secret"}
    for name in ("near", "away"):
        url = f"{place.url}/to/{name}"
        assert await got(media, url, trusted=trusted, headers=headers) == b"x" * 5000
    assert all("Authorization" in one.headers for one in place.asked)
    assert [one.headers.get("Authorization") for one in other.asked] == [None]


@pytest.mark.parametrize("query", ["", "?length"])
async def test_what_is_too_large_is_refused(media, place, query):
    """At once where the server says so, and after so many bytes where it does not."""
    url, chunks = f"{place.url}/large{query}", []
    with pytest.raises(Rejected, match="larger than 100,000 bytes"):
        await got(media, url, most=100_000, trusted=(place.url,), into=chunks)
    assert sum(map(len, chunks)) <= (0 if query else 100_000)


async def test_what_grows_when_unpacked_is_too_large(media):
    """What counts is what would be kept."""
    packed = compress(bytes(LARGE))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: {len(packed)}\r\n\r\n"
    async with server(head.encode(), packed) as url:
        with pytest.raises(Rejected, match="larger than 100,000 bytes"):
            await got(media, url, most=100_000, trusted=(url,))


async def test_another_type_is_refused(media, place):
    """Whoever asks for an image gets no web page."""
    url, trusted = f"{place.url}/file", (place.url,)
    assert await got(media, url, trusted=trusted, types=("image/",))
    with pytest.raises(Rejected, match="is image/png: it must be audio/ or video/"):
        await got(media, url, trusted=trusted, types=("audio/", "video/"))


@pytest.mark.parametrize(
    ("code", "error"),
    [(404, Rejected), (403, Rejected), (410, Rejected), (304, Rejected), (429, Unavailable),
     (408, Unavailable), (500, Unavailable), (503, Unavailable)],
)  # fmt: skip
async def test_a_refusal_is_named_after_what_to_do(media, place, code, error):
    """What is gone is given up; what may come back is tried again."""
    with pytest.raises(error, match=str(code)) as caught:
        await got(media, f"{place.url}/status/{code}?token=abc", trusted=(place.url,))
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize(
    "says",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"no web server\r\n\r\n",
        b"",
    ],
)
async def test_a_server_that_breaks_off_can_be_asked_again(media, says):
    """Half a file is none; and the address, which may hold a token, is in no text."""
    async with server(says) as url:
        with pytest.raises(Unavailable) as caught:
            await got(media, f"{url}/?token=abc", trusted=(url,))
    assert "abc" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_nobody_listens(media):
    """It can be tried again."""
    async with Place().open() as place:
        pass
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 cannot be reached"):
        await got(media, place.url, trusted=(place.url,))


async def test_a_server_without_tls_is_not_asked_for_secrets(media, place):
    """Nor is one whose certificate is not good: it can be tried again when it is."""
    url = place.url.replace("http", "https")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 cannot be reached"):
        await got(media, f"{url}/file", trusted=(url,))


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
@pytest.mark.parametrize("patience", [{"silence": 0.1}, {"whole": 0.1}])
async def test_a_server_that_falls_silent_is_left(says, patience):
    """Before its answer or within it."""
    async with Media(nobody, **patience) as media, server(says, hangs=True) as url:
        with pytest.raises(Unavailable, match="takes too long"):
            await got(media, url, trusted=(url,))


async def test_a_server_that_never_ends_is_left(place):
    """Who says a little all the time is not silent, but takes too long as a whole."""
    async with Media(nobody, whole=0.3) as media:
        with pytest.raises(Unavailable, match="takes too long"):
            await got(media, f"{place.url}/drops", trusted=(place.url,))


async def test_who_stops_early_leaves_the_rest(media, place):
    """Nothing goes on in the background, and the next one is served."""
    async with media.get(f"{place.url}/large", most=LARGE, trusted=(place.url,)) as chunks:
        assert await anext(chunks)
    assert await got(media, f"{place.url}/file", trusted=(place.url,))


async def test_a_large_download_needs_no_memory(media, place):
    """It is handed on in pieces."""
    size = 0
    tracemalloc.start()
    async with media.get(f"{place.url}/large", most=LARGE, trusted=(place.url,)) as chunks:
        async for chunk in chunks:
            size += len(chunk)
            assert len(chunk) <= 64 * 1024
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == LARGE
    assert peak < 20 * 2**20


async def test_an_attachment_of_the_web_goes_the_same_way(media, place):
    """It is not opened where it may not be."""
    with pytest.raises(Rejected, match="not a public address"):
        await media.read(Attachment.web(f"{place.url}/file"))


class Trusting(Media):
    """One that takes a place for public."""

    def get(self, url, **how):
        return super().get(url, trusted=(str(URL(url).origin()),), **how)


@pytest.mark.parametrize(
    ("said", "known", "media_type"),
    [
        ("image/webp", {}, "image/webp"),
        ("image/webp", {"name": "a.png"}, "image/webp"),
        ("image/webp", {"media_type": "image/apng"}, "image/apng"),
        ("application/octet-stream", {"name": "a.png"}, "image/png"),
        ("application/octet-stream", {}, "application/octet-stream"),
    ],
)
async def test_a_file_is_what_its_server_calls_it(place, said, known, media_type):
    """Unless whoever sends it says what it is; its name tells where the server does not know."""
    attachment = Attachment(key=f"{place.url}/file/{said}", holder="web", **known)
    async with Trusting(nobody) as media, media.open(attachment) as file:
        assert (file.media_type, file.handle.read()) == (media_type, b"x")
