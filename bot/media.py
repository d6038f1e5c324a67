"""Files that go with messages: opened where they are, by whoever holds them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from mimetypes import guess_type
from stat import S_ISREG
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from bot.content import Attachment
from bot.errors import FileUnavailable, Rejected, Unavailable

if TYPE_CHECKING:
    from bot.download import Download, Downloads

MOST = 50 * 10**6
"""How large a file may be where nobody says, in bytes."""

ANYTHING = "application/octet-stream"
"""The type of what nobody knows the type of."""

Fetch = Callable[[Attachment], AbstractAsyncContextManager[AsyncIterable[bytes]]]


@dataclass(frozen=True, slots=True)
class File:
    """A file that is open for reading.

    Args:
        handle: a regular file on disk, at its beginning.
        size: in bytes.
    """

    handle: BinaryIO
    name: str
    media_type: str
    size: int


class Media:
    """Opens attachments, and downloads what is behind public addresses.

    Args:
        fetch: asks the account that holds an attachment for its bytes.
        silence: how long a server may send nothing, in seconds.
        whole: how long one download may take, in seconds.
    """

    def __init__(self, fetch: Fetch, *, silence: float = 30.0, whole: float = 600.0) -> None:
        self._fetch, self._silence, self._whole = fetch, silence, whole
        self._downloads: Downloads | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._downloads:
            await self._downloads.close()
            self._downloads = None

    @asynccontextmanager
    async def open(
        self,
        attachment: Attachment,
        *,
        most: int | None = None,
        types: tuple[str, ...] | None = None,
    ) -> AsyncIterator[File]:
        """The file, for as long as the block lasts.

        What is not on this machine is first copied to a file without a name, which goes with the
        block; memory does not grow with it.

        Args:
            most: how large it may be, in bytes; by default `MOST`.
            types: how its media type must begin, as in `("image/",)`. That is what whoever holds it
                calls it, and no proof of what is in it.

        Raises:
            Rejected: it is too large, of another type, forbidden or gone.
            FileUnavailable: not now.
        """
        most = MOST if most is None else most
        name, said = attachment.name or "file", ""
        guessed = guess_type(name)[0] or ANYTHING
        check_size(attachment.size or 0, most, name)
        if attachment.holder != "web":  # there, the server says what it is
            check_type(attachment.media_type or guessed, types, name)
        is_here = attachment.holder == "file"
        with _regular(attachment.key) if is_here else _unnamed() as handle:
            if not is_here:
                said = await self._copy(attachment, handle, most, types)
            size = os.fstat(handle.fileno()).st_size
            check_size(size, most, name)
            yield File(handle, name, attachment.media_type or said or guessed, size)

    async def read(
        self,
        attachment: Attachment,
        *,
        most: int | None = None,
        types: tuple[str, ...] | None = None,
    ) -> bytes:
        """All of the file at once: for small ones.

        Args:
            most, types: as for `open`.

        Raises:
            Rejected, Unavailable: as `open`.
        """
        async with self.open(attachment, most=most, types=types) as file:
            return await asyncio.to_thread(file.handle.read)

    def get(
        self,
        url: str,
        *,
        most: int | None = None,
        trusted: Collection[str] = (),
        headers: Mapping[str, str] | None = None,
        types: tuple[str, ...] | None = None,
    ) -> AbstractAsyncContextManager[Download]:
        """What is behind an address, in pieces. Only public addresses are asked.

        Args:
            most: how large it may be, in bytes; by default `MOST`.
            trusted: origins that may be anywhere, as `http://127.0.0.1:8081`.
            headers: sent to the address's own origin, and to no other that it leads to.
            types: how its media type must begin, as in `("image/",)`.

        Raises:
            Rejected: the address is not public, or the file is too large, of another type or gone.
            Unavailable: the server cannot be reached, fails, or takes too long.
        """
        if self._downloads is None:
            from bot.download import Downloads  # a bot that only writes needs no HTTP client

            self._downloads = Downloads(self._silence, self._whole)
        most = MOST if most is None else most
        return self._downloads.get(url, most, trusted, headers or {}, types)

    async def _copy(
        self,
        attachment: Attachment,
        handle: BinaryIO,
        most: int,
        types: tuple[str, ...] | None,
    ) -> str:
        """Write a file to disk; what the server calls it, if it is a server that has it."""
        size = 0
        try:
            async with self._source(attachment, most, types) as (pieces, media_type):
                async for piece in pieces:
                    size += len(piece)
                    check_size(size, most, attachment.name or "file")
                    await _on_disk(handle.write, piece)
        except Unavailable as error:
            raise FileUnavailable(str(error), fix=error.fix) from error
        await _on_disk(handle.seek, 0)
        return media_type

    @asynccontextmanager
    async def _source(
        self, attachment: Attachment, most: int, types: tuple[str, ...] | None
    ) -> AsyncIterator[tuple[AsyncIterable[bytes], str]]:
        if attachment.holder == "web":
            async with self.get(attachment.key, most=most, types=types) as download:
                yield download, download.media_type
        else:
            async with self._fetch(attachment) as pieces:
                yield pieces, ""


def check_size(size: int, most: int, what: str) -> None:
    """Refuse what is too large.

    Args:
        size, most: in bytes.
        what: how to call it.

    Raises:
        Rejected: `size` is above `most`.
    """
    if size > most:
        raise Rejected(f"{what} is larger than {most:,} bytes: send a smaller one")


def check_type(media_type: str, types: tuple[str, ...] | None, what: str) -> None:
    """Refuse what is of another type.

    Args:
        types: how it must begin; None for any.
        what: how to call it.

    Raises:
        Rejected: it begins in none of these ways.
    """
    if types is not None and not media_type.startswith(types):
        raise Rejected(f"{what} is {media_type}: it must be {' or '.join(types)}")


def _regular(path: str) -> BinaryIO:
    """A file of this machine; nothing that could block, or is not a file at all."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Rejected(
            f"{path} cannot be read ({why}): is it there, and may the bot read it?"
        ) from error
    if not S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise Rejected(f"{path} is a folder, a device or a pipe: name a regular file")
    return os.fdopen(number, "rb")


def _unnamed() -> BinaryIO:
    with _room_on_disk():
        return TemporaryFile()


async def _on_disk(call: Callable[..., Any], *args: Any) -> None:
    with _room_on_disk():
        await asyncio.to_thread(call, *args)


@contextmanager
def _room_on_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = f"a file cannot be kept for the moment ({error}): make room on disk"
        raise Unavailable(why) from error
