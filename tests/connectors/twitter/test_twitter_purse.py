"""What X costs, and that no more is spent than may be."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from bot.errors import ConfigError, RateLimited, Rejected, Unconfirmed
from bot.part import Priority, Receipt
from bot.service import Status
from bot.testing.runtime import create_mock_runtime
from connectors.twitter.connector import TwitterService
from connectors.twitter.purse import NOTE, OutOfBudget, Purse, Spent, kind_of

NOON = datetime(2026, 1, 30, 12, tzinfo=UTC)


@pytest.fixture
def purse(notes):
    """A purse at some time, NOON by default; it has read what another one noted."""

    async def purse(at=NOON, **how):
        made = Purse(notes, structlog.get_logger(), clock=lambda: at, **how)
        await made.open()
        return made

    return purse


async def test_what_was_spent_survives_a_restart(purse):
    """Another process on the same day goes on counting."""
    await (await purse()).pay("create")
    again = await purse()
    await again.pay("message")
    assert f"{again}" == "$0.030 spent today, $0.03 this month"


@pytest.mark.parametrize(
    ("later", "today", "month"), [(11, 0.015, 0.015), (13, 0.0, 0.015), (37, 0.0, 0.0)]
)
async def test_days_and_months_end_by_utc(purse, later, today, month):
    """At midnight the day's count begins anew, on the first the month's."""
    await (await purse()).pay("create")
    spent = (await purse(NOON + timedelta(hours=later))).spent
    assert (spent.today, spent.this_month) == (today, month)


async def test_the_same_thing_costs_once_a_day(purse):
    """X charges for a post or person once, however often it shows them."""
    one = await purse()
    await one.pay("post", ["1", "2"])
    await one.pay("post", ["2", "3"])
    assert one.spent.today == pytest.approx(0.015)


async def test_what_may_come_along_is_reckoned_with(purse):
    """A page costs no more than is left, however much is shown with it; the smallest is tried."""
    one = await purse(day=1.0)
    along = ("post", "user", "media")
    assert one.room("owned", "user", along=along, most=100, least=5) == int(0.7 / 0.031)
    await one.pay("create", [f"{n}" for n in range(40)])
    assert one.room("owned", "user", along=along, most=100, least=5) == 5


async def test_what_is_free_can_be_read_without_money(purse):
    """Who pays X in another way sets the prices to nothing."""
    one = await purse(day=0.0, prices={"owned": 0.0, "user": 0.0})
    assert one.room("owned", "user", along=("post",), most=100, least=5) == 5


async def test_what_nobody_knows_of_is_paid_for(x, service, part):
    """X may have taken it, and then it charges for it."""
    x.lose_next("POST", "^/2/tweets$")
    with pytest.raises(Unconfirmed):
        await service.send(part("timeline", "Hello"))
    assert service.purse.spent.today == pytest.approx(x.credits.spent)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hello", "create"),
        ("See https://example.org", "link"),
        ("See example.com/cats", "link"),
        ("See example.com", "link"),
        ("That is e.g. so. And so.", "create"),
    ],
)
def test_a_link_is_what_x_makes_a_link_of(part, text, kind):
    """With a scheme or without: it costs a lot more."""
    assert kind_of(part("timeline", text)) == kind


async def test_reading_ends_before_the_budget_and_replies_go_on(purse):
    """A share is kept for them; when that is spent too, they wait for the next day."""
    one = await purse(day=0.02)
    assert one.room("dm", most=100) == 1
    await one.pay("dm", ["1"])
    with pytest.raises(OutOfBudget) as refused:
        one.room("dm", most=100)
    with pytest.raises(OutOfBudget):
        one.check("reply", is_reply=False)
    one.check("reply", is_reply=True)
    assert refused.value.retry_after == pytest.approx(12 * 3600, abs=2)


async def test_a_month_ends_with_the_month(purse):
    """Where its budget is spent, midnight does not help."""
    one = await purse(month=0.01)
    with pytest.raises(OutOfBudget, match="TWITTER_BUDGET_MONTH") as refused:
        one.check("create", is_reply=True)
    assert refused.value.retry_after == pytest.approx(36 * 3600, abs=2)


@pytest.mark.parametrize(("hour", "waits"), [(1, True), (6, True), (18, False)])
async def test_a_budget_lasts_for_the_day(purse, hour, waits):
    """Half of it in the morning slows the looks down; by the evening it is nothing unusual."""
    one = await purse(NOON.replace(hour=hour), day=1.0)
    await one.pay("create", [f"{n}" for n in range(30)])
    assert bool(one.pause()) is waits
    assert one.pause() <= 900


async def test_a_full_store_does_not_undo_what_is_paid(purse, notes):
    """What is sent is sent: failing to note its price must not have it sent again."""
    one = await purse()
    notes.is_full = True
    await one.pay("create")
    assert one.spent.today == pytest.approx(0.015)


async def test_posts_cost_what_x_charges(x, start, answer, part, listening):
    """Who we are, a mention, its author, an answer and a link."""
    service = await start(TWITTER_POLL_SECONDS="3600")
    await answer(service)
    async with listening(service):
        await service.runtime.wait_for_events(1)
        await service.send(part("timeline", "See https://example.org"))
    assert service.purse.spent.today == pytest.approx(x.credits.spent)
    assert x.credits.spent == pytest.approx(0.010 + 0.001 + 0.010 + 0.010 + 0.200 + 0.005 + 0.010)


async def test_direct_messages_cost_what_x_charges(x, start, ada, part, listening):
    """What comes, who wrote it, and what goes."""
    service, room = await start(TWITTER_POLL_SECONDS="3600"), x.add_room(ada, kind="dm")
    await x.say(room, ada, "Hello")
    async with listening(service):
        await service.runtime.wait_for_events(1)
        await service.send(part(room, "Hello, Ada."))
    assert service.purse.spent.today == pytest.approx(x.credits.spent)
    assert x.credits.spent == pytest.approx(0.010 + 0.010 + 0.010 + 0.015)


async def test_looking_costs_nothing_while_there_is_nothing_new(x, service, until, listening):
    """However often it is done."""
    async with listening(service):
        await until(lambda: len(x.credits.requests) > 20)
    assert x.credits.spent == service.purse.spent.today == pytest.approx(0.010)


async def test_a_start_costs_three_looks_at_most(x, start, say, listening, until):
    """Who we are is asked once; what is known is not read again."""
    runtime = create_mock_runtime({**x.settings, "TWITTER_POLL_SECONDS": "3600"})
    await say("Hello")
    async with listening(await start(runtime)):
        await until(lambda: len(x.credits.requests) == 3)
    spent = x.credits.spent
    async with listening(await start(runtime)):
        await until(lambda: len(x.credits.requests) == 5)
    paths = [path for _, path in x.credits.requests]
    assert (paths.count("/2/users/me"), x.credits.spent) == (1, spent)


async def test_without_budget_it_is_degraded_and_tells_once(start, say, until, listening, capsys):
    """Replies still go out; the log says it once for all that is not read."""
    service = await start(TWITTER_BUDGET_DAY="0.03")
    for number in range(5):
        await say(f"{number}")
    async with listening(service):
        await until(lambda: service._health.status is Status.DEGRADED)
        await until(lambda: "dms" in service._health.why and "mentions" in service._health.why)
        health = await service.health()
    assert "TWITTER_BUDGET_DAY" in health.why
    assert "Raise TWITTER_BUDGET_DAY" in health.fix
    assert capsys.readouterr().out.count("cannot be read") == 1


async def test_a_broadcast_leaves_money_for_replies(start, part, square, say):
    """It waits for tomorrow, and its room alone."""
    service = await start(TWITTER_BUDGET_DAY="0.02")
    first = await say("Hello")
    bulk = part("timeline", "News").model_copy(update={"priority": Priority.BULK})
    with pytest.raises(OutOfBudget) as refused:
        await service.send(bulk)
    assert refused.value.room
    await service.send(part(square, "Hello, Ada.", reply_to=first))


async def test_what_leaves_at_once_does_not_count_on_the_same_money(x, start, part):
    """Room for two posts lets two of four go, not all."""
    service = await start(TWITTER_BUDGET_DAY="0.041", TWITTER_PRICES="user=0")
    posts = (service.send(part("timeline", f"News {number}")) for number in range(4))
    results = await asyncio.gather(*posts, return_exceptions=True)
    assert [type(one) for one in results] == [Receipt, Receipt, OutOfBudget, OutOfBudget]
    assert len(x.said_by_bot("timeline")) == 2


async def test_what_is_surely_not_written_costs_nothing(x, start, part):
    """A refusal gives back what was paid, here and in the store."""
    service = await start(TWITTER_BUDGET_DAY="0.02")
    for status in (400, 429):
        x.fail_next("POST", "^/2/tweets$", status, {"title": "No"})
        with pytest.raises((Rejected, RateLimited)):
            await service.send(part("timeline", "Hello"))
        assert service.purse.spent.today == 0
        assert Spent.model_validate_json(await service.note(NOTE)).today == 0


@pytest.mark.parametrize(
    ("times", "cost"), [(1, "$0.015"), (2, "$0.03"), (4000, "$60.00"), (100_001, "$1,500.015")]
)
async def test_a_preview_says_no_less_than_it_costs(service, part, times, cost):
    """To the tenth of a cent."""
    assert service.cost_of([part("dm/1-2", "Hello")], times) == f"about {cost} of X's credits"


async def test_a_price_below_a_tenth_of_a_cent_is_rounded_up(start, part):
    """It is not free."""
    service = await start(TWITTER_PRICES="create=0.0004")
    assert service.cost_of([part("timeline", "Hello")], 1) == "about $0.001 of X's credits"


async def test_without_credit_nothing_is_heard_until_there_is(x, start, until, listening):
    """X charges until nothing is left; then it is told, and not asked again at once."""
    service = await start()
    x.credits.balance = 0.02
    for number in range(3):
        await x.say(x.add_room(f"{number}"), x.add_person(f"P{number}"), "Hi", mention=True)
    async with listening(service):
        await until(lambda: service._health.status is Status.DEGRADED)
        health = await service.health()
    assert "out of credit" in health.why
    assert x.credits.refused <= 3


@pytest.mark.parametrize("prices", ["toast=1", "post=dear", "post=-1", "post"])
async def test_a_wrong_price_is_named(x, prices):
    """With what it should look like."""
    with pytest.raises(ConfigError, match=r"TWITTER_PRICES: must"):
        await TwitterService.start(create_mock_runtime({**x.settings, "TWITTER_PRICES": prices}))


async def test_prices_can_be_others(start):
    """What is not named keeps its published price."""
    service = await start(TWITTER_PRICES="reply=0.5, user=0")
    assert (service.purse.prices["reply"], service.purse.prices["user"]) == (0.5, 0)
    assert service.purse.prices["dm"] == 0.010
