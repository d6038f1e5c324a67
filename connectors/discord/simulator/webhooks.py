"""The webhooks of a simulated Discord.

https://discord.com/developers/docs/resources/webhook
"""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_urlsafe

from connectors.discord.simulator import checks
from connectors.discord.simulator.channels import FORUM
from connectors.discord.simulator.desk import Desk
from connectors.discord.simulator.messages import Messages
from connectors.discord.simulator.refusal import Refusal, invalid, not_found
from connectors.discord.simulator.request import Handler, Request
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import Channel

INCOMING = 1
MOST = 15
"""Webhooks of a channel."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address to post to."""

    id: str
    channel: str
    name: str
    token: str = field(default_factory=lambda: token_urlsafe(51))


class Webhooks:
    """The handlers of webhooks."""

    def __init__(self, desk: Desk, messages: Messages) -> None:
        self._desk, self._state, self._messages = desk, desk.state, messages
        self.known: dict[str, Webhook] = {}

    @property
    def routes(self) -> dict[str, Handler]:
        """Which handler answers what."""
        message = "/webhooks/{webhook}/{token}/messages/{message}"
        return {
            "GET /channels/{channel}/webhooks": self.of_channel,
            "POST /channels/{channel}/webhooks": self.create,
            "POST /webhooks/{webhook}/{token}": self.execute,
            f"GET {message}": lambda asked: self._desk.told(self._message(asked)[1]),
            f"PATCH {message}": self.edit,
            f"DELETE {message}": self.delete,
        }

    def has(self, key: str) -> bool:
        """Whether there is, or was, such a webhook."""
        return key in self.known

    def of_channel(self, request: Request) -> list[Json]:
        """The webhooks of a channel."""
        channel = self._messages.channel(request)
        return [self._told(one) for one in self.known.values() if one.channel == channel.id]

    def create(self, request: Request) -> Json:
        """A new webhook."""
        channel, name = self._messages.channel(request), request.body.get("name")
        checks.username(name)
        if len(self.of_channel(request)) >= MOST:
            raise Refusal(400, "Maximum number of webhooks reached (15)", 30007)
        webhook = Webhook(self._state.new_id(), channel.id, name)
        self.known[webhook.id] = webhook
        return self._told(webhook)

    def execute(self, request: Request) -> Json | None:
        """Say something."""
        webhook, body = self._webhook(request), request.body
        channel = self._place(webhook, request)
        if channel.type == FORUM:
            problem = "Webhooks posted to forum channels must have a thread_name or thread_id"
            raise Refusal(400, problem, 220001)
        name = body.get("username") or webhook.name
        checks.username(name)
        avatar = {"avatar": None, "discriminator": "0000", "public_flags": 0, "flags": 0}
        author = {"id": webhook.id, "username": name, "bot": True, "global_name": None, **avatar}
        sent = self._desk.post(
            channel,
            body,
            request.files,
            author={**author, "primary_guild": None},
            webhook_id=webhook.id,
            application_id=self._state.bot,
        )
        return sent if request.query.get("wait") in ("true", "1") else None

    def edit(self, request: Request) -> Json:
        """Change what was said."""
        channel, message = self._message(request)
        return self._desk.rewrite(channel, message, request.body, request.files)

    def delete(self, request: Request) -> None:
        """Delete what was said."""
        channel, message = self._message(request)
        self._desk.remove(channel, message["id"])

    def _message(self, request: Request) -> tuple[Channel, Json]:
        webhook = self._webhook(request)
        channel = self._place(webhook, request)
        message = self._desk.find(channel, request.path["message"])
        if message.get("webhook_id") != webhook.id:
            raise not_found("Unknown Message", 10008)
        return channel, message

    def _webhook(self, request: Request) -> Webhook:
        webhook = self.known.get(request.path["webhook"])
        if webhook is None:
            raise not_found("Unknown Webhook", 10015)
        if webhook.token != request.path["token"]:
            raise Refusal(401, "Invalid Webhook Token", 50027)
        return webhook

    def _place(self, webhook: Webhook, request: Request) -> Channel:
        channel = self._state.channels[webhook.channel]
        if not (key := request.query.get("thread_id")):
            return channel
        thread = self._state.channels.get(key)
        if thread is None or thread.parent != channel.id:
            raise invalid("thread_id", "INVALID_THREAD", "Unknown thread")
        return thread

    def _told(self, webhook: Webhook) -> Json:
        return {
            "id": webhook.id,
            "type": INCOMING,
            "name": webhook.name,
            "avatar": None,
            "channel_id": webhook.channel,
            "guild_id": self._state.guild_id,
            "application_id": self._state.bot,
            "token": webhook.token,
            "url": f"https://discord.com/api/webhooks/{webhook.id}/{webhook.token}",
            "user": self._state.people[self._state.bot],
        }
