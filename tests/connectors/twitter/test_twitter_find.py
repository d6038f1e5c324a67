"""A post of which we lost sight is found again, and no other is taken for it."""

from datetime import timedelta

import pytest

from bot.errors import Unconfirmed
from bot.records import PartState
from bot.testing.connectors.stage import Stage
from bot.testing.runtime import create_mock_runtime
from bot.value import now
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator

POST = ("POST", "^/2/tweets$")
WORDS = "Good morning!"


class TestSameWords(Stage):
    """A bot, its store and its outbox say the same again."""

    connector, simulator = TwitterService, TwitterSimulator

    @pytest.fixture
    async def say(self, scene):
        async with scene.bot() as bot:

            async def say(room="timeline"):
                delivery = await bot.send(bot.service.room(room), WORDS)
                await bot.is_done()
                return (await bot.store.parts(delivery))[0]

            yield say

    @pytest.mark.parametrize("place", ["timeline", "hall"])
    async def test_what_never_arrived_is_not_found_in_another_delivery(self, scene, say, place):
        """A day later X takes the same words again: they are said again, not taken for said."""
        room = scene.hall if place == "hall" else place
        first = await say(room)
        scene.platform.bot.said.clear()
        scene.platform.fail_next(*POST, 503, b"<html>")
        second = await say(room)
        said = [one.message for one in scene.platform.said_by_bot(room)]
        assert said == [first.receipt.message, second.receipt.message]

    @pytest.mark.parametrize("place", ["timeline", "hall"])
    async def test_a_duplicate_of_another_delivery_is_rejected(self, scene, say, place):
        """The older post proves nothing, though it is under the same post."""
        room = scene.hall if place == "hall" else place
        first, second = await say(room), await say(room)
        assert (first.state, second.state) == (PartState.SENT, PartState.FAILED)
        assert "in other words" in second.reason


async def test_what_was_said_before_it_was_made_is_another(x, runtime, service, part):
    """Whoever said so, and whatever is known of that post."""
    x.network.post(x.bot, WORDS)
    assert await service.find(part("timeline", WORDS))
    runtime.store.made = now() + timedelta(minutes=10)
    assert await service.find(part("timeline", WORDS)) is None


async def test_it_is_found_behind_many_others(x, service, part):
    """All our posts since are looked at, also those that another program made."""
    lost = part("timeline", WORDS)
    x.lose_next(*POST)
    with pytest.raises(Unconfirmed):
        await service.send(lost)
    for number in range(101):
        x.network.post(x.bot, f"News {number}")
    assert (await service.find(lost)).message == x.said_by_bot("timeline")[0].message


async def test_a_duplicate_of_itself_has_arrived(x, service, part):
    """X took the first attempt, of which nobody knew."""
    again = part("timeline", WORDS)
    assert await service.send(again) == await service.send(again)
    assert len(x.said_by_bot("timeline")) == 1


async def test_what_nobody_knows_the_time_of_is_not_looked_for(x, start, part):
    """An old post would do as well as any."""
    service = await start(create_mock_runtime(x.settings))
    with pytest.raises(Unconfirmed, match="nobody knows"):
        await service.find(part("timeline", WORDS))
