"""The API of notifications: campaigns, and who gets them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.campaign import Campaign, Preview, Progress, Recipient, RecipientState
from bot.connector import account_name
from bot.content import Content
from bot.errors import ConfigError, TownhallError, Unavailable
from bot.services.notification import NotificationService
from bot.web.answers import Conflict, Missing, acting, body_of, number, route
from bot.web.files import Files
from bot.web.orders import Order

if TYPE_CHECKING:
    from bot.runtime import Runtime

ACTS = ("launch", "pause", "resume", "cancel", "retry-failed", "retract")
"""What can be done to a campaign."""
MOST = 10_000
"""The most rows of one answer."""


def notifications(runtime: Runtime) -> NotificationService:
    """The service.

    Raises:
        Unavailable: it does not run.
    """
    if service := runtime.get_service(NotificationService):
        return service
    raise Unavailable("the notification service does not run; GET /api/health says why")


class Campaigns:
    """Handles the requests about campaigns.

    Args:
        files: where what is attached is kept.
    """

    def __init__(self, runtime: Runtime, files: Files) -> None:
        self._runtime, self._files = runtime, files

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        one = "/api/campaigns/{id}"
        return [
            route("POST", "/api/campaigns", self._create),
            route("POST", "/api/campaigns/preview", self._preview),
            route("GET", "/api/campaigns", self._list),
            route("GET", one, self._show),
            route("GET", f"{one}/progress", self._progress),
            route("GET", f"{one}/recipients", self._recipients),
            *(route("POST", f"{one}/{act}", self._act) for act in ACTS),
            route("GET", "/api/audience", self._default),
            route("POST", "/api/files", self._upload),
        ]

    @property
    def _service(self) -> NotificationService:
        return notifications(self._runtime)

    async def _create(self, request: web.Request) -> Campaign:
        order = Order.of(await body_of(request))
        content = order.content(self._files)
        if not (order.key and await self._service.campaign(order.key)):
            await self._check(order)
        campaign = await self._service.broadcast(content, order.to, **order.terms())
        if _said(campaign.content) != _said(content):
            raise Conflict(
                f"the campaign {campaign.key} says something else, and this was not sent"
                "\n  Another message needs another key; `townhall campaigns show` shows that one."
            )
        return campaign

    async def _check(self, order: Order) -> None:
        """Refuse what would go at another time than was meant, or to fewer.

        Raises:
            TownhallError: its time is over, somebody is not known, or nobody is left.
        """
        order.check_time()
        if order.draft or order.at:  # who gets it is decided then
            return
        if unknown := await self._service.unknown(order.to):
            raise TownhallError(f"to: nobody is known as {', '.join(unknown)}")
        if not await self._service.reaches(order.to, without=order.without):
            raise TownhallError("to: nobody is left to send it to")

    async def _preview(self, request: web.Request) -> Preview:
        order = Order.of(await body_of(request))
        order.check_time()
        content = order.content(self._files)
        return await self._service.preview(content, order.to, without=order.without)

    async def _list(self, request: web.Request) -> list[Campaign]:
        return await self._service.campaigns(number(request, "limit", 50))

    async def _show(self, request: web.Request) -> Campaign:
        name = request.match_info["id"]
        if found := await self._service.campaign(name):
            return found
        raise Missing(f"there is no campaign {name}")

    async def _progress(self, request: web.Request) -> Progress:
        campaign = await self._show(request)
        return await self._service.progress(campaign.id)

    async def _recipients(self, request: web.Request) -> list[Recipient]:
        campaign = await self._show(request)
        states = tuple(_state(one) for one in request.query.getall("state", []))
        return await self._service.recipients(
            campaign.id,
            states,
            after=number(request, "after", 0),
            limit=min(number(request, "limit", 1_000), MOST),
        )

    async def _act(self, request: web.Request) -> Campaign:
        campaign = await self._show(request)
        act = request.path.rpartition("/")[2]
        with acting():
            acted: Campaign = await getattr(self._service, act.replace("-", "_"))(campaign.id)
        return acted

    async def _default(self, _request: web.Request) -> list[str]:
        """The default rooms of every account, as the settings name them."""
        runtime, found = self._runtime, list[str]()
        for platform, account in runtime.outbox.senders:
            if kind := runtime.kind(platform):
                with suppress(ConfigError):  # then it is down, and says why
                    config = runtime.settings.load(kind.config_type, account, platform)
                    name = account_name(platform, account)
                    found += [f"{name}:{room}" for room in getattr(config, "rooms", ())]
        return found

    async def _upload(self, request: web.Request) -> dict[str, Any]:
        """Keep the body as a file, to be attached."""
        name = request.query.get("name", "")
        if not name:
            raise TownhallError("name: give the file a name, as /api/files?name=report.pdf")
        path = await self._files.receive(name, request.content.iter_chunked(2**20))
        return {"path": str(path)}


def _said(content: Content) -> tuple[Content, tuple[str, ...]]:
    """What can be told apart: each time, a file is kept in another place."""
    names = tuple(one.name for one in content.attachments)
    return content.model_copy(update={"attachments": ()}), names


def _state(text: str) -> RecipientState:
    try:
        return RecipientState(text)
    except ValueError:
        there = ", ".join(RecipientState)
        raise TownhallError(f"state: there is no {text!r}; there are {there}") from None
