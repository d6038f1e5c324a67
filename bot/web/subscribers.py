"""The API of subscriptions: who is on the list of a topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.audience import Kind, Member, parse, shown
from bot.campaign import Imported
from bot.errors import TownhallError
from bot.memory import Room
from bot.web.answers import body_of, number, route
from bot.web.campaigns import notifications
from bot.web.orders import mistake

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from bot.services.notification import NotificationService

MOST = 10_000
"""The most addresses of one request or answer."""


class Change(BaseModel):
    """Who is to be put on the list of a topic, or else taken off it; the addresses."""

    model_config = ConfigDict(extra="forbid")

    topic: str = Field(default="news", pattern=r"^\S+$")
    add: Annotated[tuple[str, ...], Field(max_length=MOST)] = ()
    remove: Annotated[tuple[str, ...], Field(max_length=MOST)] = ()

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.add and self.remove:  # the counts of the answer would tell of neither
            raise ValueError("ask for `add` and for `remove` in a request of its own each")
        return self

    @classmethod
    async def of(cls, request: web.Request) -> Change:
        """What a request asks for.

        Raises:
            TownhallError: it makes no sense.
        """
        try:
            return cls.model_validate(await body_of(request))
        except ValidationError as error:
            raise TownhallError(mistake(error)) from None


class Subscribers:
    """Handles the requests about subscriptions."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            route("GET", "/api/topics", self._topics),
            route("GET", "/api/subscribers", self._list),
            route("POST", "/api/subscribers", self._change),
        ]

    @property
    def _service(self) -> NotificationService:
        return notifications(self._runtime)

    async def _topics(self, _request: web.Request) -> dict[str, int]:
        return await self._service.topics()

    async def _list(self, request: web.Request) -> list[Any]:
        topic = request.query.get("topic", "news")
        limit = min(number(request, "limit", 1_000), MOST)
        return list(await self._service.subscribers(topic, limit=limit))

    async def _change(self, request: web.Request) -> Imported:
        change = await Change.of(request)
        if change.remove:
            return await self._remove(change)
        return await self._service.import_rows(enumerate(change.add, 1), change.topic)

    async def _remove(self, change: Change) -> Imported:
        """Take addresses off a list; `known` are those that were not there."""
        removed, absent, bad = 0, 0, []
        for place, text in enumerate(change.remove, 1):
            try:
                member = await self._service.addresses.member(_address(text))
                platform, account, key = self._service.accounts.address(member)
            except TownhallError as error:
                bad.append((place, shown(text), str(error)))
                continue
            room = Room(platform=platform, account=account, key=key)
            if await self._service.unsubscribe(room, change.topic):
                removed += 1
            else:
                absent += 1
        return Imported(added=removed, known=absent, bad=tuple(bad))


def _address(text: str) -> Member:
    member = parse(text)
    if member.kind is not Kind.ADDRESS:
        raise TownhallError(f"{shown(text)!r} is no address, as telegram:-1001234 is")
    return member
