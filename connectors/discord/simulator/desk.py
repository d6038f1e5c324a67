"""What becomes of messages that a bot says on a simulated Discord, by whatever way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from bot.testing.simulator import Said, now
from connectors.discord.simulator import checks
from connectors.discord.simulator.components import labels, numbered
from connectors.discord.simulator.files import Files, Sent, shown_name
from connectors.discord.simulator.refusal import Refusal, not_found
from connectors.discord.simulator.servers import MEBIBYTE, Servers
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import Channel, State, stamp

EPHEMERAL, LOADING = 1 << 6, 1 << 7
"""Flags of messages: seen by one person only; "thinking..."."""
_READ = re.compile(
    r"(?P<code>```.*?```|`[^`\n]+`)|<(?P<bare>https?://[^\s<>]+)>|(?P<address>https?://[^\s<>]+)"
    r"|\\(?P<sign>[^\sA-Za-z0-9])|\u200b",
    re.DOTALL,
)


class Log(Protocol):
    """Where a simulator notes what was said."""

    def record(self, said: Said) -> None:
        """Something new."""
        ...

    def amend(self, room: str, message: str, said: Said | None) -> None:
        """Something changed; None if it is gone."""
        ...


class Desk:
    """Takes messages in, changes them, throws them away.

    Args:
        tell: tells the gateway's sessions of an event.

    Attributes:
        hidden: the messages that only one person sees, by id.
        servers: says how large files may be.
    """

    def __init__(
        self, state: State, files: Files, tell: Callable[[str, Json], None], log: Log
    ) -> None:
        self.state, self.files, self.servers = state, files, Servers(state)
        self.hidden: dict[str, Json] = {}
        self._tell, self._log = tell, log

    def post(
        self,
        channel: Channel,
        body: Json,
        files: Sequence[Sent] = (),
        *,
        reply_to: str | None = None,
        **fields: Any,
    ) -> Json:
        """A new message.

        Args:
            fields: of the message object.

        Raises:
            Refusal: it is none that Discord takes.
        """
        if not fields.get("flags", 0) & LOADING:
            checks.check(body, has_files=bool(files))
        kept, last = self._keep(channel, body, files), channel.last
        message = self.state.add_message(
            channel,
            self.state.bot,
            body.get("content") or "",
            reply_to=reply_to,
            attachments=kept,
            nonce=body.get("nonce"),
        )
        message |= {**_shown(body), **fields}
        if message["flags"] & EPHEMERAL:
            channel.remove(message["id"])
            channel.last = last
            self.hidden[message["id"]] = message
        else:
            self._tell("MESSAGE_CREATE", self.state.told(channel, message))
        if not message["flags"] & LOADING:
            self._log.record(self.said(channel, message))
        return message

    def rewrite(
        self, channel: Channel, message: Json, body: Json, files: Sequence[Sent] = ()
    ) -> Json:
        """Change a message; one that said "thinking..." says something now.

        Raises:
            Refusal: it would be none that Discord takes.
        """
        was_loading = bool(message["flags"] & LOADING)
        listed = {str(one.get("id")) for one in body.get("attachments") or ()}
        kept = [
            one
            for one in message["attachments"]
            if "attachments" not in body or one["id"] in listed
        ]
        whole = {**message, **body}
        checks.check(whole, has_files=bool(kept or files))
        message |= {
            "content": whole["content"] or "",
            **_shown(whole if "embeds" in body or "components" in body else {}),
            "attachments": [*kept, *self._keep(channel, body, files)],
            "flags": message["flags"] & ~LOADING,
            "edited_timestamp": None if was_loading else stamp(),
        }
        if message["id"] not in self.hidden:
            self._tell("MESSAGE_UPDATE", self.state.told(channel, message))
        said = self.said(channel, message)
        if was_loading:
            self._log.record(said)
        else:
            self._log.amend(channel.id, message["id"], said)
        return message

    def remove(self, channel: Channel, message: str) -> None:
        """Delete a message."""
        if not self.hidden.pop(message, None):
            channel.remove(message)
            told = {"id": message, **self.state.whereabouts(channel)}
            self._tell("MESSAGE_DELETE", told)
        self._log.amend(channel.id, message, None)

    def told(self, message: Json) -> Json:
        """A message as the API gives it: the addresses of its files are fresh."""
        files = [self.files.signed(one) for one in message["attachments"]]
        return {**message, "attachments": files}

    def said(self, channel: Channel, message: Json) -> Said:
        """A message, as who reads it sees it."""
        return Said(
            room=channel.id,
            message=message["id"],
            person=message["author"]["id"],
            text=read(message["content"]),
            reply_to=(message.get("message_reference") or {}).get("message_id"),
            by_bot=True,
            at=now(),
            buttons=labels(message["components"]),
            files=tuple(map(shown_name, message["attachments"])),
        )

    def find(self, channel: Channel, key: str) -> Json:
        """A message that all see.

        Raises:
            Refusal: there is none.
        """
        if not key.isdecimal() or int(key) not in channel.messages:
            raise not_found("Unknown Message", 10008)
        return channel.messages[int(key)]

    def _keep(self, channel: Channel, body: Json, files: Sequence[Sent]) -> list[Json]:
        checks.count("files", files, checks.FILES)
        most = 10 * MEBIBYTE if channel.is_direct else self.servers.file_size
        if any(one.size > most for one in files):
            raise Refusal(413, "Request entity too large", 40005)
        named = {str(one.get("id")): one for one in body.get("attachments") or ()}
        kept = []
        for one in files:
            about = named.get(one.number, {}).get("description")
            described = {"description": about} if about else {}
            kept.append(self.files.keep(channel.id, one, **described))
        return kept


def read(text: str) -> str:
    """A text as one reads it: without the signs by which what is literal is told from markup."""
    return _READ.sub(lambda found: found[found.lastgroup] if found.lastgroup else "", text)


def _shown(body: Json) -> Json:
    shown: Json = {}
    if "embeds" in body:
        shown["embeds"] = [_embed(one) for one in body["embeds"] or ()]
    if "components" in body:
        shown["components"] = numbered(body["components"] or ())
    return shown


def _embed(embed: Json) -> Json:
    fields = [{"inline": False, **one} for one in embed.get("fields") or ()]
    return {"type": "rich", **embed, **({"fields": fields} if fields else {})}
