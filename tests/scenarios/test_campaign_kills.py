"""A campaign on two platforms goes on through the deaths of the bot, and everybody gets it once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress

import pytest

from bot.campaign import Progress, Recipient, RecipientState
from bot.cli.demo.child import Child
from bot.web.address import Address, Nobody
from connectors.discord.simulator import DiscordSimulator
from connectors.telegram.simulator import TelegramSimulator

EACH, SECONDS, DEATHS = 150, 3.0, 2
NEWS = "The library opens at nine."
UP = ("telegram", "discord")
HOLD = {"TELEGRAM_ON_AMBIGUOUS": "hold", "TOWNHALL_LOG_LEVEL": "warning"}


async def asked(database, *request):
    """The answer of the bot that holds the database, once it listens."""
    async with asyncio.timeout(30):
        while True:
            if address := Address.of(database):
                with suppress(Nobody):  # the note of one that is dead
                    return await address.ask(*request)
            await asyncio.sleep(0.02)


async def died_twice(bot, sent, moments):
    """Kill the bot at random moments of a broadcast, and start it again."""
    for share in moments:
        async with asyncio.timeout(30):
            while sent() < share * 2 * EACH:  # noqa: ASYNC110 - the simulators tell nobody
                await asyncio.sleep(0.001)
        await bot.kill()
        await bot.restart(UP)


async def ended(database, campaign):
    """How it ended, and what became of each recipient."""
    path = f"/api/campaigns/{campaign}"
    async with asyncio.timeout(30):
        while True:
            told = Progress.model_validate(await asked(database, "GET", f"{path}/progress"))
            if told.campaign.is_over:
                break
            await asyncio.sleep(0.05)
    found = await asked(database, "GET", f"{path}/recipients?limit={3 * EACH}")
    return [Recipient.model_validate(one) for one in found]


@pytest.mark.timeout(90)
async def test_killed_twice_everybody_gets_it_once(tmp_path):
    """Where nobody can know whether a message on the wire arrived, it is counted as ambiguous."""
    async with TelegramSimulator() as telegram, DiscordSimulator() as discord:
        people = [telegram.add_person(f"p{n}") for n in range(EACH)]
        rooms = {
            telegram: [telegram.add_room(one, kind="dm") for one in people],
            discord: [discord.add_room(f"room-{n}") for n in range(EACH)],
        }

        def copies():
            """How often it is in each room."""
            return Counter(
                {
                    (one.platform, room): sum(said.text == NEWS for said in one.said_by_bot(room))
                    for one, many in rooms.items()
                    for room in many
                }
            )

        bot = Child({**telegram.settings, **discord.settings, **HOLD}, tmp_path)
        async with bot.running(UP):
            add = [f"{one.platform}:{room}" for one, many in rooms.items() for room in many]
            await asked(bot.database, "POST", "/api/subscribers", {"topic": "news", "add": add})
            order = {"text": NEWS, "to": ["topic:news"], "key": "news", "over": SECONDS}
            made = await asked(bot.database, "POST", "/api/campaigns", order)
            moments = sorted(random.Random().uniform(0.02, 0.9) for _ in range(DEATHS))
            await died_twice(bot, lambda: copies().total(), moments)
            again = await asked(bot.database, "POST", "/api/campaigns", order)
            recipients = await ended(bot.database, made["id"])
        found = copies()
    assert again["id"] == made["id"]
    assert len(recipients) == 2 * EACH
    states = {(one.platform, one.room): one.state for one in recipients}
    assert set(states.values()) <= {RecipientState.SENT, RecipientState.AMBIGUOUS}
    assert {place for place, times in found.items() if times > 1} == set()
    lost = {place for place, times in found.items() if not times}
    assert {states[place] for place in lost} <= {RecipientState.AMBIGUOUS}
    assert all(place[0] == "telegram" for place, state in states.items() if state == "ambiguous")
