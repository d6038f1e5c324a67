"""Cards, other names, threads and changes: all that is more than text."""

from __future__ import annotations

import re

import pytest

from bot.content import Button, Card, Content, Persona, Verb
from bot.errors import Rejected
from bot.service import Status
from bot.testing.connectors.stage import Witness
from bot.testing.runtime import create_mock_runtime
from connectors.discord.connector import DiscordService

CARD = Card(title="Lunch", text="at noon", fields=(("soup", "leek"),), footer="bon appétit")
ADA = Persona(name="Ada", avatar="https://example.org/ada.png")


@pytest.fixture
async def sender(discord):
    """A connector that only sends: the gateway is not needed for it."""
    service = await DiscordService.start(create_mock_runtime(discord.settings))
    yield service
    await service.stop()


@pytest.fixture
async def bot(discord, tmp_path):
    """A whole bot."""
    async with Witness(DiscordService, discord.settings, tmp_path / "townhall.db") as bot:
        await bot.becomes(Status.UP)
        yield bot


@pytest.fixture
def lobby(discord):
    return discord.add_room("lobby")


def message(discord, said):
    """A message as Discord has it."""
    return discord.state.where[said.message].messages[int(said.message)]


async def say(bot, room, text, **more):
    """Say something in a room, and wait until it is there."""
    await bot.send(bot.service.room(room), Content(text=text, **more))
    await bot.is_done()


# cards and buttons


async def test_a_card_is_an_embed(discord, sender, to, lobby):
    """It needs no text beside it."""
    await sender.send(to(lobby, "", cards=(CARD,)))
    [embed] = message(discord, discord.said_by_bot(lobby)[0])["embeds"]
    assert (embed["title"], embed["description"]) == ("Lunch", "at noon")
    assert embed["fields"] == [{"name": "soup", "value": "leek", "inline": False}]


async def test_buttons_stand_in_rows_of_five(discord, sender, to, lobby):
    """In their order; one with an address opens it."""
    buttons = tuple(Button(label=str(n), value=f"/{n}") for n in range(6))
    link = Button(label="more", url="https://example.org")
    await sender.send(to(lobby, "?", buttons=(*buttons, link)))
    [said] = discord.said_by_bot(lobby)
    rows = message(discord, said)["components"]
    assert [len(row["components"]) for row in rows] == [5, 2]
    assert rows[1]["components"][1]["url"] == "https://example.org"
    assert said.buttons == (*"012345", "more")


async def test_a_card_that_is_too_long_is_cut(discord, sender, to, lobby):
    """Where Discord would refuse the whole message."""
    await sender.send(to(lobby, "", cards=(Card(title="x" * 300, fields=(("", ""),)),)))
    [embed] = message(discord, discord.said_by_bot(lobby)[0])["embeds"]
    assert len(embed["title"]) == 256


async def test_cards_that_are_too_long_together_are_cut(discord, sender, to, lobby):
    """Discord takes 6,000 characters in all cards of a message: fields go, then text."""
    fields = tuple((f"{n}", "x" * 1000) for n in range(4))
    cards = [Card(title=f"{n}", text="y" * 2500, fields=fields) for n in range(2)]
    await sender.send(to(lobby, "", cards=tuple(cards)))
    first, second = message(discord, discord.said_by_bot(lobby)[0])["embeds"]
    assert (len(first["fields"]), len(first["description"])) == (3, 2500)
    assert ("fields" in second, len(second["description"])) == (False, 495)


# other names


async def test_a_persona_speaks_through_a_webhook(discord, sender, to, lobby):
    """One of our own, which is made once."""
    for text in ("one", "two"):
        await sender.send(to(lobby, text, persona=ADA))
    said = discord.said_by_bot(lobby)
    assert [message(discord, one)["author"]["username"] for one in said] == ["Ada", "Ada"]
    assert asked(discord, "POST", "/webhooks$") == 1


async def test_a_name_that_is_too_long_is_cut(discord, sender, to, lobby):
    """Rather than that nothing is said."""
    await sender.send(to(lobby, "hi", persona=Persona(name="A" * 81)))
    [said] = discord.said_by_bot(lobby)
    assert message(discord, said)["author"]["username"] == "A" * 79 + "…"


async def test_a_webhook_that_is_there_is_used_again(discord, to, lobby):
    """By the next process too."""
    for text in ("one", "two"):
        service = await DiscordService.start(create_mock_runtime(discord.settings))
        await service.send(to(lobby, text, persona=ADA))
        await service.stop()
    assert asked(discord, "POST", "/webhooks$") == 1


async def test_a_webhook_that_was_deleted_is_made_anew(discord, sender, to, lobby):
    """Nothing is lost with it."""
    await sender.send(to(lobby, "one", persona=ADA))
    discord.webhooks.known.clear()
    await sender.send(to(lobby, "two", persona=ADA))
    assert [one.text for one in discord.said_by_bot(lobby)] == ["one", "two"]


async def test_a_persona_speaks_in_threads(discord, sender, to, lobby):
    """Through the webhook of the channel that they belong to."""
    thread = discord.add_room("plans", kind="thread", parent=lobby)
    await sender.send(to(thread, "hello", persona=ADA))
    assert [one.text for one in discord.said_by_bot(thread)] == ["hello"]


async def test_who_may_make_no_webhook_is_told_what_to_click(discord, sender, to, lobby):
    """The permission is called by its name."""
    missing = {"message": "Missing Permissions", "code": 50013}
    await discord.fail_next("GET", "/webhooks$", 403, missing)
    with pytest.raises(Rejected, match=r"Edit Channel > Permissions .* allow Manage Webhooks"):
        await sender.send(to(lobby, "hello", persona=ADA))


