"""A bot that kills itself where it is told to; run as a process of its own.

    python mortal.py FOLDER POINT [TEXT ...]

The folder holds its database, `sent` (what the platform took) and `done` (what its action did).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
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
from bot.testing.connector import said

FOLDER, POINT = Path(sys.argv[1]), sys.argv[2]
told = asyncio.Event()
SENT, DONE = FOLDER / "sent", FOLDER / "done"


def die_at(point: str) -> None:
    """End as a power cut would, if this is the point."""
    if point == POINT:
        os.kill(os.getpid(), signal.SIGKILL)


def note(file: Path, line: str) -> None:
    """Add a line that survives us."""
    with file.open("a") as stream:
        stream.write(line.replace("\n", " ") + "\n")


class PaperService(Connector):
    """A platform that is a file: each line is a message."""

    service_type = platform = "paper"
    capability_description = "Writes to a file"
    capabilities = Capabilities(max_length=40, idempotency=Idempotency.LOOKUP)

    async def listen(self, deliver):
        """What is told is what the command line says; the same texts are the same events."""
        texts = enumerate(sys.argv[3:])
        await deliver(*(said(text, n, platform="paper") for n, text in texts))
        die_at("stored")
        told.set()
        await asyncio.Event().wait()

    async def send(self, part):
        """See `Connector.send`."""
        die_at("before sending")
        note(SENT, part.text)
        if part.ordinal == 0:
            die_at("after sending")
        else:
            die_at("after the second part")
        return Receipt(message=f"{part.delivery}/{part.ordinal}")

    async def find(self, part):
        """See `Connector.find`."""
        if POINT == "blind":
            raise Unconfirmed("nobody knows")
        there = SENT.exists() and part.text.replace("\n", " ") in SENT.read_text().splitlines()
        return Receipt(message=f"{part.delivery}/{part.ordinal}") if there else None


@action
async def pay(turn, amount: int) -> str:
    """Pay."""
    die_at("before the effect")
    note(DONE, f"paid {amount}")
    die_at("after the effect")
    return f"You paid {amount}."


@action(idempotent=True)
async def look(turn) -> str:
    """Look."""
    note(DONE, "looked")
    die_at("while looking")
    return "I looked."


async def model(params):
    """Decides by how often it was asked, so that a rerun would decide otherwise."""
    text = params.messages[-1].text
    if text == "poison":
        die_at("poisoned")
    note(FOLDER / "asked", text)
    times = (FOLDER / "asked").read_text().splitlines().count(text)
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


async def main() -> None:
    """Run until nothing waits."""
    runtime = Runtime(
        Character(name="Mortal", connectors=("paper",)),
        settings=Settings([Layer("none")]),
        store=SqliteStore(FOLDER / "townhall.db"),
        plugins=(TOOLS,),
        connectors={"paper": PaperService},
        discover=False,
    )
    async with runtime:
        await told.wait()
        await runtime.inbox.lanes.drain()
        await runtime.outbox.senders["paper", "default"].drain()


if __name__ == "__main__":
    asyncio.run(main())
