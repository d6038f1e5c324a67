"""The files of messages. Their addresses are signed for a day, so a fresh one is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from yarl import URL

from bot.content import Attachment
from bot.errors import Rejected, Unavailable
from connectors.discord.errors import foreign_errors

if TYPE_CHECKING:
    from bot.media import Media
    from connectors.discord.client import Client

MOST = 500 * 10**6
"""The largest file that Discord lets anyone send, in bytes:
https://support.discord.com/hc/en-us/articles/25444343291031"""


@asynccontextmanager
async def fetch(
    client: Client, media: Media, api_url: str, attachment: Attachment
) -> AsyncIterator[AsyncIterable[bytes]]:
    """The bytes of a file, in pieces.

    Args:
        attachment: its key is `<channel>/<message>/<file>`, or an address that does not expire.

    Raises:
        Rejected: it is gone, too large, or not ours to read.
        Unavailable: not now.
    """
    key = attachment.key
    url = key if key.startswith("https://") else await _address(client, key)
    async with media.get(url, most=MOST, trusted=(str(URL(api_url).origin()),)) as pieces:
        yield pieces


async def _address(client: Client, key: str) -> str:
    channel, message, file = _ids(key)
    if not client.http.token:
        raise Unavailable("the bot is not logged in to Discord yet")
    with foreign_errors(writing=False):
        told = await client.http.get_message(channel, message)
    for one in _attachments(told):
        if one["id"] == file:
            return str(one["url"])
    raise Rejected(f"the message on Discord has no file {key} any more")


def _ids(key: str) -> tuple[int, int, str]:
    channel, _, rest = key.partition("/")
    message, _, file = rest.partition("/")
    if not (channel.isdecimal() and message.isdecimal() and file):
        raise Rejected(f"{key!r} names no file on Discord")
    return int(channel), int(message), file


def _attachments(message: Any) -> Iterator[Any]:
    yield from message.get("attachments") or ()
    for one in message.get("message_snapshots") or ():
        yield from one["message"].get("attachments") or ()
