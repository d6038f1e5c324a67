"""What is true of what a person presses, chooses or commands."""

from __future__ import annotations

from bot.content import Button, Content, Select
from bot.events import Event, EventKind
from bot.testing.connectors.stage import Scene, Stage, Witness
from bot.testing.simulator import Said

CHOICES = (Button(label="One", value="the first"), Button(label="Two", value="the second"))


class AskingLaws(Stage):
    """What can be said without typing is heard as if it had been typed."""

    async def test_a_button_is_what_it_says(self, scene: Scene) -> None:
        """Who pressed it and where, which message it stood under, and its value."""
        self.needs("buttons")
        async with scene.bot() as bot:
            shown = await show(scene, bot, Content(text="Which?", buttons=CHOICES))
            event = await pressed(scene, bot, shown, "Two")
        assert event.room
        assert event.sender
        assert event.content
        assert shown.buttons == ("One", "Two")
        assert (event.room.key, event.sender.key) == (scene.hall, scene.ann)
        assert event.target == shown.message
        assert (event.content.text, event.addressed) == ("the second", True)

    async def test_a_button_is_answered_each_time(self, scene: Scene) -> None:
        """To press it again is to say it again."""
        self.needs("buttons")
        async with scene.bot() as bot:
            shown = await show(scene, bot, Content(text="Which?", buttons=CHOICES))
            for count in (1, 2):
                await scene.platform.press(shown.message, scene.ann, "One")
                answers = await scene.answers(1 + count)
        assert [one.text for one in answers[1:]] == ["the first", "the first"]

    async def test_a_long_value_comes_back_whole(self, scene: Scene) -> None:
        """What a platform has no room for is kept here."""
        self.needs("buttons")
        long = "a long story " * 20
        choices = (*CHOICES, Button(label="Three", value=long.strip()))
        async with scene.bot() as bot:
            shown = await show(scene, bot, Content(text="Which?", buttons=choices))
            await scene.platform.press(shown.message, scene.ann, "Three")
            answers = await scene.answers(2)
        assert answers[1].text == long.strip()

    async def test_a_choice_is_what_it_says(self, scene: Scene) -> None:
        """Whether there is a list to choose from, or a button for each."""
        self.needs("buttons")
        async with scene.bot() as bot:
            choice = Content(text="Which?", selects=(Select(options=CHOICES),))
            shown = await show(scene, bot, choice)
            event = await pressed(scene, bot, shown, "Two")
        assert event.content
        assert event.content.text == "the second"

    async def test_a_command_runs_its_action(self, scene: Scene) -> None:
        """With its arguments as the action wants them, and in words that could be typed."""
        self.needs("commands")
        async with scene.bot() as bot:
            await scene.greet()
            arguments = {"one": 20, "other": 22}
            await scene.platform.command(scene.hall, scene.ann, "add", arguments)
            answers = await scene.answers(2)
            typed = [one.content.text for one in bot.told if one.content and one.addressed]
        assert answers[1].text == "42"
        assert typed == ["hello", "/add 20 22"]


async def show(scene: Scene, bot: Witness, content: Content) -> Said:
    """Let the bot say something in the hall; how it is seen there."""
    await bot.send(bot.service.room(scene.hall), content)
    [shown] = await scene.answers(1)
    await bot.is_done()
    return shown


async def pressed(scene: Scene, bot: Witness, shown: Said, label: str) -> Event:
    """Press a button, and wait for its answer; what was told of it."""
    await scene.platform.press(shown.message, scene.ann, label)
    await scene.answers(2)
    [event] = await bot.hears(1, EventKind.BUTTON)
    return event
