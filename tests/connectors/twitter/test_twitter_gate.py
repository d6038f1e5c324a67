"""Who may enter the simulated X, how often, and with what."""

import time

import aiohttp
import pytest
from oauthlib.oauth1 import Client as Signer

from connectors.twitter.simulator import TwitterSimulator
from connectors.twitter.simulator.rates import Window

ME, UPLOAD = "/2/users/me", "/2/media/upload"


@pytest.fixture
def sign(x):
    """The headers of a request signed by OAuth 1.0a."""

    def sign(path, method="GET", **how):
        keys = x.keys
        signer = Signer(keys.key, keys.secret, keys.token, keys.token_secret, **how)
        return signer.sign(f"{x.url}{path}", method)[1]

    return sign


@pytest.fixture
async def ask():
    """The status of an answer and its body."""
    async with aiohttp.ClientSession() as session:

        async def ask(x, path, *, method="GET", **how):
            async with session.request(method, f"{x.url}{path}", **how) as response:
                return response.status, await response.json(content_type=None)

        yield ask


async def test_a_signature_is_for_one_request(x, ask, sign):
    """The same once more is a replay, and another address is not what was signed."""
    headers = sign(ME)
    assert [(await ask(x, ME, headers=headers))[0] for _ in range(2)] == [200, 401]
    assert (await ask(x, f"{ME}?user.fields=name", headers=sign(ME)))[0] == 401


async def test_a_clock_that_is_wrong_is_refused(x, ask, sign):
    """A signature is good for five minutes."""
    for late, status in ((100, 200), (400, 401)):
        headers = sign(ME, timestamp=str(int(time.time()) - late))
        assert (await ask(x, ME, headers=headers))[0] == status


async def test_a_refresh_token_serves_once(x, ask):
    """Each answer brings the next; the old one is an invalid request."""
    x.grants.client_secret = ""
    form = {"grant_type": "refresh_token", "client_id": "client-id", "refresh_token": "refresh-0"}
    how = {"method": "POST", "data": form}
    status, given = await ask(x, "/2/oauth2/token", **how)
    assert (status, given["expires_in"], given["refresh_token"]) == (200, 7200, "refresh-1")
    status, refused = await ask(x, "/2/oauth2/token", **how)
    assert (status, refused["error"]) == (400, "invalid_request")
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    assert (await ask(x, ME, headers=headers))[0] == 200
    x.grants.revoke()
    assert (await ask(x, ME, headers=headers))[0] == 401


async def test_a_client_has_to_say_who_it_is(x, ask):
    """Without its secret a client that has one gets nothing."""
    form = {"grant_type": "refresh_token", "refresh_token": "refresh-0"}
    status, refused = await ask(x, "/2/oauth2/token", method="POST", data=form)
    assert (status, refused["error"]) == (401, "unauthorized_client")


async def test_what_the_plan_does_not_have_is_forbidden(x, ask, sign):
    """As X says it to an app without the right project."""
    x.gate.lacking.add(ME)
    status, refused = await ask(x, ME, headers=sign(ME))
    assert (status, refused["title"]) == (403, "Client Forbidden")


async def test_posts_have_a_window_of_a_day_besides():
    """Its headers are there, and it is enforced."""
    async with TwitterSimulator(limits=True) as x, aiohttp.ClientSession() as session:
        x.gate.serves = lambda _: True
        x.gate.days["POST", "/2/tweets"] = day = Window(1, 86_400)
        headers = {"Authorization": "Bearer any"}
        for n, status in enumerate((201, 429)):
            how = {"json": {"text": f"{n}"}, "headers": headers}
            async with session.post(f"{x.url}/2/tweets", **how) as response:
                assert response.status == status
                assert response.headers["x-app-limit-24hour-reset"] == str(int(day.ends))


@pytest.fixture
def begin(x, ask, sign):
    """Begin an upload of so many bytes; its path."""

    async def begin(total, category="tweet_image"):
        path = f"{UPLOAD}/initialize"
        body = {"media_category": category, "media_type": "image/png", "total_bytes": total}
        status, begun = await ask(x, path, method="POST", json=body, headers=sign(path, "POST"))
        return f"{UPLOAD}/{begun['data']['id']}" if status == 200 else begun

    return begin


@pytest.fixture
def append(x, ask, sign):
    """Send a piece; the status."""

    async def append(path, index, data):
        form = aiohttp.FormData({"segment_index": str(index)})
        form.add_field("media", data, filename="media")
        how = {"method": "POST", "data": form, "headers": sign(f"{path}/append", "POST")}
        return (await ask(x, f"{path}/append", **how))[0]

    return append


@pytest.fixture
def finish(x, ask, sign):
    """Say that all pieces are there; the status."""

    async def finish(path):
        path = f"{path}/finalize"
        return (await ask(x, path, method="POST", headers=sign(path, "POST")))[0]

    return finish


async def test_pieces_may_come_in_any_order_and_twice(x, begin, append, finish):
    """What counts is the place that each of them names."""
    path = await begin(4)
    pieces = ((1, b"cd"), (0, b"xx"), (0, b"ab"))
    assert [await append(path, *one) for one in pieces] == [200, 200, 200]
    assert await finish(path) == 200
    (stored,) = x.uploads.stored.values()
    assert stored.media.file.data == b"abcd"


@pytest.mark.parametrize("pieces", [[], [(0, b"abc")], [(0, b"ab"), (2, b"cd")]])
async def test_an_upload_that_is_not_whole_cannot_be_finished(begin, append, finish, pieces):
    """Too few bytes, or a piece that is missing."""
    path = await begin(4)
    for one in pieces:
        await append(path, *one)
    assert await finish(path) == 400


async def test_a_piece_that_names_no_place_is_refused(begin, append):
    """Nor is one beyond the last that there may be, or one for no upload."""
    path = await begin(4)
    assert [await append(path, index, b"ab") for index in ("first", 1000)] == [400, 400]
    assert await append(f"{UPLOAD}/5", 0, b"ab") == 400


@pytest.mark.parametrize("upload", [(5 * 2**20 + 1, "tweet_image"), (0, "dm_gif"), (4, "poster")])
async def test_a_file_of_the_wrong_size_is_not_begun(begin, upload):
    """X knows sizes and uses before it takes a byte."""
    assert (await begin(*upload))["status"] == 400
