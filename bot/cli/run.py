"""`townhall run`: a bot on the platforms."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import structlog
import typer

from bot import logs
from bot.cli.setup import Setup, misspelt, nothing_set_up, prepare, run_loop, wanted
from bot.cli.signals import until_signalled
from bot.connector import Connector
from bot.discovery import installed_connectors
from bot.errors import ConfigError, TownhallError
from bot.retention import RetentionConfig
from bot.runtime import Runtime
from bot.service import Health, ServiceState, Status
from bot.stores.sqlite import SqliteStore
from bot.supervisor import Supervised
from bot.web import Server
from bot.web.listening import bound
from bot.web.server import WebConfig

LOOK_EVERY = 0.02
"""Seconds between two looks at services that are still logging in."""
PATIENCE = 15.0
"""Seconds after which a service that is still logging in is called what it is."""


def run(source: str, database: Path | None, *, verbose: bool) -> None:
    """Run a bot until a signal ends it.

    Raises:
        ConfigError: nothing is set up, or what is set up is wrong.
    """
    setup = prepare(source)
    logs.configure(setup.settings, verbose=verbose)
    kinds = installed_connectors()
    _check(setup, kinds)
    setup.settings.load(RetentionConfig)  # a mistake is told before anything logs in
    web = setup.settings.load(WebConfig)
    for warning in (*setup.warnings, *misspelt(setup, kinds.values())):
        structlog.get_logger("bot").warning(warning)
    with bound(web.host, web.port) as sockets:
        run_loop(partial(_serve, setup, setup.database(database), kinds, sockets))


def _check(setup: Setup, kinds: Mapping[str, type[Connector]]) -> None:
    """Refuse to start where no account could; with one that can, the others are only down."""
    accounts = wanted(setup, kinds)
    if not accounts:
        raise nothing_set_up(kinds.values())
    mistakes = [_mistake(setup, kind, account) for kind, account in accounts]
    first = mistakes[0]
    if first and all(mistakes):
        raise first


def _mistake(setup: Setup, kind: type[Connector], account: str) -> ConfigError | None:
    try:
        setup.settings.load(kind.config_type, account, kind.platform)
    except ConfigError as error:
        return error
    return None


async def _serve(
    setup: Setup,
    database: Path,
    kinds: Mapping[str, type[Connector]],
    sockets: Sequence[socket.socket],
) -> None:
    with until_signalled():
        store = SqliteStore(database)
        async with (
            Runtime(
                setup.character, settings=setup.settings, store=store, connectors=kinds
            ) as runtime,
            Server(runtime, store.path).serve(sockets),
        ):
            await _announce(runtime)
            await _serve_on(runtime)


async def _announce(runtime: Runtime) -> None:
    """Print a line for each platform, once it is up or something is known to be wrong."""
    waiting, begun = _connectors(runtime), time.monotonic()
    while waiting:
        is_late = time.monotonic() - begun > PATIENCE
        for name, health in (await runtime.health()).items():
            if name in waiting and (is_late or _is_settled(waiting[name], health)):
                typer.echo(_line(waiting.pop(name), health))
        await asyncio.sleep(LOOK_EVERY if waiting else 0)


def _connectors(runtime: Runtime) -> dict[str, Supervised]:
    services = runtime.supervisor.services.items()
    return {name: one for name, one in services if issubclass(one.kind, Connector)}


def _is_settled(one: Supervised, health: Health) -> bool:
    return health.status is Status.UP or one.state is ServiceState.FAILED or one.restarts > 0


def _line(one: Supervised, health: Health) -> str:
    if health.status is Status.UP:
        return f"{one.name}: up"
    if health.status is Status.DEGRADED or _is_settled(one, health):  # then it was logged
        return f"{one.name}: {health.status}; the log says why"
    return f"{one.name}: {health.status}: {health.why}"


async def _serve_on(runtime: Runtime) -> None:
    """Wait for a signal.

    Raises:
        TownhallError: no platform is left on which the bot could ever do anything.
    """
    services = _connectors(runtime).values()
    if tasks := [one.task for one in services if one.task]:
        await asyncio.wait(tasks)
    if all(one.state is ServiceState.FAILED for one in services):
        raise TownhallError("nothing is left to do: no platform could be connected")
    await asyncio.Event().wait()
