"""What the bot says is on Discord once, or it says why not."""

from __future__ import annotations

import traceback

import aiohttp
import pytest

from bot.errors import RateLimited, Rejected, Unauthorized, Unavailable, Unconfirmed
from bot.part import Receipt
from bot.testing.runtime import create_mock_runtime
from connectors.discord.connector import DiscordService
from connectors.discord.errors import foreign_errors
from connectors.discord.simulator import DiscordSimulator

VIA = {
    "id": "1",
    "token": "x",
    "application": "2",
    "kind": "command",
    "person": "3",
    "first": "another answer",
}
"""What came with a command."""


@pytest.fixture
def send(sender, to):
    """Send a text to a room."""
    return lambda room, text: sender.send(to(room, text))


async def test_an_answer_is_a_reply(discord, sender, ann, to):
    """It hangs on the message that it answers."""
    room = discord.add_room("lobby")
    said = await discord.say(room, ann, "hello")
    receipt = await sender.send(to(room, "Hi!", reply_to=said))
    (answer,) = discord.said_by_bot(room)
    assert (answer.message, answer.text, answer.reply_to) == (receipt.message, "Hi!", said)


async def test_a_reply_to_what_is_deleted_is_sent_all_the_same(discord, sender, ann, to):
    """It answers nothing then."""
    room = discord.add_room("lobby")
    said = await discord.say(room, ann, "hello")
    await discord.delete(said)
    await sender.send(to(room, "Hi!", reply_to=said))
    assert discord.said_by_bot(room)[0].reply_to is None


async def test_the_same_part_twice_is_one_message(discord, sender, to):
    """Discord knows its nonce."""
    room = discord.add_room("lobby")
    same = to(room, "once")
    receipts = [await sender.send(same), await sender.send(same)]
    assert receipts[0] == receipts[1]
    assert len(discord.said_by_bot(room)) == 1


async def test_nobody_is_mentioned_unasked(discord, sender, to):
    """Neither everyone nor anyone whom a text names."""
    room = discord.add_room("lobby")
    receipt = await sender.send(to(room, "@everyone"))
    message = discord.state.channels[room].messages[int(receipt.message)]
    assert message["mentions"] == []
    assert discord.rest.bodies[-1]["allowed_mentions"]["parse"] == []


async def test_a_lost_answer_is_unconfirmed_and_found(discord, sender, ann, to):
    """The message is there: whoever looks finds it, and nothing is said twice."""
    room = discord.add_room("lobby")
    said = await discord.say(room, ann, "hello")
    lost = to(room, "Hi!", reply_to=said)
    await discord.fail_next("POST", "/messages", 0, taken=True)
    with pytest.raises(Unconfirmed):
        await sender.send(lost)
    (answer,) = discord.said_by_bot(room)
    assert await sender.find(lost) == Receipt(message=answer.message)


async def test_what_never_arrived_is_not_found(discord, sender, ann, to):
    """An equal answer to another message is not it."""
    room = discord.add_room("lobby")
    first, second = [await discord.say(room, ann, text) for text in ("hello", "hello?")]
    await sender.send(to(room, "Hi!", reply_to=first))
    assert await sender.find(to(room, "Hi!", reply_to=second)) is None


@pytest.mark.parametrize("via", [None, VIA])
async def test_who_may_not_look_cannot_tell(discord, sender, to, via):
    """Which is no refusal of what was perhaps said; an answer to a command is no exception."""
    room = discord.add_room("lobby")
    await discord.refuse(room, 50001)
    with pytest.raises(Unconfirmed, match="cannot be looked at"):
        await sender.find(to(room, "hello", via=via))


async def test_a_young_equal_notification_is_told_apart_by_its_nonce(discord, sender, to):
    """Sending again is safe while Discord knows the nonce, so it counts as not found."""
    room = discord.add_room("lobby")
    lost = to(room, "Doors open")
    receipt = await sender.send(lost)
    assert await sender.find(lost) is None
    assert await sender.send(lost) == receipt


async def test_an_error_of_the_server_is_tried_again(discord, sender, to):
    """The library does it, and the nonce keeps it from saying it twice."""
    room = discord.add_room("lobby")
    await discord.fail_next("POST", "/messages", 500, taken=True)
    await sender.send(to(room, "hello"))
    assert len(discord.said_by_bot(room)) == 1


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((503, {"message": "unavailable"}), Unconfirmed, "503"),
        ((401, {"message": "401: Unauthorized", "code": 0}), Unauthorized, "refuses the bot token"),
        ((403, {"message": "Missing Permissions", "code": 50013}), Rejected, "50013"),
        ((200, {"surprise": True}), Unconfirmed, "did not answer"),
    ],
)
async def test_an_error_is_named_after_what_to_do(discord, send, answer, error, words):
    """Discord's words and number are kept."""
    room = discord.add_room("lobby")
    await discord.fail_next("POST", "/messages", *answer)
    with pytest.raises(error, match=words):
        await send(room, "hello")


@pytest.mark.parametrize("code", [50001, 50007, 50013, 30007, 160002])
async def test_a_refusal_says_what_to_click(discord, send, code):
    """In the words of Discord's apps."""
    room = discord.add_room("lobby")
    await discord.fail_next("POST", "/messages$", 403, {"message": "No", "code": code})
    with pytest.raises(Rejected, match=rf"No \(Discord 403, code {code}\)\. .+: .+"):
        await send(room, "hello")


