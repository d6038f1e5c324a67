"""Downloads from addresses that others chose: only public servers are asked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Self

import aiohttp
from yarl import URL

from bot.errors import Rejected, Unavailable
from bot.media import ANYTHING, check_size, check_type

PIECE = 64 * 1024
"""The largest piece that is handed on, in bytes."""

REDIRECTS = 5
"""How often an address may lead to another."""

MOVED = frozenset({301, 302, 303, 307, 308})
LATER = frozenset({408, 425, 429})
"""What a server answers that may well do it another time, besides its own failures."""

NO_ADDRESS = "is no address that can be asked: correct it"

NAT64 = IPv6Network("64:ff9b::/96")
"""IPv6 addresses that stand for an IPv4 address: https://www.rfc-editor.org/rfc/rfc6052"""

UNICAST = IPv6Network("2000::/3")
"""All public IPv6 addresses: https://www.iana.org/assignments/ipv6-address-space"""


class Downloads:
    """Two ways to a server: one that reaches public addresses only, one for trusted origins.

    Args:
        silence: how long a server may send nothing, in seconds.
        whole: how long one download may take, in seconds.
    """

    def __init__(self, silence: float, whole: float) -> None:
        self._whole = whole
        self._guarded = _session(silence, aiohttp.TCPConnector(socket_factory=_public_socket))
        self._trusted = _session(silence, aiohttp.TCPConnector())

    async def close(self) -> None:
        """Close all connections."""
        await self._guarded.close()
        await self._trusted.close()

    @asynccontextmanager
    async def get(
        self,
        url: str,
        most: int,
        trusted: Collection[str],
        headers: Mapping[str, str],
        types: tuple[str, ...] | None,
    ) -> AsyncIterator[Download]:
        """See `Media.get`."""
        deadline = asyncio.get_running_loop().time() + self._whole
        async with AsyncExitStack() as stack:
            with _translated(_host(url)):
                async with asyncio.timeout_at(deadline):
                    response = await self._follow(stack, URL(url), trusted, headers)
            _check(response, most, types)
            yield Download(response, most, deadline)

    async def _follow(
        self, stack: AsyncExitStack, url: URL, trusted: Collection[str], headers: Mapping[str, str]
    ) -> aiohttp.ClientResponse:
        """What the address leads to in the end."""
        for _ in range(REDIRECTS + 1):
            _check_scheme(url)
            session = self._trusted if _is_trusted(url, trusted) else self._guarded
            response = await session.get(url, headers=headers, allow_redirects=False)
            stack.push_async_exit(response)
            if response.status not in MOVED:
                return response
            response.close()  # nobody wants to know what it says
            to = url.join(URL(response.headers.get("Location", "")))
            headers = headers if _origin(to) == _origin(url) else {}
            url = to
        raise Rejected(f"{url.host} leads from address to address: name the last one")


class Download:
    """What a server sends, in pieces.

    Args:
        most: how large it may be, in bytes.
        deadline: when it must be here, by the clock of the loop.

    Attributes:
        media_type: what the server calls it; empty if that says nothing.
    """

    def __init__(self, response: aiohttp.ClientResponse, most: int, deadline: float) -> None:
        self._response, self._most, self._deadline = response, most, deadline
        self._host, self._size = str(response.url.host), 0
        self.media_type = "" if response.content_type == ANYTHING else response.content_type

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        with _translated(self._host):
            async with asyncio.timeout_at(self._deadline):
                piece = await self._response.content.read(PIECE)
        if not piece:
            raise StopAsyncIteration
        self._size += len(piece)
        check_size(self._size, self._most, f"the file at {self._host}")
        return piece


def _session(silence: float, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity"},  # a file's own bytes, and no bombs
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=silence, sock_read=silence),
    )


def _check(response: aiohttp.ClientResponse, most: int, types: tuple[str, ...] | None) -> None:
    host, status = response.url.host, response.status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in LATER:
        raise Unavailable(f"{host} answers {status}: it may work later")
    if not response.ok or status >= HTTPStatus.MULTIPLE_CHOICES:
        raise Rejected(f"{host} answers {status}: the file is gone, or not for us to read")
    check_type(response.content_type, types, f"the file at {host}")
    check_size(response.content_length or 0, most, f"the file at {host}")


def _is_trusted(url: URL, trusted: Collection[str]) -> bool:
    return any(_origin(url) == _origin(URL(one)) for one in trusted)


def _origin(url: URL) -> tuple[str, str | None, int | None]:
    return url.scheme, url.host, url.port


def _check_scheme(url: URL) -> None:
    if url.scheme not in ("http", "https") or not url.host:
        raise Rejected("only http and https addresses can be downloaded: name one of them")


def _host(url: str) -> str:
    """The only part of an address that may be shown: the rest may hold a token."""
    try:
        return URL(url).host or "the address"
    except ValueError:
        return "the address"


@contextmanager
def _translated(host: str) -> Iterator[None]:
    """Foreign errors in our words. Theirs are left out: they may hold the whole address."""
    try:
        yield
    except TimeoutError:
        raise Unavailable(f"{host} takes too long: it may work later") from None
    except aiohttp.InvalidURL:
        raise Rejected(f"{host} {NO_ADDRESS}") from None
    except (aiohttp.ClientError, OSError) as error:
        if isinstance(getattr(error, "os_error", None), _NotPublic):
            raise Rejected(f"{host} is not a public address: files come from public ones") from None
        why = type(error).__name__
        raise Unavailable(f"{host} cannot be reached, or broke off ({why})") from None
    except ValueError:  # after the others: a bad certificate is one, too
        raise Rejected(f"{host} {NO_ADDRESS}") from None


class _NotPublic(OSError):
    """An error as those of sockets, for what makes connections knows no others."""


def _public_socket(info: aiohttp.AddrInfoType) -> socket.socket:
    """A socket for the very address that is about to be connected to."""
    family, kind, protocol, _, address = info
    if not is_public(address[0]):
        raise _NotPublic("not a public address")
    return socket.socket(family, kind, protocol)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, however it is written."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip in NAT64:
            ip = IPv4Address(ip.packed[-4:])
        elif ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif ip not in UNICAST or ip.sixtofour:
            return False
    return ip.is_global and not ip.is_multicast
