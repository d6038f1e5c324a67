"""What people show on X: files, quotes, polls, previews, and who they are."""

import pytest

from bot.connector import Identity
from bot.content import MediaKind
from bot.errors import Rejected
from bot.events import EventKind, Presence
from bot.media import Media
from bot.memory import RoomKind
from bot.testing.simulator import Upload
from connectors.twitter import translate
from connectors.twitter.attachments import private
from connectors.twitter.objects import Includes
from connectors.twitter.simulator import TIMELINE

PHOTO = Upload("cat.png", b"\x89PNG" + bytes(range(256)) * 16, "image/png", MediaKind.IMAGE)
FILM = Upload("cat.mp4", b"\x00ftyp" * 5_000, "video/mp4", MediaKind.VIDEO)
GIF = Upload("cat.gif", b"GIF89a" * 50, "image/gif", MediaKind.IMAGE)


@pytest.fixture
def hear(service, listening):
    """The first so many events, in the order of their coming."""

    async def hear(count=1):
        async with listening(service):
            return await service.runtime.wait_for_events(count)

    return hear


@pytest.fixture
async def media(service):
    """Reads what the service has told of."""
    async with service.runtime.media, Media(service.fetch) as media:
        yield media


async def test_files_of_a_post_come_in_order_and_byte_for_byte(x, media, say, hear):
    """Each says what it is and what it shows; the link to them is not part of the text."""
    await say("Look", files=[PHOTO, FILM, GIF])
    next(iter(x.network.media.values())).alt = "A cat."
    [event] = await hear()
    photo, film, gif = event.content.attachments
    assert event.content.text == "Look"
    assert (photo.kind, photo.media_type, photo.description) == ("image", "image/png", "A cat.")
    assert (film.kind, film.media_type, film.seconds) == ("video", "video/mp4", 1.5)
    assert {one.holder for one in (photo, film, gif)} == {"twitter"}
    read = [await media.read(one) for one in (photo, film, gif)]
    assert read == [PHOTO.data, FILM.data, GIF.data]


async def test_files_of_a_direct_message_are_read_with_our_credentials(x, media, ada, hear):
    """They are nobody else's: without a signature X does not show them."""
    await x.say(x.add_room(ada, kind="dm"), ada, "For you", files=[PHOTO])
    [event] = await hear()
    [photo] = event.content.attachments
    assert await media.read(photo) == PHOTO.data
    with pytest.raises(Rejected):
        async with media.get(photo.key, trusted=(x.url,)):
            pass


async def test_a_quoted_post_is_readable(x, service, say, hear):
    """Who said what stands below, instead of the link to it."""
    other = x.network.post(x.network.add_person("Charles Babbage"), "Fire & water")
    await say("Have you seen this?", quoted=other)
    [event] = await hear()
    assert event.content.text == "Have you seen this?\n\n> @Charles_Babbage: Fire & water"


async def test_a_poll_is_readable(x, service, say, hear):
    """What can be chosen, and how often it was."""
    await say("What is it?", poll=x.network.add_poll("Steam", "Wool"))
    [event] = await hear()
    assert event.content.text == "What is it?\n\nPoll (open):\n- Steam (0)\n- Wool (0)"


async def test_links_are_long_and_their_pages_named(service, say, hear):
    """X shortens them, and knows what is behind them."""
    page = "https://example.org/?a=1&b=2"
    await say(f"See {page}", preview=("An example", "Of a page"))
    [event] = await hear()
    assert event.content.text == f"See {page}\n\n[An example: Of a page]"


async def test_people_are_known_as_they_are_now(x, service, say, ada, listening):
    """Name and picture come with each message; the default picture is none."""
    default = "https://abs.twimg.com/sticky/default_profile_images/default_normal.png"
    picture = "https://pbs.twimg.com/1/ada_normal.jpg"
    await x.rename(ada, "Ada Lovelace", picture=default)
    await say("one")
    async with listening(service):
        await service.runtime.wait_for_events(1)
        await x.rename(ada, "Countess", picture=picture)
        await say("two")
        one, two = await service.runtime.wait_for_events(2)
    assert (one.sender.name, one.sender.avatar) == ("Ada Lovelace", "")
    assert (two.sender.name, two.sender.avatar) == ("Countess", picture)


