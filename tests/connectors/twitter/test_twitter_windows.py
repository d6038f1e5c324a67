"""How often X may be asked, remembered."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from bot.errors import RateLimited, StoreFull
from bot.testing.runtime import create_mock_runtime
from connectors.twitter.connector import TwitterService
from connectors.twitter.windows import Windows, wait

MENTIONS = "GET /2/users/:id/mentions"
HOUR = 3_600


def headers(left, name="x-rate-limit", seconds=HOUR):
    return {f"{name}-remaining": str(left), f"{name}-reset": str(int(time.time() + seconds))}


def is_open(windows):
    try:
        with windows.asking(MENTIONS):
            return True
    except RateLimited:
        return False


@pytest.mark.parametrize("name", ["x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour"])
def test_a_window_that_is_used_up_closes_its_endpoint(name):
    """Each of the three that X tells of does, for as long as it says."""
    windows = Windows()
    windows.note(MENTIONS, 200, headers(0, name))
    with pytest.raises(RateLimited) as limited, windows.asking(MENTIONS):
        pass
    assert HOUR - 2 < limited.value.retry_after <= HOUR + 1


def test_the_longest_window_counts():
    """A quarter of an hour later, the day is still used up."""
    windows = Windows()
    windows.note(MENTIONS, 200, headers(0, seconds=-2) | headers(0, "x-user-limit-24hour"))
    assert not is_open(windows)


def test_requests_on_their_way_count():
    """Of two that are left only two go out, however fast they come."""
    windows = Windows()
    windows.note(MENTIONS, 200, headers(2))
    with windows.asking(MENTIONS), windows.asking(MENTIONS):
        assert not is_open(windows)
    assert is_open(windows)


def test_a_429_without_headers_closes_for_a_minute():
    """X gives no reason to believe that it would be sooner."""
    windows = Windows()
    windows.note(MENTIONS, 429, {})
    with pytest.raises(RateLimited) as limited, windows.asking(MENTIONS):
        pass
    assert 58 < limited.value.retry_after <= 60


def test_what_is_dumped_can_be_loaded():
    """Only what is not over: a window that opened meanwhile is forgotten."""
    windows = Windows()
    windows.note(MENTIONS, 200, headers(0))
    windows.note("GET /2/dm_events", 200, headers(0, seconds=-10))
    again = Windows.load(windows.dump())
    assert not is_open(again)
    assert "dm_events" not in again.dump()


@pytest.mark.parametrize(
    "text", [None, "", "nonsense", "[]", '{"GET /": 5}', '{"GET /": {"x": {}}}']
)
def test_what_is_no_dump_is_as_good_as_none(text):
    """X tells of its windows again with the next answer."""
    assert is_open(Windows.load(text))


@pytest.mark.parametrize("value", ["", "many", "-1", "1.5", "٣"])
def test_headers_that_say_nothing_are_ignored(value):
    """A window that nobody understands closes nothing."""
    windows = Windows()
    windows.note(MENTIONS, 200, {**headers(0), "x-rate-limit-remaining": value})
    assert is_open(windows)


def test_small_changes_are_not_worth_writing_down():
    """A new window is, and a tenth of what was left, and the end of it."""
    windows, told = Windows(), headers(100)
    worth = []
    for left in (100, 99, 91, 90, 89, 0, 0):
        windows.note(MENTIONS, 200, told | {"x-rate-limit-remaining": str(left)})
        worth.append(windows.changed.is_set())
        if worth[-1]:
            windows.dump()
    assert worth == [True, False, False, True, False, True, False]


async def test_a_restart_does_not_start_from_zero(x, runtime, until):
    """What was used up stays used up, and X is not asked to find out."""
    x.gate.limits = True
    x.set_window("GET", "/2/users/me", limit=1, seconds=HOUR)
    service = await TwitterService.start(runtime)
    await service.login()
    await service.stop()
    service = await TwitterService.start(runtime)
    with pytest.raises(RateLimited):
        await service.login()
    await service.stop()
    assert x.gate.exceeded == 0


async def test_windows_are_kept_as_they_change(x, runtime, service, until):
    """A crash loses at most the last second of them."""
    await service.login()
    await until(lambda: "users/me" in (runtime.store.notes.get(NOTE) or ""))


async def test_a_full_store_harms_no_request(x, part):
    """What cannot be written down is still known."""
    runtime = create_mock_runtime(x.settings)

    async def refuse(*note):
        raise StoreFull("no room")

    service = await TwitterService.start(runtime)
    runtime.keep = refuse
    await service.client.get_me()
    await service.client.get_me()
    await service.stop()


NOTE = ("twitter", "default", "windows")


def test_a_window_that_is_open_again_by_now_delays_for_a_second():
    """Other than a refusal that names none, which may mean anything."""
    used = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(time.time()) - 5)}
    assert wait(used, untold=60.0) == 1.0
    assert wait({}, untold=60.0) == 60.0


@pytest.mark.parametrize("fast", [-240, 0, 240])
def test_a_window_opens_by_the_clock_of_x(fast):
    """A clock of ours that is minutes off makes no wait longer or shorter."""
    theirs = time.time() - fast
    used = {
        "Date": format_datetime(datetime.fromtimestamp(theirs, UTC), usegmt=True),
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": str(int(theirs + 10)),
    }
    assert wait(used, untold=60.0) == pytest.approx(11, abs=2.5)
