"""Addresses that must not be stored as they are written, since they may hold a password."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bot.audience import MARK, Accounts, Kind, Member, parse, shown
from bot.connector import Connector, account_name
from bot.errors import DeliveryError, TownhallError

if TYPE_CHECKING:
    from bot.runtime import Runtime


class Addresses:
    """Looks up addresses that are URLs: what is stored of them is the key of the room."""

    def __init__(self, runtime: Runtime, accounts: Accounts) -> None:
        self._runtime, self._accounts = runtime, accounts

    async def checked(
        self, members: Sequence[str], without: Sequence[str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """An audience and who is left out of it, as they may be stored.

        Raises:
            TownhallError: there is nobody in it, or somebody that nobody can be.
        """
        if not members:
            raise TownhallError("the audience is empty: say who is to get it")
        self._accounts.audience(members, without)
        return await self.kept(members), await self.kept(without)

    async def kept(self, members: Iterable[str]) -> tuple[str, ...]:
        """Members of an audience, as they may be stored.

        Raises:
            TownhallError: one of them is nobody; it is not shown whole.
        """
        return tuple([str(await self.member(parse(one))) for one in members])

    async def member(self, member: Member) -> Member:
        """A member, with a room's key in place of a URL.

        Raises:
            TownhallError: nobody has that address, or nobody can tell now.
        """
        if member.kind is not Kind.ADDRESS or MARK not in member.name:
            return member
        platform, account, name = self._accounts.address(member)
        connector = self._runtime.get_service(account_name(platform, account))
        if not isinstance(connector, Connector):
            raise TownhallError(
                f"{shown(str(member))} cannot be looked up: {account_name(platform, account)} does"
                " not run"
            )
        try:
            room = await connector.room_of(name)
        except DeliveryError as error:
            raise TownhallError(f"{shown(str(member))} cannot be looked up: {error}") from error
        if room is None:
            raise TownhallError(f"{shown(str(member))} is nobody")
        return member.model_copy(update={"name": room.key})
