"""Which addresses belong to the open internet."""

import pytest

from bot.download import is_public


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1",
        "192.168.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "2001:0:1::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fe80::1%eth0", "fec0::1",
        "ff02::1",
    ],
)  # fmt: skip
def test_what_is_not_on_the_open_internet_is_not_public(address):
    """Neither by itself, nor inside another kind of address."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700::1111"]
)
def test_what_is_on_the_open_internet_is_public(address):
    """Also where a network without IPv4 writes it in its own way."""
    assert is_public(address)
