"""Interactions on a simulated Discord: told to the bot, acknowledged in time, answered.

https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any

from connectors.discord.simulator.clock import Clock
from connectors.discord.simulator.desk import EPHEMERAL, LOADING, Desk
from connectors.discord.simulator.refusal import Refusal, invalid, not_found
from connectors.discord.simulator.request import Handler, Request
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import Channel

COMMAND, COMPONENT, AUTOCOMPLETE = 2, 3, 4
PONG, MESSAGE, THINKING, UPDATE_LATER, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9
"""The types of first answers."""
DEFAULT, REPLY_TO_COMMAND = 0, 20
"""The types of the messages that answer."""
ANSWERED_WITHIN, TOKEN_LASTS = 3.0, 15 * 60.0
"""Seconds."""
FILE_SIZE = 10 * 2**20
MOST_CHOICES = 25


@dataclass(slots=True)
class Interaction:
    """What somebody asked for.

    Args:
        at: when, by the simulator's clock.
        callback: the type of the first answer, once there is one.
        original: the message that the first answer made, or that was pressed.
    """

    id: str
    type: int
    channel: Channel
    person: str
    at: float
    pressed: Json | None = None
    callback: int | None = None
    original: Json | None = None
    choices: list[Json] = field(default_factory=list)
    token: str = field(default_factory=lambda: token_urlsafe(120))


class Interactions:
    """The handlers of interactions.

    Args:
        tell: tells the gateway's sessions of an event.
        changed: called when the bot has answered.

    Attributes:
        known: by id, in order.
    """

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        tell: Callable[[str, Json], None],
        changed: Callable[[], None],
    ) -> None:
        self._desk, self._state, self._clock = desk, desk.state, clock
        self._tell, self._changed = tell, changed
        self.known: dict[str, Interaction] = {}

    @property
    def routes(self) -> dict[str, Handler]:
        """Which handler answers what. Those of webhooks are for both, by the id."""
        return {"POST /interactions/{interaction}/{token}/callback": self.answer}

    @property
    def followups(self) -> dict[str, Handler]:
        """The same for what an application does with a token, as with a webhook of its own."""
        message = "/webhooks/{webhook}/{token}/messages/{message}"
        return {
            "POST /webhooks/{webhook}/{token}": self.follow,
            f"GET {message}": lambda asked: self._desk.told(self._message(asked)[1]),
            f"PATCH {message}": self.edit,
            f"DELETE {message}": self.delete,
        }

    # what people do

    def ask(
        self, type: int, channel: Channel, person: str, data: Json, pressed: Json | None = None
    ) -> Interaction:
        """Tell the bot of an interaction.

        Args:
            pressed: the message with the button.
        """
        one = Interaction(self._state.new_id(), type, channel, person, self._clock())
        one.pressed = one.original = pressed
        self.known[one.id] = one
        message = {"message": self._desk.told(pressed)} if pressed else {}
        self._tell("INTERACTION_CREATE", {**self._told(one), "data": data, **message})
        return one

    # what the bot does

    def answer(self, request: Request) -> None:
        """Answer for the first time."""
        one = self.known.get(request.path["interaction"])
        if one is None or one.token != request.path["token"]:
            raise not_found("Unknown interaction", 10062)
        if one.callback is not None:
            raise Refusal(400, "Interaction has already been acknowledged.", 40060)
        if self._clock() - one.at > ANSWERED_WITHIN:
            raise not_found("Unknown interaction", 10062)
        self._answer(one, request.body.get("type"), request.body.get("data") or {})
        self._changed()

    def _answer(self, one: Interaction, type: Any, data: Json) -> None:
        if type == CHOICES and one.type == AUTOCOMPLETE:
            one.choices = data.get("choices") or []
            if len(one.choices) > MOST_CHOICES:
                raise invalid("choices", "BASE_TYPE_BAD_LENGTH", "Must be 25 or fewer in length.")
        elif type in (MESSAGE, THINKING) and one.type != AUTOCOMPLETE:
            loading = LOADING if type == THINKING else 0
            one.original = self._say(one, data, extra=loading)
        elif type in (UPDATE_LATER, UPDATE) and one.type == COMPONENT:
            if type == UPDATE and one.pressed:
                self._desk.rewrite(one.channel, one.pressed, data)
        else:
            raise invalid("type", "BASE_TYPE_CHOICES", "This type cannot answer the interaction.")
        one.callback = type

    def follow(self, request: Request) -> Json:
        """Say something more. After "thinking..." it takes its place."""
        one = self._open(request)
        if one.original and one.original["flags"] & LOADING:
            return self._desk.rewrite(one.channel, one.original, request.body, request.files)
        return self._say(one, request.body, request=request)

    def edit(self, request: Request) -> Json:
        """Change an answer."""
        one, message = self._message(request)
        return self._desk.rewrite(one.channel, message, request.body, request.files)

    def delete(self, request: Request) -> None:
        """Delete an answer."""
        one, message = self._message(request)
        self._desk.remove(one.channel, message["id"])
        if message is one.original:
            one.original = None

    # within

    def _open(self, request: Request) -> Interaction:
        token = request.path["token"]
        one = next((one for one in self.known.values() if one.token == token), None)
        if one is None or request.path["webhook"] != self._state.bot or one.callback is None:
            raise not_found("Unknown Webhook", 10015)
        if self._clock() - one.at > TOKEN_LASTS:
            raise Refusal(401, "Invalid Webhook Token", 50027)
        return one

    def _message(self, request: Request) -> tuple[Interaction, Json]:
        one, key = self._open(request), request.path["message"]
        if key == "@original":
            message = one.original
        else:
            message = self._desk.hidden.get(key) or self._desk.find(one.channel, key)
        if message is None:
            raise not_found("Unknown Message", 10008)
        is_ours = (message.get("interaction_metadata") or {}).get("id") == one.id
        if not (is_ours or message is one.pressed):
            raise not_found("Unknown Message", 10008)
        return one, message

    def _say(
        self, one: Interaction, body: Json, *, extra: int = 0, request: Request | None = None
    ) -> Json:
        flags = (int(body.get("flags") or 0) & EPHEMERAL) | extra
        owners = {"0": self._state.guild_id}
        told: Json = {
            "id": one.id,
            "type": one.type,
            "user": self._state.people[one.person],
            "authorizing_integration_owners": owners,
        }
        if one.pressed:
            told["interacted_message_id"] = one.pressed["id"]
        return self._desk.post(
            one.channel,
            body,
            request.files if request else (),
            type=DEFAULT if request else REPLY_TO_COMMAND,
            flags=flags,
            webhook_id=self._state.bot,
            application_id=self._state.bot,
            interaction_metadata=told,
        )

    def _told(self, one: Interaction) -> Json:
        channel, person = one.channel, one.person
        user = {"user": self._state.people[person]}
        who: Json = {"member": {**self._state.member(person), "permissions": "0"}}
        described = self._state.described(channel)
        return {
            "id": one.id,
            "application_id": self._state.bot,
            "type": one.type,
            "token": one.token,
            "version": 1,
            "channel_id": channel.id,
            "channel": described,
            "app_permissions": "0",
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": self._state.guild_id},
            "context": 1 if channel.is_direct else 0,
            "attachment_size_limit": FILE_SIZE,
            **(user if channel.is_direct else {**who, **self._server()}),
        }

    def _server(self) -> Json:
        return {
            "guild_id": self._state.guild_id,
            "guild": {"id": self._state.guild_id, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
        }
