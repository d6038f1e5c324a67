"""What we say and do on X: posts, answers, direct messages, likes, reposts, deletions."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.content import Verb
from bot.errors import Rejected, Unconfirmed
from bot.part import Part, Receipt
from bot.store import is_of_another
from connectors.twitter import translate, wording
from connectors.twitter.errors import Done, Duplicate, Gone
from connectors.twitter.media import Uploads
from connectors.twitter.objects import id_at, number, some

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from connectors.twitter.client import Client
    from connectors.twitter.purse import Purse

VERBS = frozenset({Verb.SAY, Verb.DELETE, Verb.REACT, Verb.UNREACT, Verb.REPOST})
"""X lets only people edit, and has one reaction: the like."""

DM_VERBS = frozenset({Verb.SAY, Verb.DELETE})

PAGE = 100
"""The largest page that X gives."""

EARLIER = timedelta(minutes=5)
"""How much older than its delivery a post may seem: X dates it by its own clock. X takes the same
words again only after far longer."""

POST_FIELDS = "entities,note_tweet,referenced_tweets"

_FILE = re.compile(r"/status/\d+/(?:photo|video)/\d+$")


class Outgoing:
    """Speaks and acts as one account.

    Args:
        me: who that is, by X's id.
        purse: pays for what is read.
    """

    def __init__(
        self,
        client: Client,
        runtime: Runtime,
        me: Callable[[], Awaitable[str]],
        purse: Purse,
    ) -> None:
        self._client, self._me, self._purse, self._store = client, me, purse, runtime.store
        self._uploads = Uploads(client, runtime.media)
        self._changes = {
            Verb.DELETE: self._delete,
            Verb.REACT: self._like,
            Verb.UNREACT: self._unlike,
            Verb.REPOST: self._repost,
        }

    async def send(self, part: Part) -> Receipt:
        """Post, answer, or write a direct message.

        A duplicate is `Rejected`, unless our timeline holds this very part, from an attempt of
        which we lost sight.
        """
        if part.room.key.startswith(translate.DM):
            return await self._message(part)
        try:
            return await self._post(part)
        except Duplicate:
            with suppress(Unconfirmed):
                if found := await self.find(part):
                    return found
            raise

    async def find(self, part: Part) -> Receipt | None:
        """Look through all our posts since it was to be sent first, but for those of other parts.

        Raises:
            Unconfirmed: it is a direct message, or files alone: several may be alike. Or nobody
                knows since when to look.
        """
        answered = translate.answered(part)
        if part.room.key.startswith(translate.DM) or not (part.text.strip() or answered):
            raise Unconfirmed("X cannot tell whether it arrived")
        async for post in self._own_posts(await self._start(part, answered)):
            message = str(post["id"])
            if _is_same(post, part) and not await is_of_another(self._store, message, part):
                return Receipt(message=message)
        return None

    async def change(self, part: Part) -> None:
        """Delete, like, unlike or repost `part.target`.

        What is done already, or no longer there, is no error.
        """
        do = self._changes.get(part.verb)
        if do is None or part.target is None:
            raise Rejected(f"X cannot {part.verb} this")
        is_message = part.target.startswith(translate.DM)
        if is_message and part.verb not in DM_VERBS:
            raise Rejected(f"X cannot {part.verb} a direct message for a bot")
        with suppress(Done, Gone):
            await do(part.target)

    async def _start(self, part: Part, answered: str | None) -> int:
        """The id behind which it has its own: that of what it answers, or of when it was made."""
        delivery = await self._store.delivery(part.delivery)
        made = id_at(delivery.created_at - EARLIER) if delivery else 0
        start = max(made, number({"id": answered}) or 0)
        if not start:
            raise Unconfirmed("nobody knows when it was to be sent")
        return start

    async def _own_posts(self, since: int) -> AsyncIterator[Any]:
        """Our posts that are newer than the id `since`, the newest first."""
        token = None
        while True:
            page = await self._client.get_users_tweets(
                await self._me(),
                since_id=since,
                pagination_token=token,
                max_results=PAGE,
                tweet_fields=POST_FIELDS,
                user_auth=True,
            )
            posts = [post for post in some(_field(page, "data")) if "id" in post]
            await self._purse.pay("owned", [str(post["id"]) for post in posts])
            for post in posts:
                yield post
            token = _field(_field(page, "meta"), "next_token")
            if not token:
                return

    async def _post(self, part: Part) -> Receipt:
        media = await self._uploads.ids(part.attachments, use="tweet")
        answer = await self._client.create_tweet(
            text=part.text or None,
            in_reply_to_tweet_id=translate.answered(part),
            media_ids=media or None,
        )
        return _receipt(answer, "id")

    async def _message(self, part: Part) -> Receipt:
        if len(part.attachments) > 1:
            raise Rejected("X takes one file in a direct message: send the others after it")
        media = await self._uploads.ids(part.attachments, use="dm")
        answer = await self._client.create_direct_message(
            dm_conversation_id=part.room.key.removeprefix(translate.DM),
            text=part.text or None,
            media_id=media[0] if media else None,
        )
        return _receipt(answer, "dm_event_id", translate.DM)

    async def _delete(self, target: str) -> None:
        if target.startswith(translate.DM):
            route = f"/2/dm_events/{target.removeprefix(translate.DM)}"
            await self._client.request("DELETE", route, user_auth=True)
        else:
            await self._client.delete_tweet(target)

    async def _like(self, target: str) -> None:
        await self._on_ours("POST", "likes", json={"tweet_id": target})

    async def _unlike(self, target: str) -> None:
        await self._on_ours("DELETE", f"likes/{target}")

    async def _repost(self, target: str) -> None:
        await self._on_ours("POST", "retweets", json={"tweet_id": target})

    async def _on_ours(self, method: str, what: str, **body: Any) -> None:
        # tweepy has these, but reads our id out of a token that only OAuth 1.0a has.
        route = f"/2/users/{await self._me()}/{what}"
        await self._client.request(method, route, user_auth=True, **body)


def _field(raw: Any, name: str) -> Any:
    return raw.get(name) if isinstance(raw, dict) else None


def _is_same(raw: Any, part: Part) -> bool:
    """As `translate.is_same`, without the links that X puts after a text for its files."""
    try:
        text = raw["text"]
        for url in wording.entities(raw, "urls"):
            if _FILE.search(url.get("expanded_url") or ""):
                text = text.replace(url["url"], "")
        return translate.is_same(raw | {"text": text}, part)
    except (AttributeError, KeyError, TypeError):
        return False


def _receipt(answer: Any, field: str, prefix: str = "") -> Receipt:
    try:
        return Receipt(message=f"{prefix}{answer['data'][field]}")
    except (KeyError, TypeError) as error:
        raise Unconfirmed(f"X answers without an id: {answer}") from error
