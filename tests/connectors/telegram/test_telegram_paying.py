"""Broadcasts that are paid for, and public names."""

from __future__ import annotations

import pytest

from bot.errors import Rejected
from bot.memory import RoomKind
from bot.part import Priority
from bot.testing.runtime import create_mock_runtime
from connectors.telegram.connector import TelegramService
from connectors.telegram.simulator import TelegramSimulator

PAYS = {"TELEGRAM_PAID_BROADCASTS": "on"}


@pytest.fixture
async def paying():
    """A bot that pays, on a Telegram that keeps its limits."""
    async with TelegramSimulator(limits=True) as telegram:
        service = await TelegramService.start(create_mock_runtime(telegram.settings | PAYS))
        yield telegram, service
        await service.stop()


@pytest.mark.parametrize(("priority", "paid"), [(Priority.BULK, 1), (Priority.REPLY, 0)])
async def test_only_what_is_no_answer_is_paid_for(paying, scene, priority, paid):
    """Whoever asks something costs nothing."""
    telegram, service = paying
    room = telegram.add_room(telegram.add_person("Ada"), kind="dm")
    part = scene.part("hello", room).model_copy(update={"priority": priority})
    await service.send(part)
    assert (telegram.paid, [one.text for one in telegram.said_by_bot(room)]) == (paid, ["hello"])


async def test_who_pays_may_send_a_thousand_a_second(paying):
    """The limits of each chat stay."""
    _, service = paying
    own = [(one.count, one.seconds) for one in service.capabilities.rates if not one.per_room]
    rooms = [one for one in TelegramService.capabilities.rates if one.per_room]
    assert own == [(1000, 1)]
    assert [one for one in service.capabilities.rates if one.per_room] == rooms


@pytest.mark.parametrize(
    ("times", "cost"),
    [
        (30, ""),
        (31, "at most 1 Stars"),
        (1_000, "at most 97 Stars"),
        (10**6, "at most 97,000 Stars"),
    ],
)
async def test_what_it_costs_is_known_before(paying, scene, times, cost):
    """A tenth of a Star for each message beyond thirty a second."""
    _, service = paying
    assert service.cost_of([scene.part("hello")], times) == cost
    assert scene.service.cost_of([scene.part("hello")], times) == ""


async def test_a_public_name_is_a_room(scene):
    """Of a group or channel; what is no name is the id of a chat."""
    scene.telegram.people.publish(scene.group, "friends")
    room = await scene.service.room_of("@friends")
    assert (room.key, room.handle, room.kind) == (scene.group, "friends", RoomKind.GROUP)
    assert (await scene.service.room_of(scene.dm)).key == scene.dm


async def test_a_person_cannot_be_written_to_by_name(scene):
    """Whether or not Telegram knows them by it; it is said what to do."""
    for name in ("nobody", f"ada_{scene.ada}"):
        with pytest.raises(Rejected, match="the id of their chat"):
            await scene.service.room_of(f"@{name}")
