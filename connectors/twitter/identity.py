"""Who we are on X, and what X lets us do."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bot.connector import Identity
from bot.errors import StoreError, Unavailable
from bot.value import Value
from connectors.twitter.purse import Notes

if TYPE_CHECKING:
    from connectors.twitter.client import Client
    from connectors.twitter.config import TwitterConfig

NOTE = "me"

ENCRYPTED = (
    "Most direct messages on X are end-to-end encrypted now and unreadable to bots; "
    "only unencrypted ones arrive."
)
READ_ONLY = (
    "The app may only read, so nothing can be posted. In the X developer portal set up user "
    "authentication with 'Read and write', then create new access tokens."
)
NO_DIRECT_MESSAGES = (
    "The app may not use direct messages. In the X developer portal set user authentication to "
    "'Read and write and Direct message', then create new access tokens."
)
LACKS = {"read": (READ_ONLY,), "read-write": (NO_DIRECT_MESSAGES,)}


class Known(Value):
    """What X said to those who had these credentials.

    Args:
        credentials: a digest that tells them from others.
    """

    credentials: str
    me: Identity


async def ask(client: Client) -> Identity:
    """Ask X.

    Raises:
        Unavailable: it does not say.
    """
    answer = await client.get_me(user_fields=["name", "username"])
    try:
        user = answer["data"]
        return Identity(key=user["id"], name=user["name"], username=user["username"])
    except (KeyError, TypeError, ValidationError) as error:
        raise Unavailable(f"X does not say who we are: {answer}") from error


async def find(client: Client, username: str) -> str | None:
    """The id of somebody, by their handle; None if there is nobody of that name.

    Raises:
        Rejected: it is no handle.
        Unavailable: X cannot be asked, or does not say.
    """
    answer = await client.get_user(username=username, user_auth=True)
    try:
        found = answer.get("data")
        return str(found["id"]) if found else None
    except (AttributeError, KeyError, TypeError) as error:
        raise Unavailable(f"X does not say who @{username} is: {answer}") from error


def warnings(access: str) -> tuple[str, ...]:
    """What will not work.

    Args:
        access: what the app may do, in X's words.
    """
    return (*LACKS.get(access, ()), ENCRYPTED)


async def known(notes: Notes, config: TwitterConfig) -> Identity | None:
    """Who we were when X was last asked, unless the credentials are others now."""
    try:
        known = Known.model_validate_json(await notes.note(NOTE) or "{}")
    except ValidationError:
        return None
    return known.me if known.credentials == _digest(config) else None


async def keep(notes: Notes, config: TwitterConfig, me: Identity) -> None:
    """Note it for the next start."""
    known = Known(credentials=_digest(config), me=me)
    with suppress(StoreError):  # to ask and pay again at every attempt would help nobody
        await notes.keep(NOTE, known.model_dump_json())


def _digest(config: TwitterConfig) -> str:
    secrets = (config.access_token, config.refresh_token)
    given = "\n".join(secret.get_secret_value() for secret in secrets if secret)
    return hashlib.sha256(given.encode()).hexdigest()