async def test_who_is_suspended_stays_known_by_id(x, service, ada, hear):
    """Their message is still there, X does not say any more who they are."""
    await x.say(x.add_room(ada, kind="dm"), ada, "Goodbye")
    x.hide(ada, suspended=True)
    [event] = await hear()
    assert (event.sender.key, event.sender.name) == (ada, "")
    assert (event.sender.avatar, event.content.text) == (None, "Goodbye")


async def test_what_quotes_a_protected_post_is_heard_without_it(x, say, hear):
    """X shows only the link."""
    bob = x.add_person("Bob")
    secret = x.network.post(x.network.people[bob], "A secret")
    x.hide(bob)
    await say("Have you seen this?", quoted=secret)
    [event] = await hear()
    assert event.content.text == "Have you seen this?"


async def test_a_conversation_of_several_is_a_group(x, service, ada, hear):
    """Only what names the bot is said to it; who comes and goes is told."""
    bob = x.add_person("Bob")
    room = x.add_group(ada, bob)
    await x.say(room, ada, "Hello, Bob")
    await x.say(room, bob, "And @Townhall_Bot?")
    x.move(room, bob, joins=False)
    one, two, left = await hear(3)
    assert {(e.room.key, e.room.kind) for e in (one, two, left)} == {(room, RoomKind.GROUP)}
    assert (one.addressed, two.addressed) == (False, True)
    assert (left.kind, left.presence, left.sender.key) == (EventKind.MEMBERSHIP, Presence.LEFT, bob)


async def test_a_conversation_that_we_left_is_closed(x, service, ada, hear):
    """And open again when somebody takes us back."""
    room = x.add_group(ada)
    x.move(room, x.bot.id, joins=False)
    x.move(room, x.bot.id, joins=True)
    left, joined = await hear(2)
    assert (left.is_own, bool(left.room.closed)) == (True, True)
    assert (joined.presence, joined.room.closed) == (Presence.JOINED, "")


def test_what_x_adds_to_conversations_is_kept(service):
    """An event of a kind that nobody knows is kept as it came."""
    raw = {"id": "17", "event_type": "ThoughtRead", "thought": "Hm"}
    me = Identity(key="1", name="Townhall Bot")
    [event] = translate.direct_message(raw, Includes(), "default", me)
    assert (event.kind, event.raw, event.ids) == (EventKind.UNKNOWN, raw, ("17",))


async def test_a_link_leads_to_a_post_and_back(service, say):
    """A post has an address; a direct message has none."""
    post = await say("Hello")
    link = service.link_of(service.room(TIMELINE), post)
    assert link == f"https://x.com/i/web/status/{post}"
    assert service.message_of(link) == post
    assert service.link_of(service.room("dm/1-2"), "dm/7") is None


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("https://ton.twitter.com/1.1/ton/data/dm/1/2/a.jpg", ("1", "2", "a.jpg")),
        ("https://ton.twimg.com/dm/1/2/a.jpg?x=y", ("1", "2", "a.jpg")),
        ("http://127.0.0.1:8080/dm/1/2/a.jpg", ("1", "2", "a.jpg")),
        ("https://example.org/dm/1/2/a.jpg", None),
        ("https://twitter.com.example.org/dm/1/2/a.jpg", None),
        ("https://example.org/x.com/dm/1/2/a.jpg", None),
        ("https://pbs.twimg.com/media/a.jpg", None),
    ],
)
def test_only_x_is_shown_our_credentials(url, ids):
    """What looks like a file of a direct message elsewhere is asked for without them."""
    assert private(url, "http://127.0.0.1:8080") == ids
