"""What was left out for want of money is read when there is some; what X forgot is named."""

from datetime import timedelta

import pytest

from bot.service import Status
from bot.testing.runtime import create_mock_runtime
from bot.value import now
from connectors.twitter.holes import Holes
from connectors.twitter.reading import Found, Span


@pytest.fixture
def begin(x, start):
    """Start a service, perhaps with what another one stored, and with so much money a day."""

    async def begin(before=None, money="1000000"):
        more = {"TWITTER_POLL_SECONDS": "0.02", "TWITTER_CONVERSATIONS": "1"}
        runtime = create_mock_runtime({**x.settings, **more, "TWITTER_BUDGET_DAY": money})
        runtime.store = before.runtime.store if before else runtime.store
        return await start(runtime)

    return begin


@pytest.fixture
def hear(listening, until):
    """Listen until something holds; the words that were heard, in order, each once."""

    async def hear(service, condition):
        def words():
            return list(dict.fromkeys(one.content.text for one in service.runtime.delivered))

        async with listening(service):
            await until(lambda: condition(words(), service._health))
        return words()

    return hear


def spread(things):
    """Make them as old as if one had come every 20 seconds."""
    for number, one in enumerate(reversed(things)):
        one.at -= number * timedelta(seconds=20)
        one.id = f"{int(one.id) - (number * 20_000 << 22)}"


def numbers(*spans):
    return [f"{number}" for span in spans for number in range(*span)]


async def test_where_the_money_ends_in_the_middle_the_rest_waits(x, begin, say, hear):
    """It is read when there is money, also after a restart, and nothing is skipped."""
    for number in range(150):
        await say(f"{number}")
    spread(x.bot.mentions)
    service = await begin(money="0.1")
    assert await hear(service, lambda words, _: words) == numbers((145, 150))
    assert await service.position("mentions") == x.bot.mentions[-1].id
    again = await begin(service)
    words = await hear(again, lambda words, health: "0" in words and health.status is Status.UP)
    # The first look reads the last minute once more; the newest page comes first.
    assert words == numbers((147, 150), (45, 145), (0, 45))
    assert await again.position("mentions") == x.bot.mentions[-1].id


async def test_of_direct_messages_the_rest_waits_too(x, begin, ada, hear):
    """X cannot be asked for older ones by id: it goes on with the page that was not read."""
    room = x.add_room(ada, kind="dm")
    for number in range(150):
        await x.say(room, ada, f"{number}")
    spread(x.network.messages)
    service = await begin(money="0.2")
    first = await hear(service, lambda words, health: words and "older dms" in health.why)
    again = await begin(service)
    words = await hear(again, lambda words, health: "0" in words and health.status is Status.UP)
    assert first == numbers((150 - len(first), 150))
    assert [word for word in words if word not in first] == numbers(
        (50 - len(first), 150 - len(first)), (0, 50 - len(first))
    )


async def test_a_look_that_was_not_stored_leaves_no_hole_of_its_own(notes):
    """It is made again, and what that leaves out is all that is left out."""
    known, first, second = (number * 120_000 << 22 for number in (1, 3, 4))
    holes = Holes(notes)
    for oldest in (first, second):
        await holes.add("mentions", known, Found(({"id": f"{oldest}"},), rest="page"))
    assert await Holes(notes).newest("mentions") == Span(since=known, until=second, page="page")
    await holes.shrink("mentions", Found())
    assert await holes.newest("mentions") is None


async def test_what_x_no_longer_gives_is_given_up(x, begin, say, hear, capsys):
    """It is not asked for again, and the log says that it is missed."""
    for number in range(20):
        await say(f"{number}")
    spread(x.bot.mentions)
    service = await begin(money="0.1")
    await hear(service, lambda words, _: words)
    notes = service.runtime.store.notes
    x.fail_next("GET", "mentions.*until_id", 400, {"title": "Invalid Request"})
    again = await begin(service)
    await hear(again, lambda *_: "holes/mentions" not in {note[2] for note in notes})
    assert "what was left out on x is missed" in capsys.readouterr().out


async def test_while_something_waits_for_money_health_says_so(begin, say, hear, capsys):
    """It names from when to when, and what to do; the log tells it once."""
    service = await begin(money="0.1")
    for number in range(20):
        await say(f"{number}")
    await hear(service, lambda _, health: "older mentions: what was said" in health.why)
    health = await service.health()
    assert health.status is Status.DEGRADED
    assert "Raise TWITTER_BUDGET_DAY" in health.fix
    assert capsys.readouterr().out.count("cannot be read") == 1


async def test_what_was_left_out_takes_no_money_from_what_is_new(x, begin, say, hear):
    """It waits while more is spent than the time of the day allows."""
    for number in range(20):
        await say(f"{number}")
    spread(x.bot.mentions)
    service = await begin(money="0.1")
    await hear(service, lambda words, _: words)
    again = await begin(service, money="0.3")
    midnight = now().replace(hour=0, minute=0, second=0)
    again.purse._clock = lambda: midnight
    await say("new")
    words = await hear(again, lambda _, health: "older mentions" in health.why)
    assert words == [*numbers((17, 20)), "new"]


@pytest.mark.parametrize("absence", [("conversations", 7), ("dms", 30)])
async def test_an_absence_longer_than_x_shows_is_told(x, begin, hear, capsys, absence):
    """The log has it once; an absence that is as long as X allows is none."""
    source, days = absence
    service = await begin()
    notes, read = service.runtime.store.notes, ("twitter", "default", f"read/{source}")
    notes["twitter", "default", "conversations"] = "17"
    await x.say(x.add_room(ada := x.add_person("Ada"), kind="dm"), ada, "Hello")
    await hear(service, lambda words, _: words)
    for away in (timedelta(days=days, hours=-1), timedelta(days=days, hours=1)):
        notes[read] = before = f"{now() - away}"
        await hear(await begin(service), lambda *_: notes[read] != before)  # noqa: B023 - awaited here
    assert capsys.readouterr().out.count("x does not keep so long") == 1
