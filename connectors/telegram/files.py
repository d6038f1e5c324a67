"""Downloads from Telegram. The address of a file holds the token, so it stays in here."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import quote, urlsplit

from bot.errors import Rejected, Unavailable
from bot.media import Media
from connectors.telegram.client import Client
from connectors.telegram.errors import Refused

LARGEST = 2000 * 2**20
"""Bytes that a Bot API server of one's own lets bots download; Telegram's own lets them have 20 MB:
https://core.telegram.org/bots/api#using-a-local-bot-api-server"""

TOO_BIG = "Telegram lets bots download files of up to 20 MB, and this one is larger"


@asynccontextmanager
async def fetched(
    client: Client, media: Media, file: str, *, api_url: str, token: str
) -> AsyncIterator[AsyncIterable[bytes]]:
    """The bytes of a file, in pieces.

    Args:
        file: its id.

    Raises:
        Rejected: it is too large, gone, or not ours to read.
        Unavailable: not now.
    """
    with _hushed(token):
        path = await _path(client, file)
        url = f"{api_url}/file/bot{token}/{quote(path)}"
        where = urlsplit(api_url)
        origin = f"{where.scheme}://{where.netloc}"
        async with media.get(url, most=LARGEST, trusted=(origin,)) as pieces:
            yield pieces


async def _path(client: Client, file: str) -> str:
    try:
        return await client.path_of(file)
    except Refused as error:
        if error.says("file is too big"):
            raise Rejected(TOO_BIG) from None
        raise


@contextmanager
def _hushed(token: str) -> Iterator[None]:
    """Take the secret half of the token out of what goes wrong in the block."""
    secret = token.partition(":")[2] or token
    try:
        yield
    except Rejected as error:
        raise Rejected(str(error).replace(secret, "***")) from None
    except Unavailable as error:
        raise Unavailable(str(error).replace(secret, "***")) from None