async def test_a_limit_of_the_account_is_not_taken_for_a_rooms(discord, sender, to):
    """It says so, and how long to wait: longer than the library does by itself."""
    room = discord.add_room("lobby")
    for scope, is_room in (({}, True), ({"X-RateLimit-Global": "true"}, False)):
        limited = {"message": "Slow down.", "retry_after": 65.0, "global": not is_room}
        headers = {"Via": "1.1 google", "Retry-After": "65", **scope}
        await discord.fail_next("POST", "/messages$", 429, limited, headers=headers)
        with pytest.raises(RateLimited) as caught:
            await sender.send(to(room, "hello"))
        assert (caught.value.retry_after, caught.value.room) == (65.0, is_room)


async def test_a_limit_without_a_body_is_a_limit(discord, sender, to):
    """It is not Discord itself that answers so."""
    room = discord.add_room("lobby")
    await discord.fail_next("POST", "/messages$", 429, None, headers={"Retry-After": "7"})
    with pytest.raises(RateLimited) as caught:
        await sender.send(to(room, "hello"))
    assert caught.value.retry_after == 7.0


async def test_a_ban_is_a_limit(discord, sender, to):
    """A 429 that does not come from Discord itself names its time in a header."""
    room = discord.add_room("lobby")
    await discord.fail_next("POST", "/messages", 429, "banned", headers={"Retry-After": "90"})
    with pytest.raises(RateLimited) as caught:
        await sender.send(to(room, "hello"))
    assert (caught.value.retry_after, caught.value.room) == (90.0, False)


async def test_a_ban_that_names_a_day_is_a_limit(discord, sender, to):
    """HTTP lets a server say it so."""
    room, day = discord.add_room("lobby"), {"Retry-After": "Sun, 22 Nov 2026 19:00:00 GMT"}
    await discord.fail_next("POST", "/messages", 429, "banned", headers=day)
    with pytest.raises(RateLimited) as caught:
        await sender.send(to(room, "hello"))
    assert caught.value.retry_after == 60.0


@pytest.mark.parametrize("address", ["webhooks/81/s3cret", "interactions/81/s3cret/callback"])
def test_no_error_tells_the_token_of_an_address(address):
    """Nor does what it comes from, which a traceback would show."""
    url = f"https://discord.com/api/v10/{address}"
    with pytest.raises(Unavailable) as caught, foreign_errors(writing=True):
        raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {url}")
    told = "".join(traceback.format_exception(caught.value))
    assert "Connection timeout" in told.splitlines()[-1]
    assert "s3cret" not in told.splitlines()[-1]
    assert caught.value.__cause__ is None


async def test_a_limit_is_waited_for(discord, sender, to):
    """The library waits for as long as Discord says, and sends it then."""
    room = discord.add_room("lobby")
    limited = {"message": "You are being rate limited.", "retry_after": 0.05, "global": False}
    await discord.fail_next("POST", "/messages", 429, limited)
    await sender.send(to(room, "hello"))
    assert len(discord.said_by_bot(room)) == 1


async def test_limits_are_kept_before_discord_says_so(to):
    """The headers of each answer tell how many are left."""
    async with DiscordSimulator(limits=True) as discord:
        service = await DiscordService.start(create_mock_runtime(discord.settings))
        room = discord.add_room("lobby")
        for number in range(6):
            await service.send(to(room, str(number)))
        await service.stop()
    assert [said.text for said in discord.said_by_bot(room)] == list("012345")
    assert discord.rest.refused == 0


@pytest.mark.parametrize(("text", "code"), [("x" * 2001, "50035"), (" ", "50006")])
async def test_what_discord_never_takes_is_rejected(discord, send, text, code):
    """With the reason that Discord gives."""
    room = discord.add_room("lobby")
    with pytest.raises(Rejected, match=code):
        await send(room, text)


async def test_a_room_that_is_gone_is_rejected(send):
    """So that nobody tries for ever."""
    with pytest.raises(Rejected, match="10003"):
        await send("1", "hello")


async def test_what_is_not_a_channel_is_rejected(sender, to):
    """A name is not an id."""
    with pytest.raises(Rejected, match="lobby"):
        await sender.send(to("lobby", "hello"))


async def test_nothing_was_sent_where_nobody_listens(to):
    """So it can be tried again without a thought."""
    async with DiscordSimulator() as discord:
        room = discord.add_room("lobby")
    service = await DiscordService.start(create_mock_runtime(discord.settings))
    with pytest.raises(Unavailable):
        await service.send(to(room, "hello"))
    await service.stop()


async def test_the_documented_limit_can_be_left_to_the_server(sender):
    """A server of one's own, such as a simulator, may have another or none."""
    discord = DiscordService(create_mock_runtime({"DISCORD_BOT_TOKEN": "secret"}))
    assert [(rate.count, rate.seconds) for rate in discord.capabilities.rates] == [(45, 1.0)]
    assert sender.capabilities.rates == ()


async def test_typing_is_shown(discord, sender, to):
    """In the room of the turn."""
    room = discord.add_room("lobby")
    await sender.typing(to(room, "").room)
    assert discord.typed == [room]


async def test_a_text_within_the_limit_is_taken(discord, sender, to):
    """However its characters are counted."""
    room = discord.add_room("lobby")
    length = sender.capabilities.length
    text = "x" * 1998 + "😀"
    assert length(text) == sender.capabilities.max_length
    await sender.send(to(room, text))
