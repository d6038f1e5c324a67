"""Where there is no connection, nothing was sent: that is no reason to doubt."""

from __future__ import annotations

from uuid import uuid4

import aiohttp
import pytest

from bot.errors import Unavailable
from bot.part import Part
from bot.testing.runtime import create_mock_runtime
from connectors.discord import wire
from connectors.telegram.connector import TelegramService
from connectors.telegram.request import NotSent, _named
from connectors.telegram.simulator import TelegramSimulator
from connectors.twitter import client
from connectors.twitter.connector import TwitterService
from connectors.twitter.errors import failure
from connectors.twitter.simulator import TwitterSimulator

PLATFORMS = {
    "telegram": (TelegramService, TelegramSimulator, "1"),
    "twitter": (TwitterService, TwitterSimulator, "timeline"),
}


@pytest.mark.parametrize("address", ["https://127.0.0.1:{}", "http://nobody.invalid"])
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_no_such_server_has_taken_nothing(platform, address):
    """No such name, or no TLS where there should be."""
    kind, simulator, room = PLATFORMS[platform]
    async with simulator() as server:
        url = {f"{platform.upper()}_API_URL": address.format(server.port)}
        service = await kind.start(create_mock_runtime({**server.settings, **url}))
        with pytest.raises(Unavailable):
            await service.send(Part(delivery=uuid4(), ordinal=0, room=service.room(room), text="A"))
        await service.stop()


@pytest.mark.parametrize("cause", [None, aiohttp.ClientConnectionResetError("closing")])
def test_what_could_not_be_written_was_not_sent(cause):
    """A connection that was kept open may close in the moment in which it is used again."""
    error = aiohttp.ClientOSError("cannot write") if cause else aiohttp.ClientConnectionResetError()
    error.__cause__ = cause
    assert isinstance(failure("POST", error), Unavailable)
    with pytest.raises(NotSent), _named():
        raise error from cause


@pytest.mark.parametrize("timeout", [wire.WORDS, wire.FILES, client.TIMEOUT, client.UPLOAD_TIMEOUT])
def test_the_search_for_an_address_ends_before_the_request_does(timeout):
    """Or else it would look like an answer that did not come, to what was never asked."""
    assert timeout.connect
    assert timeout.connect < timeout.total
