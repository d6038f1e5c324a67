"""`townhall check`: what is set, where it comes from, and whether it works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import starmap
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot import logs
from bot.cli.checking import Section, ours, unknown_actions, unknown_platforms
from bot.cli.setup import Setup, misspelt, nothing_set_up, prepare, run_loop, wanted
from bot.connector import Connector, Identity, account_name
from bot.discovery import installed_connectors
from bot.errors import ConfigError, TownhallError, Unauthorized, Unavailable
from bot.runtime import Runtime
from bot.stores.sqlite import SqliteStore

LOGIN_SECONDS = 20.0
"""How long a login may take."""

Outcome = Identity | BaseException


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of trying an account.

    Args:
        notes: what will not work, or what to do.
    """

    works: bool
    text: str
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, setup: Setup, kind: type[Connector], account: str, outcome: Outcome) -> Verdict:
        """What a login answered or raised."""
        name = account_name(kind.platform, account)
        match outcome:
            case Identity():
                known_as = f" (@{outcome.username})" if outcome.username else ""
                return cls(True, f"{name} is {outcome.name}{known_as}", outcome.warnings)
            case ConfigError():
                return cls(False, f"{name}: {outcome.problem}", tuple(filter(None, [outcome.fix])))
            case Unauthorized():
                ways = (outcome.fix, *_credentials(setup, kind, account))
                return cls(False, f"{name}: {outcome}", tuple(filter(None, ways)))
            case TimeoutError():
                return cls(False, f"{name} does not answer within {LOGIN_SECONDS:.0f} s")
            case TownhallError():
                way = _places(setup, kind, account) if isinstance(outcome, Unavailable) else ()
                return cls(False, f"{name}: {outcome}", tuple(way))
            case _:
                return cls(False, f"{name}: {type(outcome).__name__}: {outcome}")

    @classmethod
    def wrong(cls, section: Section, error: ConfigError) -> Verdict:
        """What is wrong with a setting that belongs to no platform."""
        return cls(False, f"{section.title}: {error.problem}", tuple(filter(None, [error.fix])))


def _section(kind: type[Connector], account: str) -> Section:
    name = account_name(kind.platform, account)
    return Section(name, (kind.config_type,), account, kind.platform)


def check(source: str, database: Path | None, *, offline: bool) -> int:
    """Print what a bot would find; the exit code."""
    setup, console = prepare(source), Console(highlight=False)
    settings = setup.settings
    logs.configure(settings)
    kinds = installed_connectors()
    accounts, path = wanted(setup, kinds), setup.database(database)
    console.print(f"Character: {escape(setup.character.name)}")
    mistaken = (*misspelt(setup, kinds.values()), *unknown_platforms(setup.character, kinds))
    for warning in (*setup.warnings, *mistaken):
        console.print(f"[yellow]warning:[/] {escape(warning)}")
    sections = [*ours(settings)]
    for section in (*sections, *starmap(_section, accounts)):
        console.print(section.table(settings))
    for warning in unknown_actions(setup.character):
        console.print(f"[yellow]warning:[/] {escape(warning)}")
    if not accounts:
        console.print(f"[red]{escape(str(nothing_set_up(kinds.values())))}[/]", soft_wrap=True)
    verdicts = [Verdict.wrong(one, error) for one in sections for error in one.mistakes(settings)]
    verdicts += run_loop(partial(_try_all, setup, kinds, accounts, path, offline=offline))
    for verdict in verdicts:
        console.print(*_lines(verdict), sep="\n", soft_wrap=True)
    return 0 if accounts and all(verdict.works for verdict in verdicts) else 1


def _credentials(setup: Setup, kind: type[Connector], account: str) -> Iterator[str]:
    """What to look at where a platform refuses us."""
    config = kind.config_type
    asked = config.secrets() & {name for way in config.ways() for name in way}
    for name, found in setup.settings.explain(config, account, kind.platform).items():
        if found and name in asked:
            yield f"Check {found.name}. {config.model_fields[name].description}"


def _places(setup: Setup, kind: type[Connector], account: str) -> Iterator[str]:
    """What to look at where a platform cannot be reached."""
    found = setup.settings.explain(kind.config_type, account, kind.platform)
    urls = [one for name, one in found.items() if name.endswith("_url")]
    for one in filter(None, urls):
        yield f"Check {one.name}. It comes from {one.source}."
    if urls and not any(urls):
        yield "Check the network of this machine."


def _lines(verdict: Verdict) -> Iterator[str]:
    yield ("[green]✓[/] " if verdict.works else "[red]✗[/] ") + escape(verdict.text)
    yield from (f"  {escape(note)}" for note in verdict.notes)


async def _try_all(
    setup: Setup,
    kinds: Mapping[str, type[Connector]],
    accounts: list[tuple[type[Connector], str]],
    path: Path,
    *,
    offline: bool,
) -> list[Verdict]:
    """Try every account at once."""
    trial = _validate if offline else _log_in
    closed = nullcontext(SqliteStore(path))
    async with closed if offline or not accounts else _opened(path) as store:
        runtime = Runtime(setup.character, settings=setup.settings, store=store, connectors=kinds)
        trials = (trial(runtime, kind, account) for kind, account in accounts)
        outcomes = await asyncio.gather(*trials, return_exceptions=True)
    return [
        Verdict.of(setup, kind, account, outcome)
        for (kind, account), outcome in zip(accounts, outcomes, strict=True)
    ]


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[SqliteStore]:
    """The database, for what a login notes; where a bot has it, it can only be looked at."""
    async with AsyncExitStack() as stack:
        try:
            store = await stack.enter_async_context(SqliteStore(path))
        except ConfigError as error:
            try:
                store = await stack.enter_async_context(SqliteStore(path, read_only=True))
            except ConfigError:
                raise error from None  # the other says only that nothing is there
        yield store


async def _validate(runtime: Runtime, kind: type[Connector], account: str) -> Identity:
    runtime.settings.load(kind.config_type, account, kind.platform)
    return Identity(key=account, name="set up; the login was not tried")


async def _log_in(runtime: Runtime, kind: type[Connector], account: str) -> Identity:
    async with asyncio.timeout(LOGIN_SECONDS):
        connector = await kind.start(runtime, account)
        try:
            return await connector.login()
        finally:
            await connector.stop()
