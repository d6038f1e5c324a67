"""What we say and do on X: posts, answers, direct messages, likes, reposts, deletions."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.content import Verb
from bot.errors import Rejected, Unconfirmed
from bot.part import Part, Receipt
from connectors.twitter import translate, wording
from connectors.twitter.errors import Done, Duplicate, Gone
from connectors.twitter.media import Uploads
from connectors.twitter.objects import some

if TYPE_CHECKING:
    from bot.media import Media
    from connectors.twitter.client import Client
    from connectors.twitter.purse import Purse

VERBS = frozenset({Verb.SAY, Verb.DELETE, Verb.REACT, Verb.UNREACT, Verb.REPOST})
"""X lets only people edit, and has one reaction: the like."""

DM_VERBS = frozenset({Verb.SAY, Verb.DELETE})

PAGE = 100
"""The largest page that X gives."""

POST_FIELDS = "entities,note_tweet,referenced_tweets"

_FILE = re.compile(r"/status/\d+/(?:photo|video)/\d+$")


class Outgoing:
    """Speaks and acts as one account.

    Args:
        me: who that is, by X's id.
        purse: pays for what is read.
    """

    def __init__(
        self, client: Client, media: Media, me: Callable[[], Awaitable[str]], purse: Purse
    ) -> None:
        self._client, self._me, self._purse = client, me, purse
        self._uploads = Uploads(client, media)
        self._changes = {
            Verb.DELETE: self._delete,
            Verb.REACT: self._like,
            Verb.UNREACT: self._unlike,
            Verb.REPOST: self._repost,
        }

    async def send(self, part: Part) -> Receipt:
        """Post, answer, or write a direct message.

        A duplicate is `Rejected`, unless it answers a post: if our timeline then holds the same
        answer to the same post, that is this very part, from an attempt of which we lost sight.
        """
        if part.room.key.startswith(translate.DM):
            return await self._message(part)
        try:
            return await self._post(part)
        except Duplicate:
            found = await self.find(part) if translate.answered(part) else None
            if found is None:
                raise
            return found

    async def find(self, part: Part) -> Receipt | None:
        """Look through our posts: all since the one that is answered, otherwise the newest 100.

        Raises:
            Unconfirmed: it is a direct message, or files alone: several may be alike.
        """
        answered = translate.answered(part)
        if part.room.key.startswith(translate.DM) or not (part.text.strip() or answered):
            raise Unconfirmed("X cannot tell whether it arrived")
        token = None
        while True:
            posts, token = await self._own_posts(answered, token)
            post = next((raw for raw in posts if _is_same(raw, part)), None)
            if post or not (answered and token):
                return Receipt(message=str(post["id"])) if post else None

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

    async def _own_posts(
        self, since: str | None, token: str | None
    ) -> tuple[list[Any], str | None]:
        """A page of our posts, newest first, and the token of the next."""
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
        return posts, _field(_field(page, "meta"), "next_token")

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
