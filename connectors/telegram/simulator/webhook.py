"""Updates that Telegram sends by itself, instead of waiting for a poll."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import aiohttp

from connectors.telegram.simulator.chats import ApiError, Json, bad
from connectors.telegram.simulator.reading import Params, decoded, integer
from connectors.telegram.simulator.updates import BY_WEBHOOK, Updates

ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
SECRET = re.compile(r"[\w-]{1,256}", re.ASCII)
HEADER = "X-Telegram-Bot-Api-Secret-Token"
SHORTEST, LONGEST = 0.05, 1.0
"""Seconds between two tries; Telegram's own pauses grow to minutes."""


class Webhook:
    """Where the updates of one bot are sent, one after the other, each until it is taken.

    Args:
        poll: what answers getUpdates while no webhook is set.
        allow: told of the kinds of updates that are wanted.
    """

    def __init__(
        self,
        updates: Updates,
        poll: Callable[[Params], Awaitable[bytes]],
        allow: Callable[[list[str]], None],
    ) -> None:
        self._updates, self._poll, self._allow = updates, poll, allow
        self._info: Json = {}
        self._secret = ""
        self._sending: asyncio.Task[None] | None = None
        own = (self.set_webhook, self.delete_webhook, self.get_webhook_info, self.get_updates)
        self.methods = {one.__name__.replace("_", ""): one for one in own}

    # methods

    async def set_webhook(self, params: Params) -> bool:
        """See setWebhook. As with a server of one's own, the address may be any."""
        url, secret = str(params.get("url") or ""), str(params.get("secret_token") or "")
        if not url:
            return await self.delete_webhook(params)
        if not url.startswith(("http://", "https://")):
            raise bad("bad webhook: invalid webhook URL specified")
        if secret and not SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters")
        if (allowed := decoded(params, "allowed_updates")) is not None:
            self._allow(allowed)
        self._secret = secret
        self._info = {
            "url": url,
            "has_custom_certificate": bool(params.get("certificate")),
            "max_connections": integer(params, "max_connections") or 40,
            "ip_address": "127.0.0.1",
        }
        self._begin(params)
        return True

    async def delete_webhook(self, params: Params) -> bool:
        """See deleteWebhook."""
        self._info = {}
        await self.close()
        if decoded(params, "drop_pending_updates"):
            self._updates.clear()
        return True

    async def get_webhook_info(self, _: Params) -> Json:
        """See getWebhookInfo."""
        nowhere = {"url": "", "has_custom_certificate": False}
        return {**nowhere, **self._info, "pending_update_count": len(self._updates)}

    async def get_updates(self, params: Params) -> bytes:
        """See getUpdates."""
        if self._info:
            raise ApiError(409, ACTIVE)
        return await self._poll(params)

    # sending

    def resume(self) -> None:
        """Send again, after a `close`."""
        if self._info and self._sending is None:
            self._sending = asyncio.create_task(self._send_all())

    async def close(self) -> None:
        """Send nothing more."""
        sending, self._sending = self._sending, None
        if sending:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    def _begin(self, params: Params) -> None:
        self._updates.interrupt(BY_WEBHOOK)
        if decoded(params, "drop_pending_updates"):
            self._updates.clear()
        self.resume()

    async def _send_all(self) -> None:
        pause = SHORTEST
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            while True:
                number, body = await self._updates.oldest()
                if problem := await self._send(session, body):
                    self._info |= {
                        "last_error_date": int(time.time()),
                        "last_error_message": problem,
                    }
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST)
                else:
                    self._updates.forget(number)
                    pause = SHORTEST

    async def _send(self, session: aiohttp.ClientSession, body: bytes) -> str:
        """Send one update; what went wrong, in Telegram's words."""
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers[HEADER] = self._secret
        url: str = self._info["url"]
        try:
            async with session.post(url, data=body, headers=headers) as response:
                if response.ok:
                    return ""
                status = HTTPStatus(response.status)
                return f"Wrong response from the webhook: {status} {status.phrase}"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"Read error: {type(error).__name__}"
