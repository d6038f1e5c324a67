"""Who is meant: the members of an audience, as people write them.

topic:news              who subscribed to it
tag:vip                 whom we put there ourselves
platform:telegram       every open room of all its accounts; where all read one place, that place
account:discord/sales   every open room of one account
all                     every platform
telegram:-1001234       an address; telegram/sales:@name is one of another account
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from bot.errors import TownhallError
from bot.value import Value, now

ADDRESS = re.compile(r"(?P<platform>[a-z][\w-]*)(?:/(?P<account>[\w.-]+))?:(?P<name>\S.*)")

MARK = "://"
SECRET = re.compile(r"(\w[\w+.-]*://)\S+")
"""An address; what follows its scheme may hold secrets."""

Account = tuple[str, str]
"""A platform, and the name of one of its accounts."""


def hidden(text: str) -> str:
    """A text in which of each address only the scheme is left: the rest may be a password."""
    return SECRET.sub(r"\1…", text) if MARK in text else text


def shown(member: str) -> str:
    """A member of an audience as others may see it: of an address, nothing behind its scheme."""
    scheme, mark, _ = member.partition(MARK)
    return f"{scheme}{mark}…" if mark else member


class Kind(StrEnum):
    """What a member of an audience is."""

    ALL = "all"
    TOPIC = "topic"
    TAG = "tag"
    PLATFORM = "platform"
    ACCOUNT = "account"
    ADDRESS = "address"


class Member(Value):
    """One member of an audience.

    Args:
        name: of the topic, tag, platform or account; of an address, what its connector reads.
        platform: of an address.
        account: of an address; None for the only one, or the default.
    """

    kind: Kind
    name: str = ""
    platform: str = ""
    account: str | None = None

    def __str__(self) -> str:
        """As people write it."""
        if self.kind is Kind.ALL:
            return self.kind
        if self.kind is not Kind.ADDRESS:
            return f"{self.kind}:{self.name}"
        own = f"/{self.account}" if self.account else ""
        return f"{self.platform}{own}:{self.name}"

    @property
    def topic(self) -> str:
        """What the store calls the topic or tag."""
        return f"tag:{self.name}" if self.kind is Kind.TAG else self.name


def parse(text: str) -> Member:
    """The member that a text names.

    Raises:
        TownhallError: it names none.
    """
    text = text.strip()
    if text == Kind.ALL:
        return Member(kind=Kind.ALL)
    kind, colon, name = text.partition(":")
    if colon and name.strip() and kind in (Kind.TOPIC, Kind.TAG, Kind.PLATFORM, Kind.ACCOUNT):
        return Member(kind=Kind(kind), name=name.strip())
    if (found := ADDRESS.fullmatch(text)) and kind not in list(Kind):
        return Member(kind=Kind.ADDRESS, **found.groupdict())
    raise TownhallError(
        f"{shown(text)!r} is nobody: write topic:NAME, tag:NAME, platform:NAME, account:NAME, all,"
        " or an address, as telegram:-1001234"
    )


class Audience(Value):
    """An audience, as the store looks it up. Nobody is in it twice.

    Args:
        named: platform, account and room of each address.
        topics: topics and tags.
        accounts: those whose open rooms are meant.
        at: who subscribes after this is not in it.
    """

    named: tuple[tuple[str, str, str], ...] = ()
    topics: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()
    without_named: tuple[tuple[str, str, str], ...] = ()
    without_topics: tuple[str, ...] = ()
    without_accounts: tuple[Account, ...] = ()
    at: datetime = Field(default_factory=now)


class Accounts:
    """The accounts that a bot has, to look up what members of an audience mean.

    Args:
        public: for a platform, the key of the one room that all of it reads, or nothing.
    """

    def __init__(self, accounts: Collection[Account], public: Callable[[str], str]) -> None:
        self._accounts, self._public = accounts, public

    def audience(self, members: Iterable[str], without: Iterable[str] = ()) -> Audience:
        """What the texts mean.

        Raises:
            TownhallError: one of them names nobody that there could be.
        """
        wanted, unwanted = [parse(one) for one in members], [parse(one) for one in without]
        rooms = dict.fromkeys(self._rooms_of(wanted))
        return Audience(
            named=tuple(dict.fromkeys((*self._named(wanted), *self._timelines(rooms)))),
            topics=_topics(wanted),
            accounts=tuple(one for one in rooms if not self._public(one[0])),
            without_named=tuple(self._named(unwanted)),
            without_topics=_topics(unwanted),
            without_accounts=tuple(self._rooms_of(unwanted)),
        )

    def address(self, member: Member) -> tuple[str, str, str]:
        """Platform, account and room of an address.

        Raises:
            TownhallError: the bot has no such account.
        """
        here = [account for platform, account in self._accounts if platform == member.platform]
        if not here:
            instead = self._instead("platform", member.platform)
            raise TownhallError(f"{shown(str(member))} is nobody: {instead}")
        account = member.account or ("default" if "default" in here or len(here) > 1 else here[0])
        if account not in here:
            name = f"{member.platform}/{account}"
            instead = self._instead("account", name)
            raise TownhallError(f"{shown(str(member))} is nobody: {instead}")
        return member.platform, account, member.name

    def _named(self, members: Iterable[Member]) -> Iterator[tuple[str, str, str]]:
        return (self.address(one) for one in members if one.kind is Kind.ADDRESS)

    def _timelines(self, accounts: Iterable[Account]) -> Iterator[tuple[str, str, str]]:
        return ((*one, room) for one in accounts if (room := self._public(one[0])))

    def _rooms_of(self, members: Iterable[Member]) -> Iterator[Account]:
        """The accounts whose rooms are meant."""
        for member in members:
            if member.kind is Kind.ALL:
                yield from self._accounts
            elif member.kind in (Kind.PLATFORM, Kind.ACCOUNT):
                yield from self._of(member)

    def _of(self, member: Member) -> list[Account]:
        platform, _, account = member.name.partition("/")
        found = [
            one
            for one in self._accounts
            if one[0] == platform
            and (member.kind is Kind.PLATFORM or one[1] == (account or "default"))
        ]
        if not found or (account and member.kind is Kind.PLATFORM):
            raise TownhallError(f"{member} is nobody: {self._instead(member.kind, member.name)}")
        return found

    def _instead(self, kind: str, name: str) -> str:
        there = sorted({p if kind == "platform" else f"{p}/{a}" for p, a in self._accounts})
        shown = ", ".join(one.removesuffix("/default") for one in there) or "none"
        return f"the bot has no {kind} {name}. It has: {shown}"


def _topics(members: Iterable[Member]) -> tuple[str, ...]:
    found = (one.topic for one in members if one.kind in (Kind.TOPIC, Kind.TAG))
    return tuple(dict.fromkeys(found))
