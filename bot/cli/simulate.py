"""`townhall simulate`: the platforms on this machine."""

from __future__ import annotations

import asyncio
import errno
import shlex
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import orjson
import typer

from bot.cli.setup import run_loop
from bot.cli.signals import until_signalled
from bot.discovery import installed_simulators
from bot.errors import ConfigError
from bot.testing.simulator import Simulator

LAST_PORT = 65_535


def simulate(platforms: Sequence[str], host: str, port: int, *, as_json: bool) -> None:
    """Run simulators until a signal ends them.

    Raises:
        ConfigError: there is no such platform, or a port is taken or does not exist.
    """
    kinds = _chosen(platforms)
    if port and port + len(kinds) - 1 > LAST_PORT:
        raise ConfigError(
            f"there are no {len(kinds)} ports from {port} on",
            fix=f"The last one is {LAST_PORT}. Name a lower --port, or none for any that are free.",
        )
    run_loop(partial(_serve, kinds, host, port, as_json=as_json))


def _chosen(platforms: Iterable[str]) -> dict[str, type[Simulator]]:
    known = installed_simulators()
    for platform in platforms:
        if platform not in known:
            raise ConfigError(
                f"there is no simulator of {platform}", fix=f"There are: {', '.join(known)}."
            )
    return {name: known[name] for name in dict.fromkeys(platforms or known)}


async def _serve(
    kinds: Mapping[str, type[Simulator]], host: str, port: int, *, as_json: bool
) -> None:
    with until_signalled():
        async with AsyncExitStack() as stack:
            simulators = [
                await stack.enter_async_context(_listening(kind(host, port and port + place)))
                for place, kind in enumerate(kinds.values())
            ]
            typer.echo(_as_json(simulators) if as_json else _as_shell(simulators))
            await asyncio.Event().wait()


@asynccontextmanager
async def _listening(simulator: Simulator) -> AsyncIterator[Simulator]:
    """The simulator, once it listens.

    Raises:
        ConfigError: it cannot.
    """
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(simulator)
        except OSError as error:
            raise _refused(simulator, error) from error
        yield simulator


def _refused(simulator: Simulator, error: OSError) -> ConfigError:
    where = f"{simulator.host}:{simulator.port}"
    if error.errno == errno.EADDRINUSE:
        fix = "Name another with --port, or none for any that is free."
        return ConfigError(f"port {simulator.port} is in use ({where})", fix=fix)
    return ConfigError(f"cannot listen on {where}: {error}", fix="Name another --host or --port.")


def _as_json(simulators: Iterable[Simulator]) -> str:
    found = {one.platform: {"url": one.url, "settings": one.settings} for one in simulators}
    return orjson.dumps(found).decode()


def _as_shell(simulators: Iterable[Simulator]) -> str:
    lines = ["# These settings point a bot here: paste them into the shell that starts it."]
    for one in simulators:
        lines += [f"# {one.platform} on {one.url}, its control API on {one.url}/control"]
        lines += [f"export {name}={shlex.quote(value)}" for name, value in one.settings.items()]
    lines += ["# docs/simulators.md describes the control API. Ctrl-C ends the simulators."]
    return "\n".join(lines)
