"""From Discord's payloads to our words, without a network."""

from __future__ import annotations

import pytest

from bot.events import EventKind
from bot.memory import Room, RoomKind
from connectors.discord import translate
from connectors.discord.translate import Known

ANN = {"id": "7", "username": "ann", "global_name": "Ann"}
BOB = {"id": "8", "username": "bob", "global_name": None}
BOT = {"id": "9", "username": "townhall", "global_name": "Townhall", "bot": True}
TIME = "2026-01-02T03:04:05.678000+00:00"


@pytest.fixture
def known():
    return Known("default", me="9")


def payload(content="hello", **more):
    """A MESSAGE_CREATE in a server."""
    plain = {"id": "100", "channel_id": "50", "guild_id": "40", "type": 0, "author": ANN}
    return {**plain, "content": content, "timestamp": TIME, "mentions": [], **more}


def test_a_mention_in_front_is_taken_off_and_others_get_names(known):
    """Nothing else of a text changes."""
    data = payload("<@!9>  ask <@8> and <@77>,\n<@9>! ", mentions=[BOB, BOT])
    assert translate.message(data, known).content.text == "ask @bob and <@77>,\n@Townhall! "


def test_the_name_in_the_server_goes_first(known):
    """Then the one for all servers, then the account's."""
    nick = translate.message(payload(member={"nick": "Annie"}), known)
    assert (nick.sender.name, nick.sender.username) == ("Annie", "ann")
    assert translate.message(payload(author=BOB), known).sender.name == "bob"


def test_a_webhook_is_a_bot(known):
    """It has the shape of a person."""
    assert translate.message(payload(webhook_id="3"), known).sender.is_bot


@pytest.mark.parametrize("kind", [1, 6, 7, 18, 20, 21, 23])
def test_notices_are_not_messages(known, kind):
    """That somebody joined or pinned is nothing that was said."""
    assert translate.message(payload(type=kind), known) is None


def test_a_preview_is_not_an_edit(known):
    """Discord adds it some time after a message with a link."""
    assert translate.edit(payload(edited_timestamp=None, embeds=[{}]), known) is None
    assert translate.edit({"id": "100", "channel_id": "50", "embeds": []}, known) is None


def test_a_message_of_a_new_kind_is_kept_as_it_came(known):
    """Discord adds kinds; whether they hold words is not known."""
    event = translate.message(payload(type=99), known)
    assert (event.kind, event.raw["d"]["content"]) == (EventKind.UNKNOWN, "hello")


def test_a_forward_is_no_reply(known):
    """Both refer to another message."""
    reference = {"type": 1, "message_id": "5", "channel_id": "50"}
    assert translate.message(payload(message_reference=reference), known).reply_to is None


def test_what_we_say_under_another_name_is_ours(known):
    """It comes as a webhook's, with our application's id; those of others are heard."""
    known.application = "9000"
    assert translate.message(payload(webhook_id="3", application_id="9000"), known) is None
    assert translate.message(payload(webhook_id="3", application_id="9001"), known)


def test_an_edit_counts_in_milliseconds(known):
    """The revision is the time of the edit."""
    assert translate.edit(payload(edited_timestamp=TIME), known).revision == 1767323045678


def test_many_may_be_deleted_at_once(known):
    """Each is an event of its own."""
    events = translate.deletions({"ids": ["1", "2"], "channel_id": "50", "guild_id": "4"}, known)
    assert [event.message for event in events] == ["1", "2"]


def test_a_message_has_a_link_and_a_link_its_message(known):
    """As "Copy Message Link" gives it, in servers and in DMs."""
    known.world({"id": "40", "name": "Town"})
    group, direct = (
        known.room({"id": "50", "type": 0}, "40"),
        known.room({"id": "51", "type": 1}, ""),
    )
    assert translate.link(group, "100") == "https://discord.com/channels/40/50/100"
    assert translate.link(direct, "100") == "https://discord.com/channels/@me/51/100"
    assert translate.linked(translate.link(direct, "100")) == "100"


def test_channels_that_hold_no_messages_are_no_rooms(known):
    """Categories and forums."""
    assert known.room({"id": "1", "type": 4, "name": "Info"}, "40") is None
    assert known.room({"id": "2", "type": 15, "name": "Help"}, "40") is None


def test_an_untold_channel_is_learned_from_its_first_message(known):
    """Discord tells nobody of a new DM."""
    data = payload()
    del data["guild_id"]
    event = translate.message(data, known)
    assert (event.room.kind, event.room.name) == (RoomKind.DM, "Ann")
    assert known.rooms["50"] is event.room


def test_what_is_in_no_server_is_a_dm(known):
    """Whatever somebody who named it as an address took it for."""
    known.rooms["50"] = Room(platform="discord", account="default", key="50")
    data = payload()
    del data["guild_id"]
    assert translate.message(data, known).addressed


def test_what_is_in_no_server_may_be_a_group(known):
    """Discord says so with each message; later its name tells."""
    data = payload(channel_type=3)
    del data["guild_id"]
    event = translate.message(data, known)
    assert (event.room.kind, event.room.name, event.addressed) == (
        RoomKind.GROUP,
        "Ann and others",
        False,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"author": None},
        {"id": "x"},
        {"content": None},
        {"timestamp": "yesterday"},
        {"mentions": [{}]},
        {"attachments": "none"},
        {"embeds": [{"fields": [{}]}]},
        {"sticker_items": [7]},
        {"poll": {"question": "?"}},
        {"message_snapshots": [{}]},
        {"flags": "many", "attachments": [{"id": "1"}]},
    ],
    ids=str,
)
def test_a_malformed_message_is_an_error_that_is_expected(known, change):
    """None of them is anything else."""
    with pytest.raises(translate.NONSENSE):
        translate.message(payload(**change), known)


def test_the_same_malformed_payload_is_the_same_event():
    """Told twice, it is stored once."""
    keys = {translate.malformed("X", {"a": 1}, "no", "default").key for _ in range(2)}
    assert len(keys) == 1
