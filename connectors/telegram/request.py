"""python-telegram-bot's HTTP on aiohttp, which costs a fraction of the CPU of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.payload import decoded

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WAIT = 5.0
"""Seconds to wait after a 429 that does not say for how long."""


UPLOAD, PROCESSING = 600.0, 120.0
"""Seconds that a file may take to leave us, and that Telegram may take to look at it."""


class NotSent(NetworkError):
    """The request surely never left us."""


class TooManyRequests(TelegramError):
    """A 429. PTB's own error for it warns about its type at every use.

    Args:
        retry_after: how long to wait, in seconds.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AiohttpRequest(BaseRequest):
    """One pool of connections, told apart by what is known when they fail.

    Args:
        connections: how many at once.
        connect: how long to wait for a connection, in seconds.
        read: how long to wait for an answer, in seconds.
    """

    def __init__(self, *, connections: int = 64, connect: float = 10.0, read: float = 20.0) -> None:
        self._connections, self._connect, self._read = connections, connect, read
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """How long to wait for an answer, in seconds."""
        return self._read

    async def initialize(self) -> None:
        """Open the pool."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                timeout=self._timeout(self._connect, self._read),
            )

    async def shutdown(self) -> None:
        """Close the pool."""
        session, self._session = self._session, None
        if session:
            await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """The answer as JSON, without text that could not be stored."""
        try:
            return decoded(payload)
        except (ValueError, RecursionError) as error:
            raise TelegramError(f"Not JSON: {payload[:80]!r}") from error

    async def do_request(  # noqa: PLR0917 - the signature is PTB's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - one timeout covers both
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - part of connecting
    ) -> tuple[int, bytes]:
        """Make one request, and say what is known if it fails.

        Raises:
            NotSent: no connection was made.
            BadRequest: it cannot be written, or is too large.
            TimedOut, NetworkError: nobody knows.
            TooManyRequests: the server refused it for now.
        """
        if self._session is None:
            raise NotSent("The connection to Telegram is closed")
        has_files = bool(request_data and request_data.contains_files)
        timeout = self._timeout(
            self._or(connect_timeout, self._connect),
            self._or(read_timeout, PROCESSING if has_files else self._read),
            UPLOAD if has_files else None,
        )
        with _named():
            async with self._session.request(
                method,
                url,
                data=_body(request_data),
                headers=FORM if request_data and not has_files else None,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                return response.status, _checked(response, await response.read())

    def _or(self, given: Any, default: float) -> float | None:
        return default if given is self.DEFAULT_NONE else given

    @staticmethod
    def _timeout(
        connect: float | None, read: float | None, total: float | None = None
    ) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=total, connect=connect, sock_read=read)


@contextmanager
def _named() -> Iterator[None]:
    """Raise PTB's errors, and `NotSent`, in place of aiohttp's."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise BadRequest("text is not valid Unicode") from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise NotSent(f"Could not connect: {error}") from error
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
        raise NotSent(f"Not an address: {error}") from error
    except TimeoutError as error:
        raise TimedOut from error
    except (aiohttp.ClientError, OSError) as error:
        # A connection that was kept open may be closing just when it is to be used again.
        is_unwritten = aiohttp.ClientConnectionResetError in (type(error), type(error.__cause__))
        kind = NotSent if is_unwritten else NetworkError
        raise kind(f"{type(error).__name__}: {error}") from error


def _body(data: RequestData | None) -> Any:
    if data is None:
        return None
    if not data.contains_files:
        return data.url_encoded_parameters().encode()
    fields = data.json_parameters
    "".join(fields.values()).encode()  # aiohttp would not say what is wrong with half a character
    # Telegram shows a file's name as it stands there, so nothing in it is percent-encoded.
    form = aiohttp.FormData(fields, quote_fields=False)
    for name, (filename, content, media_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return form


def _checked(response: aiohttp.ClientResponse, payload: bytes) -> bytes:
    """Sort out what PTB would misread: a 413, a 429, and the words of a proxy in between."""
    if response.status < HTTPStatus.BAD_REQUEST:
        return payload
    if response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise BadRequest("Request Entity Too Large")
    try:
        answer = orjson.loads(payload)
        parameters = answer.get("parameters") or {}
    except (orjson.JSONDecodeError, AttributeError):
        answer, parameters = None, {}
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = float(parameters.get("retry_after") or WAIT)
        raise TooManyRequests(f"Too Many Requests: retry after {wait:g} s", wait)
    if answer is None:
        said = payload[:80].decode(errors="replace")
        raise NetworkError(f"{response.status}, and not from the Bot API: {said}")
    return payload
