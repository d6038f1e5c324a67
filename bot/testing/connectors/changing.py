"""What is true of what the bot does to messages that are there."""

from __future__ import annotations

from bot.content import Verb
from bot.events import EventKind
from bot.memory import Room
from bot.part import Part
from bot.testing.connectors.stage import Scene, Stage, Witness, part, until


class ChangingLaws(Stage):
    """It can be done twice without harm, and is no error where the message is gone."""

    async def test_the_bot_can_edit_what_it_said(self, scene: Scene) -> None:
        """The message stays the one that it was."""
        self.needs("rewriting")
        async with scene.bot() as bot:
            edit = await self.about_ours(scene, bot, Verb.EDIT, "hello!")
            for _ in ("once", "again"):
                await bot.service.change(edit)
            await until(lambda: seen(scene) == ["hello!"])
            await scene.say("goodbye")
            answers = await scene.answers(2)
        assert answers[0].message == edit.target
        assert bot.events(EventKind.EDIT) == []

    async def test_the_bot_can_delete_what_it_said(self, scene: Scene) -> None:
        """Nothing is left of it."""
        self.needs("removing")
        async with scene.bot() as bot:
            delete = await self.about_ours(scene, bot, Verb.DELETE)
            for _ in ("once", "again"):
                await bot.service.change(delete)
            await until(lambda: seen(scene) == [])

    async def test_the_bot_can_react(self, scene: Scene) -> None:
        """And take it back; it does not hear itself do so."""
        self.needs("reacting")
        async with scene.bot() as bot:
            message = await scene.say("hello")
            [ours] = await scene.answers(1)
            for verb, who in ((Verb.REACT, [ours.person]), (Verb.UNREACT, [])):
                change = part(where(bot), "👍", verb=verb, target=message)
                for _ in ("once", "again"):
                    await bot.service.change(change)
                people = scene.platform.reactions(message).values()
                assert [one for some in people for one in some] == who
            await scene.say("goodbye")
            await scene.answers(2)
        heard = bot.events(EventKind.REACTION) + bot.events(EventKind.UNREACTION)
        assert [one for one in heard if not one.is_own] == []

    async def test_a_message_that_is_gone_is_no_trouble(self, scene: Scene) -> None:
        """Whatever was to be done to it need not be done any more."""
        self.needs("removing")
        async with scene.bot() as bot:
            delete = await self.about_ours(scene, bot, Verb.DELETE)
            await bot.service.change(delete)
            for verb in bot.service.capabilities.verbs - {Verb.SAY}:
                text = {Verb.EDIT: "hello!", Verb.REACT: "👍", Verb.UNREACT: "👍"}.get(verb, "")
                await bot.service.change(part(where(bot), text, verb=verb, target=delete.target))
            await scene.say("goodbye")
            await until(lambda: seen(scene) == ["goodbye"])

    async def about_ours(self, scene: Scene, bot: Witness, verb: Verb, text: str = "") -> Part:
        """Say hello and hear it again; what changes that answer."""
        await scene.greet()
        [ours] = await scene.answers(1)
        await bot.is_done()
        return part(where(bot), text, verb=verb, target=ours.message)


def where(bot: Witness) -> Room:
    """The room that something was last said in, as it was told."""
    room = bot.events()[-1].room
    assert room
    return room


def seen(scene: Scene) -> list[str]:
    """What of the bot's words a reader sees in the hall now."""
    return [one.text for one in scene.platform.said_by_bot(scene.hall)]
