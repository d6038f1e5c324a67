"""Laws of reactions, and of the presses of buttons, without a wire."""

from bot.events import EventKind

from .tellings import ADA, DATE, GROUP, all_of, message, one_of

ABOUT = "-5/3"


def reacted(old, new, number=10, **who):
    """An update with somebody's reactions before and after."""
    shown = {"old_reaction": [_kind(one) for one in old], "new_reaction": [_kind(n) for n in new]}
    who = who or {"user": ADA}
    place = {"chat": GROUP, "message_id": 3, "date": DATE}
    return {"update_id": number, "message_reaction": place | shown | who}


def _kind(one):
    return one if isinstance(one, dict) else {"type": "emoji", "emoji": one}


def test_a_reaction_in_place_of_another_is_two_events():
    """What is gone, what is new; what stayed is not told again."""
    gone, new = all_of(reacted(["👍", "🔥"], ["🔥", "🎉"]))
    assert (gone.kind, gone.content.text) == (EventKind.UNREACTION, "👍")
    assert (new.kind, new.content.text) == (EventKind.REACTION, "🎉")
    for one in (gone, new):
        assert (one.target, one.reply_to, one.sender.key) == (ABOUT, "-5/3", "1")
        assert one.memory() is None
        assert not one.is_answerable


def test_the_same_reaction_again_is_another_event():
    """And told twice it is one."""
    first, again, later = (one_of(reacted([], ["👍"], number)) for number in (10, 10, 12))
    assert first.key == again.key != later.key


def test_reactions_that_are_no_emoji_have_a_text():
    """A custom emoji's id, a star, or whatever comes next."""
    custom = {"type": "custom_emoji", "custom_emoji_id": "501"}
    found = all_of(reacted([], [custom, {"type": "paid"}, {"type": "hologram", "depth": 3}]))
    assert [one.content.text for one in found] == ["501", "paid", "hologram"]


def test_an_anonymous_admin_reacts_as_the_group():
    """There is no person to name."""
    found = one_of(reacted([], ["👍"], actor_chat=GROUP))
    assert (found.sender.key, found.sender.name) == ("-5", "Friends")


def pressed(**what):
    """An update with the press of a button."""
    query = {"id": "99", "from": ADA, "chat_instance": "1"}
    return {"update_id": 10, "callback_query": query | what}


def test_a_press_says_what_the_button_means():
    """It is about our message, and knows how to be answered."""
    found = one_of(pressed(message=message(text="Which?"), data="/roll 6"))
    assert (found.kind, found.content.text, found.target) == (EventKind.BUTTON, "/roll 6", ABOUT)
    assert (found.room.key, found.sender.key, found.addressed) == ("-5", "1", True)
    assert found.via == {"callback": "99"}
    assert found.is_answerable


def test_a_button_of_a_message_that_is_gone_can_be_pressed():
    """Only the chat and the number are told of a message that is deleted, or too old."""
    gone = {"chat": GROUP, "message_id": 3, "date": 0}
    found = one_of(pressed(message=gone, data="yes"))
    assert (found.target, found.room.key) == (ABOUT, "-5")


def test_a_button_without_a_message_is_kept():
    """It was shared from another chat, where we cannot speak."""
    found = one_of(pressed(inline_message_id="x", data="yes"))
    assert (found.kind, found.room, found.is_answerable) == (EventKind.BUTTON, None, False)
