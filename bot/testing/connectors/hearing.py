"""What is true of what a connector tells."""

from __future__ import annotations

from bot.content import Verb
from bot.events import EventKind
from bot.memory import RoomKind
from bot.testing.connectors.stage import ABILITIES, Scene, Stage


class HearingLaws(Stage):
    """Who, where, what, and whether it was said to the bot."""

    def test_what_is_lacking_has_a_name(self) -> None:
        """The platform lacks only what the contract knows and the connector does not promise."""
        can = self.connector.capabilities
        told = {"edits": can.edits, "deletes": can.deletes}
        done = {
            "files": can.files > 0,
            "buttons": can.buttons > 0,
            "rewriting": Verb.EDIT in can.verbs,
            "removing": Verb.DELETE in can.verbs,
            "reacting": Verb.REACT in can.verbs,
        }
        assert set(self.lacks) <= set(ABILITIES)
        assert not [name for name in self.lacks if told.get(name)]
        assert [name for name in done if name in self.lacks] == [n for n in done if not done[n]]

    async def test_a_message_arrives_as_it_was_said(self, scene: Scene) -> None:
        """Who, where, what and which one; our name before it calls us and is not part of it."""
        text = "Good & <day>, \U0001d4b6 e\u0301 👍🏽!"
        async with scene.bot() as bot:
            message = await scene.say(text)
            [event] = await bot.hears(1)
        assert event.room
        assert event.sender
        assert (event.room.key, event.sender.key) == (scene.hall, scene.ann)
        assert event.sender.name == "Ann"
        assert (event.message, event.account, event.addressed) == (message, "default", True)
        assert event.content
        assert event.content.text == text

    async def test_a_private_message_is_addressed_to_the_bot(self, scene: Scene) -> None:
        """Nobody else is there."""
        self.needs("dms")
        room = scene.platform.add_room(scene.ann, kind="dm")
        async with scene.bot() as bot:
            await scene.say("hello", room, mention=False)
            [answer] = await scene.answers(1, room)
            [event] = bot.events()
        assert event.room
        assert (event.room.key, event.room.kind, event.addressed) == (room, RoomKind.DM, True)
        assert answer.text == "hello"

    async def test_what_people_say_to_each_other_is_not_answered(self, scene: Scene) -> None:
        """In a room of several, only what speaks to the bot is addressed to it."""
        self.needs("groups")
        async with scene.bot() as bot:
            await scene.say("nice weather", mention=False)
            await scene.say("hello")
            await scene.say("a bit cold", mention=False)
            await scene.say("goodbye")
            answers = await scene.answers(2)
            told = [one.content.text for one in bot.events() if one.content and one.addressed]
        assert [one.text for one in answers] == told == ["hello", "goodbye"]

    async def test_an_answer_to_the_bot_is_addressed_to_it(self, scene: Scene) -> None:
        """It names the message that it answers; an answer to somebody else speaks to them."""
        self.needs("groups", "replies")
        async with scene.bot() as bot:
            message = await scene.say("nice weather", mention=False)
            await scene.say("is that so?", mention=False, reply_to=message)
            await scene.say("hello")
            [ours] = await scene.answers(1)
            await scene.say("good", mention=False, reply_to=ours.message)
            answers = await scene.answers(2)
            event = bot.events()[-1]
        assert (event.reply_to, event.addressed) == (ours.message, True)
        assert [one.text for one in answers] == ["hello", "good"]

    async def test_the_bot_does_not_hear_itself(self, scene: Scene) -> None:
        """What it says is no event, however it comes back."""
        async with scene.bot() as bot:
            for number, text in enumerate(("one", "two", "three"), 1):
                await scene.say(text)
                await scene.answers(number)
            speakers = [one.sender.key for one in bot.events() if one.sender]
        assert speakers == [scene.ann] * 3

    async def test_other_bots_are_known_and_not_answered(self, scene: Scene) -> None:
        """Two bots that answer each other would not stop."""
        self.needs("bots", "groups")
        other = scene.platform.add_person("Robby", is_bot=True)
        async with scene.bot() as bot:
            await scene.platform.say(scene.hall, other, "beep", mention=True)
            await scene.say("hello")
            [answer] = await scene.answers(1)
            senders = {one.sender.key: one.sender.is_bot for one in bot.events() if one.sender}
        assert senders == {other: True, scene.ann: False}
        assert answer.text == "hello"

    async def test_peoples_names_are_kept_up_to_date(self, scene: Scene) -> None:
        """By the time of their next message, who they are has not changed, and their name has."""
        async with scene.bot() as bot:
            await scene.greet()
            await scene.platform.rename(scene.ann, "Annabel")
            await scene.say("It is me")
            await scene.answers(2)
            [person] = {one.sender.id for one in bot.events() if one.sender}
            known = await bot.store.entity(person)
        assert known
        assert (known.key, known.name) == (scene.ann, "Annabel")

    async def test_a_link_leads_back_to_its_message(self, scene: Scene) -> None:
        """Each message has one of its own; other addresses lead to none."""
        self.needs("links")
        async with scene.bot() as bot:
            messages = [await scene.say(text) for text in ("one", "two")]
            rooms = [one.room for one in await bot.hears(2) if one.room]
        links = [
            self.connector.link_of(room, message)
            for room, message in zip(rooms, messages, strict=True)
        ]
        assert [self.connector.message_of(link or "") for link in links] == messages
        assert all(link and link.startswith("https://") for link in links)
        assert self.connector.message_of("https://example.org/1/2/3") is None

    async def test_a_reaction_is_told(self, scene: Scene) -> None:
        """Who, with what and to which message; and when it is taken back, that too."""
        self.needs("reactions")
        async with scene.bot() as bot:
            message = await scene.say("hello")
            await scene.answers(1)
            for kind in (EventKind.REACTION, EventKind.UNREACTION):
                is_removed = kind is EventKind.UNREACTION
                await scene.platform.react(message, scene.ann, "👍", removed=is_removed)
                [event] = await bot.hears(1, kind)
                assert event.room
                assert event.sender
                assert event.content
                assert (event.room.key, event.sender.key) == (scene.hall, scene.ann)
                assert (event.content.text, event.target) == ("👍", message)

    async def test_a_reaction_to_the_bot_is_told(self, scene: Scene) -> None:
        """It is about what the bot said; and it is not answered."""
        self.needs("reactions")
        async with scene.bot() as bot:
            await scene.greet()
            [ours] = await scene.answers(1)
            await scene.platform.react(ours.message, scene.ann, "👍")
            [event] = await bot.hears(1, EventKind.REACTION)
            await scene.say("goodbye")
            answers = await scene.answers(2)
            told = await bot.store.event(event.key)
            said = await bot.store.linked(self.connector.platform, "default", ours.message)
        assert event.target == ours.message
        assert told
        assert told.event.about == said
        assert [one.text for one in answers] == ["hello", "goodbye"]

    async def test_an_edit_changes_what_was_said(self, scene: Scene) -> None:
        """The newest text is the one that is remembered; it is not answered again."""
        self.needs("edits")
        async with scene.bot() as bot:
            message = await scene.say("helo")
            await scene.answers(1)
            for number, text in enumerate(("hello", "hello!"), 1):
                await scene.platform.edit(message, text)
                await bot.hears(number, EventKind.EDIT)
            await scene.say("goodbye")
            answers = await scene.answers(2)
            memory = await bot.remembers(bot.events()[0])
        assert memory.content.text == "hello!"
        assert [one.text for one in answers] == ["helo", "goodbye"]

    async def test_a_delete_leaves_a_tombstone(self, scene: Scene) -> None:
        """What a person took back is remembered no longer, only that there was something."""
        self.needs("deletes")
        async with scene.bot() as bot:
            message = await scene.say("a secret")
            await scene.answers(1)
            await scene.platform.delete(message)
            await bot.hears(1, EventKind.DELETE)
            memory = await bot.remembers(bot.events()[0])
        assert memory.deleted
        assert memory.content.text == ""
