"""The simulators, the people on them, and the play."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from bot.cli.demo.play import ATTIC, DM, HALL, PEOPLE, How, Line
from bot.cli.demo.score import Score, score
from bot.memory import RoomKind
from bot.testing.simulator import Said, Simulator

READER = "You"


class Stage:
    """One platform: its simulator, rooms and people.

    Attributes:
        asked: the messages that the bot has to answer.
        names: of the people, by their ids.
        rooms: what the play calls each room, by its key.
        said: what was said, everywhere, in order.
    """

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.asked: set[str] = set()
        self.said: list[Said] = []
        self._people = {name: simulator.add_person(name) for name in (*PEOPLE, READER)}
        self.names = {key: name for name, key in self._people.items()}
        hall = simulator.add_room("Town hall")
        self._rooms = {
            (HALL, ""): hall,
            (ATTIC, ""): simulator.add_room("Attic", kind=RoomKind.THREAD, parent=hall),
        }
        for name, key in self._people.items():
            self._rooms[DM, name] = simulator.add_room(key, kind=RoomKind.DM)
        self.rooms = {key: room for (room, _), key in self._rooms.items()}
        self._latest: dict[tuple[str, str], str] = {}
        simulator.on_said.append(self.said.append)

    async def perform(self, line: Line) -> None:
        """Do what a line says."""
        room = self._rooms[line.room, line.person if line.room == DM else ""]
        place = room, line.person
        if line.how is How.CHANGING:
            await self.simulator.edit(self._latest[place], line.words)
        elif line.how is How.TAKING_BACK:
            await self.simulator.delete(self._latest[place])
        else:
            self._latest[place] = await self._say(room, line)

    async def _say(self, room: str, line: Line) -> str:
        said_by_bot = self.simulator.said_by_bot(room)
        answers = said_by_bot[-1].message if line.how is How.ANSWERING and said_by_bot else None
        message = await self.simulator.say(
            room,
            self._people[line.person],
            line.words,
            reply_to=answers,
            mention=line.how is How.NAMING or (line.how is How.ANSWERING and not answers),
        )
        if line.asks:
            self.asked.add(message)
        return message

    def score(self, ambiguous: int = 0) -> Score:
        """The figures so far."""
        return score(self.simulator.log.values(), self.asked, ambiguous=ambiguous)

    async def all_answered(self, timeout: float) -> None:
        """Return when nothing waits for an answer, or after `timeout` seconds."""
        with suppress(TimeoutError):
            await self.simulator.wait_for(lambda _: not self.score().lost, timeout=timeout)

    async def next_answer(self, timeout: float) -> None:
        """Return when the bot says something, or after `timeout` seconds."""
        before = self.spoken
        with suppress(TimeoutError):
            await self.simulator.wait_for(lambda _: self.spoken > before, timeout=timeout)

    @property
    def spoken(self) -> int:
        """How much the bot has said."""
        return Counter(one.by_bot for one in self.said)[True]


@asynccontextmanager
async def raised(kinds: Mapping[str, type[Simulator]]) -> AsyncIterator[dict[str, Stage]]:
    """A stage for each platform, for as long as the block lasts."""
    async with AsyncExitStack() as stack:
        yield {name: Stage(await stack.enter_async_context(kind())) for name, kind in kinds.items()}


def settings(stages: Iterable[Stage]) -> dict[str, str]:
    """What points a bot at all of them."""
    return {name: value for one in stages for name, value in one.simulator.settings.items()}


async def play(stage: Stage, lines: Sequence[Line], pause: float) -> None:
    """Say `lines`, with `pause` seconds between two."""
    for line in lines:
        await stage.perform(line)
        await asyncio.sleep(pause)