async def test_what_a_persona_said_is_found_again(discord, bot, lobby):
    """There is no nonce: it is looked for, and not said twice."""
    await discord.fail_next("POST", "^/webhooks/", 500, {"message": "oops"}, taken=True)
    await say(bot, lobby, "hello", persona=ADA)
    assert [one.text for one in discord.said_by_bot(lobby)] == ["hello"]


async def test_what_a_persona_said_can_be_changed(discord, sender, to, lobby):
    """By the webhook that said it: it belongs to nobody else."""
    receipt = await sender.send(to(lobby, "helo", persona=ADA))
    await sender.change(to(lobby, "hello", verb=Verb.EDIT, target=receipt.message))
    assert [one.text for one in discord.said_by_bot(lobby)] == ["hello"]


# threads


async def test_a_thread_grows_from_what_is_said(discord, bot, lobby):
    """All of it: what follows the first part stands in the thread."""
    await say(bot, lobby, "word " * 500, thread="plans")
    [first] = discord.said_by_bot(lobby)
    thread = discord.state.channels[first.message]
    assert (thread.name, thread.parent) == ("plans", lobby)
    assert len(discord.said_by_bot(thread.id)) == 1


async def test_a_thread_that_is_there_is_no_error(discord, sender, to, lobby):
    """The same part twice makes one message and one thread."""
    part = to(lobby, "hello", thread="plans")
    assert await sender.send(part) == await sender.send(part)
    assert len([one for one in discord.state.channels.values() if one.parent == lobby]) == 1


async def test_a_thread_that_was_not_opened_is_opened_when_the_message_is_found(
    discord, bot, lobby
):
    """A crash between the two leaves no message without its thread."""
    await discord.fail_next("POST", "/threads$", 0)
    await say(bot, lobby, "hello", thread="plans")
    [first] = discord.said_by_bot(lobby)
    assert discord.state.channels[first.message].name == "plans"


async def test_in_a_forum_a_thread_is_a_post(discord, sender, to):
    """With its message in it, whose id it has."""
    forum = discord.add_room("help", kind="forum")
    receipt = await sender.send(to(forum, "How?", thread="a question"))
    post = discord.state.channels[receipt.message]
    assert (post.name, post.parent) == ("a question", forum)
    assert [one.text for one in discord.said_by_bot(post.id)] == ["How?"]


async def test_a_lost_post_is_found(discord, bot):
    """Among the active threads; it is posted once."""
    forum = discord.add_room("help", kind="forum")
    await discord.fail_next("POST", "/threads$", 0, taken=True)
    await say(bot, forum, "How?", thread="a question")
    posts = [one for one in discord.state.channels.values() if one.parent == forum]
    assert len(posts) == 1


async def test_a_forum_needs_the_name_of_a_post(discord, sender, to):
    """Whoever forgets it is told so."""
    forum = discord.add_room("help", kind="forum")
    with pytest.raises(Rejected, match="name the post"):
        await sender.send(to(forum, "How?"))


# changes


async def test_an_edit_replaces_all_of_a_message(discord, sender, to, lobby):
    """Its buttons and cards too."""
    receipt = await sender.send(to(lobby, "one?", cards=(CARD,), buttons=(Button(label="a"),)))
    await sender.change(to(lobby, "two", verb=Verb.EDIT, target=receipt.message))
    [said] = discord.said_by_bot(lobby)
    assert (said.text, said.buttons, message(discord, said)["embeds"]) == ("two", (), [])


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.DELETE, Verb.REACT, Verb.UNREACT])
async def test_a_message_that_is_gone_is_no_error(discord, sender, to, lobby, verb):
    """Nothing is left to be done."""
    await sender.change(to(lobby, "👍", verb=verb, target="1"))


async def test_an_emoji_of_the_server_is_called_by_its_name(discord, sender, to, lobby, ann):
    """As it is told when people react."""
    said = await discord.say(lobby, ann, "hello")
    await discord.react(said, ann, ":wave:")
    await sender.change(to(lobby, ":wave:", verb=Verb.REACT, target=said))
    assert discord.reactions(said) == {":wave:": [ann, discord.state.bot]}


async def test_an_emoji_that_is_not_there_is_rejected(discord, sender, to, lobby, ann):
    """By its name."""
    said = await discord.say(lobby, ann, "hello")
    for emoji in (":nothing:", "nothing"):
        with pytest.raises(Rejected):
            await sender.change(to(lobby, emoji, verb=Verb.REACT, target=said))


async def test_a_reaction_that_never_was_is_taken_back(discord, sender, to, lobby, ann):
    """Even one that Discord does not know."""
    said = await discord.say(lobby, ann, "hello")
    await sender.change(to(lobby, "nothing", verb=Verb.UNREACT, target=said))
    await sender.change(to(lobby, "👍", verb=Verb.UNREACT, target=said))
    assert discord.reactions(said) == {}


async def test_what_somebody_else_said_is_not_ours_to_edit(discord, sender, to, lobby, ann):
    """It is theirs."""
    said = await discord.say(lobby, ann, "hello")
    with pytest.raises(Rejected, match="50005"):
        await sender.change(to(lobby, "goodbye", verb=Verb.EDIT, target=said))


def asked(discord, method, pattern):
    """How often it was asked for."""
    return sum(m == method and bool(re.search(pattern, p)) for m, p in discord.rest.requests)
