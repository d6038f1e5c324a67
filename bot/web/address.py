"""How commands on this machine find the server of the bot that holds a database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from pydantic import SecretStr, ValidationError

from bot.errors import ConfigError, TownhallError
from bot.value import Value

PATIENCE = aiohttp.ClientTimeout(total=60, sock_connect=2)


class Nobody(TownhallError):
    """No bot serves this database."""


class TokenRefused(ConfigError):
    """A bot is there, and takes us for a stranger."""


class Address(Value):
    """Where a server listens, and what it wants to be shown."""

    url: str
    token: SecretStr

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url=url, token=SecretStr(token))

    @contextmanager
    def noted(self, database: Path) -> Iterator[None]:
        """Leave a note beside `database` for the length of the block, for the same user only.

        Raises:
            ConfigError: something is in its place.
        """
        note = _note(database)
        text = orjson.dumps({"url": self.url, "token": self.token.get_secret_value()})
        try:
            note.unlink(missing_ok=True)
            number = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise ConfigError(
                f"the note for commands cannot be written: {error.strerror or error}",
                fix="Move away what is there, or set TOWNHALL_DATABASE to a folder of your own.",
                file=note,
            ) from error
        with os.fdopen(number, "wb") as file:
            file.write(text)
        try:
            yield
        finally:
            note.unlink(missing_ok=True)

    @classmethod
    def of(cls, database: Path) -> Address | None:
        """What the note beside `database` says; None if there is none to trust.

        In a folder of many, anybody could leave one and be told what is meant for the bot.
        """
        with (
            suppress(OSError, ValueError, KeyError, TypeError, ValidationError),
            _note(database).open() as file,
        ):
            writer = os.fstat(file.fileno()).st_uid
            if writer in (os.getuid(), 0) or writer == database.stat().st_uid:
                found = orjson.loads(file.read())
                return cls(found["url"], found["token"])
        return None

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the server answers.

        Raises:
            Nobody: nothing listens there, or not a bot: the note is an old one.
            TokenRefused: it does not take our token.
            ConfigError: what was asked for makes no sense.
            TownhallError: it cannot be done.
        """
        headers = {"Authorization": f"Bearer {self.token.get_secret_value()}"}
        url = f"{self.url}{path}"
        try:
            async with (
                aiohttp.ClientSession(timeout=PATIENCE, headers=headers) as session,
                session.request(method, url, json=body) as response,
            ):
                answer = orjson.loads(await response.read())
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Nobody(f"{self.url} does not answer: {error}") from error
        if response.ok:
            return answer
        raise self._refusal(response.status, answer)

    def _refusal(self, status: int, answer: Any) -> TownhallError:
        why = str(answer.get("error", answer) if isinstance(answer, dict) else answer)
        match status:
            case HTTPStatus.UNAUTHORIZED:
                return TokenRefused(
                    f"the bot at {self.url} refuses our token",
                    fix="Commands read it in the file beside the database whose name ends in .http,"
                    " and the bot writes that when it starts: start it again.",
                )
            case HTTPStatus.BAD_REQUEST:
                return ConfigError(why)
            case _:
                return TownhallError(why)


def _note(database: Path) -> Path:
    return database.with_name(f"{database.name}.http")
