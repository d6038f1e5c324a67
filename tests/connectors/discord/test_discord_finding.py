"""What was perhaps said is looked for until that is known, and is no other part's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.content import Persona
from bot.errors import Unavailable, Unconfirmed
from bot.part import Receipt
from bot.testing.faults import Wire, refuse
from bot.testing.runtime import create_mock_runtime
from bot.value import now
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator

HOUR = timedelta(hours=1)
ADA = Persona(name="Ada")
PAGES = [302, 400, 401, 403, 404, 405, 451]


@pytest.fixture
def lobby(discord):
    return discord.add_room("lobby")


async def chatter(discord, room, person, count=150):
    """More is said than one page holds."""
    for number in range(count):
        await discord.say(room, person, f"chatter {number}")


def let_pass(discord, room, time):
    """Let all that was said in a room be older by a time."""
    channel, behind = discord.state.channels[room], int(time.total_seconds() * 1000) << 22
    aged = {key - behind: {**one, "id": str(key - behind)} for key, one in channel.messages.items()}
    channel.messages.clear()
    channel.messages.update(aged)
    channel.order[:] = sorted(aged)


async def test_an_answer_is_found_in_a_busy_room(discord, sender, to, lobby, ann):
    """However much was said between the question and the answer."""
    said = await discord.say(lobby, ann, "question")
    await chatter(discord, lobby, ann)
    answer = to(lobby, "answer", reply_to=said)
    receipt = await sender.send(answer)
    assert await sender.find(answer) == receipt


async def test_a_notification_is_found_in_a_busy_room(discord, sender, to, lobby, ann):
    """Whatever was said since; it is looked for from when it was decided on."""
    notice = to(lobby, "Doors open")
    sender.runtime.store.begin(notice, now() - HOUR)
    await sender.send(notice)
    await chatter(discord, lobby, ann)
    let_pass(discord, lobby, HOUR / 2)
    found = await sender.find(notice)
    assert found
    assert discord.state.channels[lobby].messages[int(found.message)]["content"] == "Doors open"


async def test_an_older_notification_with_the_same_words_is_not_it(discord, sender, to, lobby):
    """It was said before the other was decided on."""
    await sender.send(to(lobby, "Doors open"))
    let_pass(discord, lobby, HOUR)
    again = to(lobby, "Doors open")
    sender.runtime.store.begin(again, now() - HOUR / 2)
    assert await sender.find(again) is None


async def test_what_a_persona_said_is_found_in_a_busy_room(discord, sender, to, lobby, ann):
    """It has no nonce that would keep it from being said twice."""
    act = to(lobby, "To be", persona=ADA)
    sender.runtime.store.begin(act, now())
    receipt = await sender.send(act)
    await chatter(discord, lobby, ann)
    assert await sender.find(act) == receipt


async def test_where_too_much_was_said_nobody_can_tell(discord, sender, to, lobby, ann):
    """A thousand messages are read; that it is not among them is no proof."""
    said = await discord.say(lobby, ann, "question")
    await chatter(discord, lobby, ann, 1_000)
    with pytest.raises(Unconfirmed, match="too much was said"):
        await sender.find(to(lobby, "answer", reply_to=said))


@pytest.mark.parametrize("more", [{"reply_to": "1"}, {"persona": ADA}])
async def test_the_same_words_of_another_part_are_not_it(discord, sender, to, more):
    """The first of two equal answers arrived, and is known to be the first."""
    lobby, ann = discord.add_room("lobby"), discord.add_person("Ann")
    if "reply_to" in more:
        more = {"reply_to": await discord.say(lobby, ann, "both?")}
    first, second = to(lobby, "yes", **more), to(lobby, "yes", **more)
    receipt = await sender.send(first)
    sender.runtime.store.book(first, receipt)
    assert await sender.find(second) is None
    assert await sender.find(first) == receipt


@pytest.mark.parametrize("status", PAGES)
async def test_a_page_of_a_proxy_is_no_answer_of_discord(to, status):
    """What it answers to a message may have been obeyed; a question can be asked again."""
    wire, discord = Wire(), DiscordSimulator()
    discord.middlewares.append(wire.carry)
    async with discord:
        service = await DiscordService.start(create_mock_runtime(discord.settings))
        room = discord.add_room("lobby")
        said = to(room, "hello", reply_to="1")
        assert isinstance(await service.send(said), Receipt)
        with wire.suffering(refuse(status)):
            with pytest.raises(Unconfirmed, match=f"proxy.*{status}"):
                await service.send(to(room, "again"))
            with pytest.raises(Unavailable, match=f"proxy.*{status}"):
                await service.find(said)
        await service.stop()
