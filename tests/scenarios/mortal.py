"""A bot that kills itself where it is told to; run as a process of its own.

    python mortal.py FOLDER POINT [TEXT ...]

The folder holds its database, `sent` (what the platform took) and `done` (what its action did).
Besides the named points there are `before commit N` and `after commit N`, for every N.

Without arguments it reads lines of them from its input, as JSON, lives through each in a fork, and
prints whether it died: to import all this takes longer than to live.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from itertools import count
from pathlib import Path

from bot import (
    Capabilities,
    Character,
    Connector,
    Generated,
    Idempotency,
    Layer,
    ModelHandler,
    ModelType,
    Plugin,
    Receipt,
    Runtime,
    Settings,
    SqliteStore,
    ToolCall,
    Unconfirmed,
    action,
)
from bot.campaign import CampaignState
from bot.part import Priority
from bot.service import Status
from bot.services.notification import NotificationService
from bot.stores.sqlite.commit import SqliteCommit
from bot.testing.connector import said

ANNOUNCE = "announce"
ROOMS = ("one", "two", "three", "four")


class Life:
    """Where we live, what is said to us, and where we die."""

    folder: Path
    point: str
    texts: tuple[str, ...]


def die_at(point: str) -> None:
    """End as a power cut would, if this is the point."""
    if point == Life.point:
        os.kill(os.getpid(), signal.SIGKILL)


def note(name: str, line: str) -> None:
    """Add a line that survives us."""
    with (Life.folder / name).open("a") as stream:
        stream.write(line.replace("\n", " ") + "\n")


def noted(name: str) -> list[str]:
    """The lines so far."""
    file = Life.folder / name
    return file.read_text().splitlines() if file.exists() else []


class MortalCommit(SqliteCommit):
    """A commit to die before or after."""

    numbers = count(1)

    async def __aexit__(self, *exc):
        number = next(self.numbers)
        die_at(f"before commit {number}")
        await super().__aexit__(*exc)
        die_at(f"after commit {number}")


class MortalStore(SqliteStore):
    """A store whose commits count."""

    def commit(self, lease=None):
        """See `Store.commit`."""
        return MortalCommit(self._writer, lease)


def written(part):
    """A part as a line: what is announced says to whom."""
    return part.text if part.priority is Priority.REPLY else f"{part.text} to {part.room.key}"


class PaperService(Connector):
    """A platform that is a file: each line is a message."""

    service_type = platform = "paper"
    capability_description = "Writes to a file"
    capabilities = Capabilities(max_length=40, idempotency=Idempotency.LOOKUP)
    told: asyncio.Event

    async def listen(self, deliver):
        """What is told is what the command line says; the same texts are the same events."""
        self.report(Status.UP)
        texts = enumerate(Life.texts)
        await deliver(*(said(text, n, platform="paper", room=place(text)) for n, text in texts))
        die_at("stored")
        self.told.set()
        await asyncio.Event().wait()

    async def send(self, part):
        """See `Connector.send`."""
        die_at("before sending")
        note("sent", written(part))
        if part.ordinal == 0:
            die_at("after sending")
        else:
            die_at("after the second part")
        return Receipt(message=f"{part.delivery}/{part.ordinal}")

    async def find(self, part):
        """See `Connector.find`."""
        if Life.point == "blind":
            raise Unconfirmed("nobody knows")
        there = written(part).replace("\n", " ") in noted("sent")
        return Receipt(message=f"{part.delivery}/{part.ordinal}") if there else None


def place(text):
    """The room in which something is said."""
    return "elsewhere" if text == "slow" else "lobby"


@action
async def pay(turn, amount: int) -> str:
    """Pay."""
    die_at("before the effect")
    note("done", f"paid {amount}")
    die_at("after the effect")
    return f"You paid {amount}."


@action(idempotent=True)
async def look(turn) -> str:
    """Look."""
    note("done", "looked")
    die_at("while looking")
    return "I looked."


async def model(params):
    """Decides by how often it was asked, so that a rerun would decide otherwise."""
    text = params.messages[-1].text
    if text == "poison":
        die_at("poisoned")
    if text == "slow":
        await asyncio.sleep(0.3)
    note("asked", text)
    times = noted("asked").count(text)
    if text == "pay":
        call = ToolCall(id="1", name="pay", arguments={"amount": times})
        return Generated(calls=(call, ToolCall(id="2", name="look")))
    if text == "look":
        return Generated(calls=(ToolCall(id="1", name="look"),))
    return Generated(text=f"{text}, time {times}")


TOOLS = Plugin(
    "tools",
    actions=(pay, look),
    models=(ModelHandler(ModelType.TEXT_LARGE, model, "model"),),
)
NEWS = Plugin("news", services=(NotificationService,))


async def announce(notifications):
    """Tell a few rooms the news, once however often it is asked, and see it through."""
    audience = [f"paper:{room}" for room in ROOMS]
    campaign = await notifications.broadcast("News", audience, key="news")
    while campaign.state is not CampaignState.DONE:
        await asyncio.sleep(0.01)
        campaign = await notifications.campaign(campaign.id)


async def main() -> None:
    """Run until nothing waits."""
    PaperService.told = asyncio.Event()
    runtime = Runtime(
        Character(name="Mortal", connectors=("paper",)),
        settings=Settings([Layer("none")]),
        store=MortalStore(Life.folder / "townhall.db"),
        plugins=(TOOLS, NEWS) if ANNOUNCE in Life.texts else (TOOLS,),
        connectors={"paper": PaperService},
        discover=False,
    )
    async with runtime:
        await PaperService.told.wait()
        if ANNOUNCE in Life.texts:
            await announce(runtime.get_service(NotificationService))
        await runtime.turns.lanes.drain()
        await runtime.outbox.senders["paper", "default"].drain()


def live(folder, point, *texts):
    """Live once."""
    Life.folder, Life.point, Life.texts = Path(folder), point, texts
    asyncio.run(main())


def live_again_and_again():
    """Live once in a fork for each line of the input."""
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            sys.stdout = sys.stderr  # what is printed is for whoever reads our answers
            live(*json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        live(*sys.argv[1:])
    else:
        live_again_and_again()
