"""Hooks: other programs' webhooks come in, messages go out.

A hook is three settings: `TOWNHALL_HOOK_<NAME>` is its secret, `..._TO` its audience and
`..._TEMPLATE` what is made of what comes.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from functools import cache
from typing import TYPE_CHECKING

import orjson
from aiohttp import web
from pydantic import SecretStr, create_model

from bot.content import Content
from bot.errors import TownhallError
from bot.part import Priority
from bot.settings import Config, setting
from bot.web.answers import as_json, refusal
from bot.web.campaigns import notifications
from bot.web.templates import Message, Request, template

if TYPE_CHECKING:
    from bot.runtime import Runtime

PREFIX = "TOWNHALL_HOOK_"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
ENDINGS = ("_TO", "_TEMPLATE", "_FILE")
LARGEST = 2**20
"""The largest body of a hook, in bytes."""

BODY_SECONDS = 10.0
"""How long it may take to come: until it is here, its sender may be anybody."""


class HookConfig(Config):
    """The settings of one hook."""

    secret: SecretStr
    to: tuple[str, ...]
    template: str


@cache
def hook_config(name: str) -> type[HookConfig]:
    """The settings of the hook of that name, in capitals."""
    secret = setting(
        f"{PREFIX}{name}", help="The secret that whoever calls the hook has to show or sign with."
    )
    to = setting(
        f"{PREFIX}{name}_TO", help="Who gets it, with commas between: topic:ops, telegram:-1001234"
    )
    words = setting(
        f"{PREFIX}{name}_TEMPLATE",
        default="text",
        help="What is made of it: text, alertmanager, grafana, github, or a text with {fields}.",
    )
    return create_model(
        "HookConfig",
        __base__=HookConfig,
        secret=(SecretStr, secret),
        to=(tuple[str, ...], to),
        template=(str, words),
    )


class Hooks:
    """Handles what comes to `/notify/<hook>`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [web.route("POST", "/notify/{hook}", self._notify)]

    async def _notify(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["hook"]
        if not self._is_set(name):
            return as_json({"error": "there is no such hook"}, 404)
        try:
            return await self._heard(request, name)
        except TownhallError as error:
            return refusal(error)

    def _is_set(self, name: str) -> bool:
        capital = _capital(name)
        if not NAME.fullmatch(name) or capital.endswith(ENDINGS):
            return False
        return self._runtime.settings.find(f"{PREFIX}{capital}") is not None

    async def _heard(self, request: web.Request, name: str) -> web.StreamResponse:
        config = self._runtime.settings.load(hook_config(_capital(name)))
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read(request)
        except TimeoutError:
            return as_json({"error": f"the body did not come within {BODY_SECONDS:.0f} s"}, 408)
        if body is None:
            return as_json({"error": f"the body is larger than {LARGEST} bytes"}, 413)
        if not is_allowed(request, body, config.secret.get_secret_value().strip().encode()):
            return as_json({"error": "show the secret: Authorization: Bearer ..."}, 401)
        message = template(config.template)(_request(request, body, config.template))
        return as_json({"campaign": await self._say(name, config, message)})

    async def _say(self, name: str, config: HookConfig, message: Message) -> str:
        campaign = await notifications(self._runtime).broadcast(
            Content(text=message.text, markdown=message.markdown),
            config.to,
            title=message.title or f"hook {name}",
            key=f"hook/{name}/{message.key}" if message.key else None,
            priority=Priority.URGENT,
            by=f"hook/{name}",
        )
        return str(campaign.id)


def is_allowed(request: web.Request, body: bytes, secret: bytes) -> bool:
    """Whether a request shows the secret, or is signed with it as GitHub does.

    https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    """
    if not secret:
        return False
    headers = request.headers
    if signature := headers.get("X-Hub-Signature-256"):
        signed = "sha256=" + hmac.new(secret, body, "sha256").hexdigest()
        return hmac.compare_digest(signature.encode("utf-8", "replace"), signed.encode())
    bearer = headers.get("Authorization", "")
    shown = (
        headers.get("X-Townhall-Secret", "")
        or bearer.removeprefix("Bearer ").strip()
        or request.query.get("secret", "")
    )
    return hmac.compare_digest(shown.encode("utf-8", "replace"), secret)


async def _read(request: web.Request) -> bytes | None:
    """The body; None if it is too large."""
    body = bytearray()
    async for piece in request.content.iter_chunked(2**16):
        body += piece
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _request(request: web.Request, body: bytes, template: str) -> Request:
    """What came, for a template.

    Raises:
        TownhallError: it is not JSON, where it should be.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    if template == "text" and "json" not in request.content_type:
        return Request(body.decode("utf-8", "replace"), headers)
    try:
        return Request(orjson.loads(body), headers)
    except orjson.JSONDecodeError as error:
        raise TownhallError(f"the body is not JSON: {error}") from None


def _capital(name: str) -> str:
    return name.upper().replace("-", "_")
