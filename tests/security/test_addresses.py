"""A platform, or a person, that names an address cannot make the bot ask a machine near it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import Attachment
from bot.download import is_public
from bot.errors import Rejected, Unavailable
from bot.media import Media

NEAR = [
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
"""https://www.iana.org/assignments/iana-ipv4-special-registry"""

HIDDEN = {
    "mapped": (IPv6Address("::ffff:0:0"), 0),
    "compatible": (IPv6Address("::"), 0),
    "translated": (IPv6Address("::ffff:0:0:0"), 0),
    "nat64": (IPv6Address("64:ff9b::"), 0),
    "local nat64": (IPv6Address("64:ff9b:1::"), 0),
    "6to4": (IPv6Address("2002::"), 80),
    "teredo": (IPv6Address("2001::"), 0),
}
"""How IPv6 can say an IPv4 address: behind what, and how many bits from the right."""

UNLIKE = [
    IPv6Network(one)
    for one in ("::/128", "::1/128", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8")
]


def addresses_in(network):
    """Any address of a network."""
    return st.integers(0, network.num_addresses - 1).map(lambda n: network[n])


@given(st.sampled_from(NEAR).flatmap(addresses_in))
def test_no_address_near_us_is_public(address):
    """This machine, its network, its cloud's metadata, everybody at once."""
    assert not is_public(str(address))


@given(st.sampled_from(NEAR).flatmap(addresses_in), st.sampled_from(sorted(HIDDEN)))
def test_none_is_public_in_the_dress_of_another(address, dress):
    """Whichever way IPv6 has to write it."""
    prefix, shift = HIDDEN[dress]
    assert not is_public(str(IPv6Address(int(prefix) | int(address) << shift)))


@given(st.sampled_from(UNLIKE).flatmap(addresses_in))
def test_nor_is_one_of_ipv6s_own(address):
    """With a zone, too."""
    assert not is_public(str(address))
    assert not is_public("fe80::1%eth0")


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_the_open_internet_is_public(address):
    """Otherwise nothing would be."""
    assert is_public(address)
    assert is_public(str(IPv4Address("93.184.216.34")))


@asynccontextmanager
async def neighbour():
    """A server on this machine that should never be asked; what it was asked."""
    asked = []

    async def serve(reader, writer):
        asked.append(await reader.read(4096))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], asked


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org@127.0.0.1:{port}/",
        "http://example.org:80@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}#@example.org/",
        "http://127.0.0.1:{port}/?@example.org",
        "http://127.0.0.1:{port}\\@example.org/",
        "http://LOCALHOST:{port}/",
        "http://localhost.:{port}/",
        "http://[::ffff:7f00:1]:{port}/",
        "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/",
        "http://127.0.0.1.:{port}/",
        "http://\uff11\uff12\uff17.0.0.1:{port}/",
        "http://127\u30020.0.1:{port}/",
        "http://0:{port}/",
        "http://017700000001:{port}/",
        "https://127.0.0.1:{port}/",
    ],
)
async def test_no_trick_of_writing_leads_to_a_neighbour(url):
    """Names and passwords before the host, letters of other scripts, other bases."""
    async with neighbour() as (port, asked), Media(lambda _: None) as media:
        with pytest.raises((Rejected, Unavailable)):
            await media.read(Attachment.web(url.format(port=port)))
    assert asked == []


async def test_a_trusted_origin_is_trusted_as_a_whole():
    """Another port, scheme or name of the same machine is another origin."""
    async with neighbour() as (port, asked), Media(lambda _: None) as media:
        for origin in (f"http://127.0.0.1:{port + 1}", f"https://127.0.0.1:{port}"):
            url = f"http://127.0.0.1:{port}/"
            with pytest.raises(Rejected, match="not a public address"):
                async with media.get(url, trusted=(origin, f"http://localhost:{port}")):
                    pass
    assert asked == []
