"""OAuth 2.0 on a simulated X: access tokens that end, and refresh tokens that serve once."""

from __future__ import annotations

import time
from base64 import b64encode
from dataclasses import dataclass, field
from itertools import count

from aiohttp import web

from connectors.twitter.simulator.gate import Gate, answer

SCOPE = (
    "tweet.read tweet.write users.read dm.read dm.write media.write like.read like.write "
    "offline.access"
)


@dataclass(slots=True)
class Grants:
    """What an account has allowed an app.

    Args:
        client_secret: empty for a public client.
        refresh: the one refresh token that is good.
        life: how long an access token lives, in seconds.
        given: how many access tokens were given.
    """

    client_id: str = "client-id"
    client_secret: str = "client-secret"  # noqa: S105 - of an app that only the simulator knows
    refresh: str = "refresh-0"
    scope: str = SCOPE
    life: float = 7200.0
    given: int = 0
    _ends: dict[str, float] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def routes(self, app: web.Application, gate: Gate) -> None:
        """Add the endpoint to `app`."""
        app.router.add_post("/2/oauth2/token", gate.watch(self.token))

    def serves(self, token: str) -> bool:
        """Whether an access token is good."""
        return time.time() < self._ends.get(token, 0.0)

    def revoke(self) -> None:
        """End every access token now."""
        self._ends.clear()

    async def token(self, request: web.Request) -> web.Response:
        """POST /2/oauth2/token."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._is_client(request, form):
            return _problem(401, "unauthorized_client", "Missing valid authorization header")
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.refresh:
            said = "Value passed for the token was invalid."
            return _problem(400, "invalid_request", said)
        return answer(self._give())

    def _give(self) -> dict[str, str | int]:
        self.given += 1
        number = next(self._numbers)
        access, self.refresh = f"access-{number}", f"refresh-{number}"
        self._ends[access] = time.time() + self.life
        return {
            "token_type": "bearer",
            "expires_in": int(self.life),
            "access_token": access,
            "refresh_token": self.refresh,
            "scope": self.scope,
        }

    def _is_client(self, request: web.Request, form: dict[str, str]) -> bool:
        if not self.client_secret:
            return form.get("client_id") == self.client_id
        pair = b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {pair}"


def _problem(status: int, error: str, said: str) -> web.Response:
    return answer({"error": error, "error_description": said}, status)
