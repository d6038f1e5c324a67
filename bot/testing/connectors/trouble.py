"""What is true when something is wrong."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.errors import Unauthorized, Unavailable
from bot.events import EventKind
from bot.service import Status
from bot.settings import is_secret, names_of
from bot.testing.connectors.stage import Scene, Stage, part
from bot.testing.runtime import create_mock_runtime

SECRET = "Xyzzy42Xyzzy"  # noqa: S105 - it opens nothing, which is the point
"""What makes each secret wrong, and what no text may hold."""


class TroubleLaws(Stage):
    """Bad input is an answer; an outage passes; a refusal is named."""

    @pytest.mark.parametrize("call", ["login", "run", "send"])
    async def test_wrong_credentials_are_refused_by_name(
        self, scene: Scene, call: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A person is told, and no text holds the secret."""
        self.needs("credentials")
        caplog.set_level(logging.INFO)
        with capture_logs() as logs:
            service = await self.connector.start(create_mock_runtime(self.wrong(scene)))
            given = [part(service.room(scene.hall), "hello")] if call == "send" else []
            with pytest.raises(Unauthorized) as caught:
                await getattr(service, call)(*given)
            health = await service.health()
            await service.stop()
        told = traceback.format_exception(caught.value)
        assert str(caught.value)
        assert health.status is not Status.UP
        assert SECRET not in f"{told} {health} {logs} {caplog.text}"

    async def test_right_credentials_say_who_we_are(self, scene: Scene) -> None:
        """By the platform's own id, and a name to show."""
        self.needs("credentials")
        service = await self.connector.start(create_mock_runtime(dict(scene.settings)))
        me = await service.login()
        receipt = await service.send(part(service.room(scene.hall), "hello"))
        await service.stop()
        [said] = scene.platform.said_by_bot(scene.hall)
        assert me.name
        assert (me.key, receipt.message) == (said.person, said.message)

    async def test_an_outage_passes(self, scene: Scene) -> None:
        """Health tells of it, and what was said meanwhile is heard."""
        self.needs("network", "history")
        async with scene.bot() as bot:
            await scene.greet()
            async with scene.platform.outage():
                health = await bot.becomes(Status.DEGRADED, Status.DOWN)
                await scene.say("one")
            await bot.becomes(Status.UP)
            answers = await scene.answers(2)
        assert [one.text for one in answers] == ["hello", "one"]
        assert health.why

    async def test_nothing_is_sent_where_nobody_listens(self, scene: Scene) -> None:
        """A connection that was not made is no reason to doubt: it can be tried again."""
        self.needs("network")
        async with scene.bot() as bot:
            hello = part(bot.service.room(scene.hall), "hello")
            async with scene.platform.outage():
                await bot.becomes(Status.DEGRADED, Status.DOWN)
                with pytest.raises(Unavailable):
                    await bot.service.send(hello)
            await bot.becomes(Status.UP)
            await bot.service.send(hello)
        assert [one.text for one in scene.platform.said_by_bot(scene.hall)] == ["hello"]

    async def test_a_cut_connection_is_made_again(self, scene: Scene) -> None:
        """What is said in between is heard, in order, once."""
        self.needs("network")
        async with scene.bot():
            for number, text in enumerate(("one", "two", "three"), 1):
                await scene.say(text)
                await scene.answers(number)
                await scene.platform.disconnect()
            await scene.say("four")
            answers = await scene.answers(4)
        assert [one.text for one in answers] == ["one", "two", "three", "four"]

    async def test_what_makes_no_sense_is_kept(self, scene: Scene) -> None:
        """As it came, with the reason; the next event is handled."""
        self.needs("malformed")
        async with scene.bot() as bot:
            await scene.platform.inject(scene.platform.malformed())
            await scene.say("hello")
            await scene.answers(1)
            [event] = await bot.hears(1, EventKind.MALFORMED)
            assert (await bot.fares()).status is Status.UP
        assert event.raw
        assert event.problem

    async def test_what_is_new_does_no_harm(self, scene: Scene) -> None:
        """A platform may add what it likes; what cannot be read is kept as it came."""
        self.needs("malformed")
        async with scene.bot() as bot:
            await scene.platform.inject(scene.platform.unknown())
            await scene.say("hello")
            await scene.answers(1)
            assert (await bot.fares()).status is Status.UP
            assert not bot.supervisor.services[bot.service.name].restarts
        assert all(one.raw for one in bot.events(EventKind.UNKNOWN))

    def wrong(self, scene: Scene) -> dict[str, Any]:
        """The settings, with every secret wrong in its last letters."""
        fields = self.connector.config_type.model_fields.values()
        secrets = {name for info in fields if is_secret(info) for name in names_of(info)}
        return {k: f"{v}{SECRET}" if k in secrets else v for k, v in scene.settings.items()}
