"""Logging in by OAuth 2.0, whose tokens end and change."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.errors import ConfigError, RateLimited, StoreFull, Unauthorized, Unavailable
from bot.testing.runtime import create_mock_runtime
from connectors.twitter.connector import TwitterService

TOKEN = ("POST", "oauth2/token")


@pytest.fixture
def runtime(x):
    return create_mock_runtime(x.oauth2)


@asynccontextmanager
async def started(runtime):
    service = await TwitterService.start(runtime)
    try:
        yield service
    finally:
        await service.stop()


async def test_an_account_logs_in_with_a_refresh_token_alone(x, service, part):
    """None of the four values of OAuth 1.0a is needed to see, post and answer."""
    assert (await service.login()).key == x.bot.id
    receipt = await service.send(part("timeline", "Hello"))
    assert [said.message for said in x.said_by_bot("timeline")] == [receipt.message]


async def test_a_public_client_has_no_secret(x, runtime):
    """It names itself in the form instead."""
    x.grants.client_secret = ""
    settings = {name: one for name, one in x.oauth2.items() if name != "TWITTER_CLIENT_SECRET"}
    async with started(create_mock_runtime(settings)) as service:
        assert (await service.login()).key == x.bot.id


async def test_many_requests_at_once_ask_for_one_token(x, service):
    """A refresh token serves once, so that asking twice would end everything."""
    await asyncio.gather(*(service.login() for _ in range(5)))
    assert x.grants.given == 1


async def test_a_token_is_changed_before_it_ends(x, service):
    """One that ends within the minute is not used any more."""
    x.grants.life = 59
    await service.login()
    await service.login()
    assert x.grants.given == 2


async def test_a_token_that_ended_early_is_changed_once(x, service, part):
    """X did nothing for it, so the request is made again; a second refusal is the answer."""
    await service.login()
    x.grants.revoke()
    await service.send(part("timeline", "Hello"))
    assert (x.grants.given, len(x.said_by_bot("timeline"))) == (2, 1)
    x.fail_next("GET", "users/me", 401, times=2)
    with pytest.raises(Unauthorized):
        await service.login()


async def test_the_new_refresh_token_survives_a_restart(x, runtime):
    """The setting only begins the chain: a second start goes on where the first one was."""
    for _ in range(2):
        async with started(runtime) as service:
            await service.login()
            x.grants.revoke()
    async with started(runtime) as service:
        assert (await service.login()).key == x.bot.id


async def test_a_restart_asks_for_no_token_while_there_is_one(x, runtime):
    """The access token is stored with the other."""
    for _ in range(2):
        async with started(runtime) as service:
            await service.login()
    assert x.grants.given == 1


async def test_a_new_setting_begins_anew(x, runtime):
    """A person who puts in another token gets that one used, whatever is stored."""
    async with started(runtime) as service:
        await service.login()
    x.grants.revoke()
    x.grants.refresh = "by-hand"
    again = create_mock_runtime(x.oauth2)
    again.store = runtime.store
    async with started(again) as service:
        assert (await service.login()).key == x.bot.id


async def test_a_wrong_setting_leaves_what_is_stored(x, runtime):
    """Who puts the old one back goes on where the bot was."""
    async with started(runtime) as service:
        await service.login()
    x.grants.revoke()
    mistaken = create_mock_runtime({**x.oauth2, "TWITTER_REFRESH_TOKEN": "mistaken"})
    mistaken.store = runtime.store
    async with started(mistaken) as service:
        with pytest.raises(Unauthorized):
            await service.login()
    async with started(runtime) as service:
        assert (await service.login()).key == x.bot.id


@pytest.fixture
def narrow(runtime):
    """A store that takes what `takes` says, one after the other."""

    def narrow(*takes):
        keep, left = runtime.keep, list(takes)

        async def choosy(*note):
            if note[2] == "oauth2" and left and not left.pop(0):
                raise StoreFull("no room")
            await keep(*note)

        runtime.keep = choosy

    return narrow


async def test_no_token_is_used_before_it_is_stored(x, service, narrow):
    """A full disk makes us wait; the token is not asked for twice, for it would be lost."""
    narrow(True, False)
    with pytest.raises(Unavailable, match="no room"):
        await service.login()
    assert (await service.login()).key == x.bot.id
    assert x.grants.given == 1


async def test_no_token_is_asked_for_that_could_not_be_stored(x, service, narrow):
    """X takes the old one back: a look beside a bot that has the database ends no login."""
    narrow(False)
    with pytest.raises(Unavailable, match="the database takes no new ones"):
        await service.login()
    assert (x.grants.given, x.grants.refresh) == (0, "refresh-0")


async def test_a_refused_refresh_token_says_how_to_get_another(x, service):
    """It may have been used elsewhere, or withdrawn by the account."""
    x.grants.refresh = "spent-elsewhere"
    with pytest.raises(Unauthorized, match="TWITTER_REFRESH_TOKEN") as refused:
        await service.login()
    assert "offline.access" in refused.value.fix


async def test_what_another_process_stored_is_used(x, runtime):
    """Two processes that share a store share its chain of tokens."""
    async with started(runtime) as one, started(runtime) as other:
        await one.login()
        await other.login()
        x.grants.revoke()
        await other.login()
        await one.login()
    assert x.grants.given == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((500, b"<html>"), Unavailable),
        ((200, {"token_type": "bearer"}), Unavailable),
        ((200, b"<html>"), Unavailable),
        ((302, b"<html>"), Unavailable),
        ((400, b"<html>"), Unavailable),
        ((401, b"<html>"), Unavailable),
        ((403, b"<html>"), Unavailable),
        ((429, {"title": "Too Many Requests"}), RateLimited),
    ],
)
async def test_while_x_gives_no_token_nothing_is_sent(x, service, part, answer, error):
    """It surely was not, so it is tried again without asking."""
    x.fail_next(*TOKEN, *answer)
    with pytest.raises(error):
        await service.send(part("timeline", "Hello"))
    await service.send(part("timeline", "Hello"))


async def test_a_lost_answer_to_the_login_is_no_lost_message(x, service, part):
    """What was to be sent had not begun."""
    x.fail_next(*TOKEN, 503)
    x.lose_next(*TOKEN)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await service.send(part("timeline", "Hello"))


async def test_the_scopes_say_what_the_app_may_do(x, service):
    """The headers that say it with OAuth 1.0a are not there."""
    x.gate.access = ""
    x.grants.scope = "tweet.read users.read offline.access"
    assert "may only read" in " ".join((await service.login()).warnings)


async def test_no_token_is_ever_shown(x, runtime, service, caplog):
    """Neither in the log, nor in what goes wrong, nor in what stands for the login."""
    await service.login()
    x.grants.refresh = "spent-elsewhere"
    x.grants.revoke()
    with pytest.raises(Unauthorized) as refused:
        await service.login()
    shown = f"{refused.value}{caplog.text}{service.client._login._tokens!r}{service.config!r}"
    assert not [one for one in ("refresh-0", "refresh-1", "access-1") if one in shown]


@pytest.mark.parametrize("missing", ["TWITTER_CLIENT_ID", "TWITTER_REFRESH_TOKEN"])
@pytest.mark.parametrize(("account", "end"), [("default", ""), ("sales", "__SALES")])
def test_half_a_login_names_the_other_half(x, missing, account, end):
    """A setting that is missing is told by its name, and by that of the account."""
    settings = {f"{n}{end}": value for n, value in x.oauth2.items() if n != missing}
    with pytest.raises(ConfigError, match=f"^{missing}{end} is not set"):
        TwitterService(create_mock_runtime(settings), account)
