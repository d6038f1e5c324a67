"""Where one can speak on X, and what that costs."""

import pytest

from bot.content import Verb
from bot.errors import Unavailable


async def test_a_handle_is_for_direct_messages(x, service, ada, part):
    """X has one conversation for any two people, and who they are costs once."""
    room = await service.room_of("@ada_lovelace")
    assert room.key == x.add_room(ada, kind="dm")
    assert await service.room_of("@ada_lovelace") == room
    await service.send(part(room.key, "Hello, Ada."))
    assert [one.text for one in x.said_by_bot(room.key)] == ["Hello, Ada."]
    assert service.purse.spent.today == pytest.approx(0.010 + 0.010 + 0.015)


async def test_nobody_of_a_name_has_no_room(service):
    """The address is wrong, or the account is gone."""
    assert await service.room_of("@nobody") is None


async def test_a_link_is_for_answers_to_its_post(service, square):
    """As people copy it from their browser; any other address is a key."""
    for address in (f"https://x.com/somebody/status/{square}?s=20", square):
        assert (await service.room_of(address)).key == square


@pytest.mark.parametrize(("status", "body"), [(503, b"<html>"), (200, b"<html>"), (200, [])])
async def test_while_x_does_not_say_nobody_is_taken_for_gone(x, service, status, body):
    """It is tried again."""
    x.fail_next("GET", "users/by/username", status, body)
    with pytest.raises(Unavailable):
        await service.room_of("@ada_lovelace")


async def test_what_it_would_cost_is_told_before(service, part):
    """By kind and number; a link costs many times more."""
    gone = part("timeline", "").model_copy(update={"verb": Verb.DELETE})
    parts = [part("timeline", "Hello"), part("dm/1-2", "Hello"), part("timeline", "x.com/a"), gone]
    assert service.cost_of(parts, 100) == "about $24.00 of X's credits"
    assert service.cost_of(parts, 0) == ""
