"""The demo on a terminal: the platforms side by side, and a line for the reader to speak in."""

from __future__ import annotations

import asyncio
from collections import deque

from rich.console import Console, ConsoleOptions, RenderResult
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.segment import Segment
from rich.text import Text

from bot.cli.demo.keyboard import Prompt, keyboard
from bot.cli.demo.play import DM, How, Line
from bot.cli.demo.show import Figures, Show
from bot.cli.demo.stage import READER, Stage
from bot.race import first_to_end
from bot.testing.simulator import Said

PAUSE = 1.2
"""Seconds between two lines where somebody reads them."""
FRAME = 0.1
SHOWN = 60
"""Messages of a platform that are drawn; more than a screen holds."""
HELP = "type to talk · discord hi: talk there · /kill: kill -9 the bot · Ctrl-C: leave"


class Screen:
    """What is drawn, and what becomes of a line that the reader typed."""

    def __init__(self, show: Show) -> None:
        self.show, self.left, self.is_over = show, asyncio.Event(), False
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self.prompt = Prompt(self.lines.put_nowait, self.left.set)
        self.platform = next(iter(show.stages))
        self._news: deque[str] = deque(["the bot is up on all platforms"], maxlen=2)
        show.tell = self._news.append

    async def play(self) -> None:
        """Play the script, then leave the stage to the reader."""
        await self.show.play(PAUSE)
        self.is_over = True
        self.show.tell("the script is over; talk on, or leave with Ctrl-C to see the figures")
        await asyncio.Event().wait()

    async def obey(self) -> None:
        """Do what the reader types."""
        while True:
            line = await self.lines.get()
            first, _, rest = line.partition(" ")
            word = first.lstrip("/@").lower()
            if line == "/kill":
                await self.show.accident()
                continue
            if word in self.show.stages:
                self.platform, line = word, rest.strip()
            if line:
                said = Line(DM, READER, How.TO_THE_ROOM, line)
                await self.show.stages[self.platform].perform(said)

    def __rich__(self) -> Layout:
        """The whole screen."""
        columns = Layout()
        columns.split_row(
            *(Layout(_column(name, stage)) for name, stage in self.show.stages.items())
        )
        layout = Layout()
        layout.split_column(
            Layout(Panel(Text("\n".join(self._news)), title="Townhall"), size=4),
            columns,
            Layout(self._footer(), size=3),
        )
        return layout

    def _footer(self) -> Panel:
        line = Text.assemble((f"{self.platform}> ", "bold cyan"), self.prompt.text, ("█", "dim"))
        return Panel(line, subtitle=HELP, subtitle_align="left")


class Tail:
    """The end of a text: as many of its lines as there is room for."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._text, options.update(height=None), pad=False)
        for line in lines[-(options.height or len(lines)) :]:
            yield from line
            yield Segment.line()


def _column(name: str, stage: Stage) -> Panel:
    score = stage.score()
    text = Text("\n").join(_line(stage, said) for said in stage.said[-SHOWN:])
    counters = f"in {score.asked} · out {score.answered} · {score.percentile(0.5):.0f} ms"
    return Panel(Tail(text), title=name, subtitle=counters)


def _line(stage: Stage, said: Said) -> Text:
    room = stage.rooms.get(said.room, "")
    if said.by_bot:
        return Text.assemble((f"  Eliza [{room}] ", "bold green"), (said.text, "green"))
    name = stage.names.get(said.person, said.person)
    return Text.assemble((f"{name} [{room}] ", "bold cyan"), said.text)


async def watch(show: Show) -> Figures | None:
    """Draw until the reader leaves; the figures, if the script came to its end."""
    screen = Screen(show)
    with keyboard(screen.prompt.feed), Live(screen, screen=True, auto_refresh=False) as live:
        await first_to_end(screen.left.wait(), screen.play(), screen.obey(), _draw(live))
    return await show.finish() if screen.is_over else None


async def _draw(live: Live) -> None:
    while True:
        live.refresh()
        await asyncio.sleep(FRAME)
