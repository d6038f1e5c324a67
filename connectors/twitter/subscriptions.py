"""The subscriptions of the activity stream, kept in step with what the bot needs."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.connector import Identity
from bot.errors import DeliveryError, Rejected, StoreError, Unavailable, Unconfirmed
from connectors.twitter.doings import DELETION, DIRECT_MESSAGE, MENTION, PROFILE
from connectors.twitter.objects import some

if TYPE_CHECKING:
    from connectors.twitter.connector import TwitterService

PATH = "/2/activity/subscriptions"

MOST = 1_000
"""The most that X lists at once; it has no next page (docs.x.com, get X activity subscriptions)."""

MANY = 100
"""The most that X deletes at once (docs.x.com, delete X activity subscriptions by ids)."""

WANTED = (MENTION, DIRECT_MESSAGE, DELETION, *PROFILE)
"""What we want to be told of, all of it about ourselves. Without the first there is no stream."""

NOTE = "activity"
"""That there may be some of ours: X keeps them when the setting goes."""


class Subscriptions:
    """Ours among those of the app: they are told by their tags, and others are left alone."""

    def __init__(self, service: TwitterService, me: Identity) -> None:
        self._service, self._client, self._me = service, service.client, me
        self._tag = f"townhall/{me.key}/"
        self._refused: set[str] = set()

    def are_meant(self, doing: Any) -> bool:
        """Whether X tells of something because of us: the app may have others, too."""
        subject = _filter(doing).get("user_id", self._me.key)
        return subject == self._me.key or self._is_ours(doing)

    async def sync(self) -> None:
        """Add what is missing and remove what is no longer needed.

        Raises:
            DeliveryError: X does not let us.
        """
        known = await self._known()
        # What somebody else has made is brought on the stream just as well.
        there = {str(one.get("event_type")) for one in known if _filter(one) == self._filter}
        missing = [kind for kind in WANTED if kind not in there | self._refused]
        if missing:
            with suppress(StoreError):  # a restart with another setting would not know of them
                await self._service.keep(NOTE, "on")
        for kind in missing:
            try:
                await self._add(kind)
            except Rejected as error:
                if kind == MENTION:
                    raise
                self._refused.add(kind)
                logger = self._service.runtime.logger
                logger.warning("x does not tell of this at once", kind=kind, why=str(error))
        await self._remove(one for one in known if one.get("event_type") not in WANTED)

    async def clear(self) -> None:
        """Remove all of ours, if there are any; what fails now is done at the next start."""
        try:
            if await self._service.note(NOTE):
                await self._remove(await self._known())
                await self._service.keep(NOTE, None)
        except (DeliveryError, StoreError) as error:
            self._service.runtime.logger.warning("x keeps its subscriptions", why=str(error))

    @property
    def _filter(self) -> dict[str, str]:
        return {"user_id": self._me.key}

    def _is_ours(self, one: Any) -> bool:
        return str(one.get("tag")).startswith(self._tag)

    async def _known(self) -> list[Any]:
        answer = await self._client.request("GET", PATH, {"max_results": MOST})
        return _listed(await answer.json(), "data")

    async def _add(self, kind: str) -> None:
        """Subscribe, as our account: what concerns it alone, X tells only with its consent."""
        body = {"event_type": kind, "filter": self._filter, "tag": f"{self._tag}{kind}"}
        try:
            answer = await self._client.request("POST", PATH, json=body, user_auth=True)
        except Unconfirmed as error:  # to look again and ask once more does no harm
            raise Unavailable(str(error)) from error
        if problems := _listed(await answer.json(), "errors"):
            raise Rejected(f"X: {problems[0].get('detail') or problems[0].get('title')}")

    async def _remove(self, known: Any) -> None:
        old = [str(one.get("subscription_id")) for one in known if self._is_ours(one)]
        for start in range(0, len(old), MANY):
            ids = ",".join(old[start : start + MANY])
            try:
                await self._client.request("DELETE", PATH, {"ids": ids})
            except Unconfirmed as error:
                raise Unavailable(str(error)) from error


def _listed(body: Any, name: str) -> list[Any]:
    return some(body.get(name)) if isinstance(body, dict) else []


def _filter(one: Any) -> dict[str, Any]:
    given = one.get("filter")
    return {k: v for k, v in given.items() if v} if isinstance(given, dict) else {}
