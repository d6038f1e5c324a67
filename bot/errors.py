"""What can go wrong, named after what the caller does next."""

from __future__ import annotations

from pathlib import Path


class TownhallError(Exception):
    """The root of every error that Townhall raises on purpose."""


class ConfigError(TownhallError):
    """A setting or a file is wrong: fix it and start again.

    Args:
        problem: what is wrong.
        fix: what to do about it.
        file: the file that holds the mistake, if a file does.
        line: its line, counted from 1.
    """

    def __init__(
        self,
        problem: str,
        *,
        fix: str = "",
        file: Path | None = None,
        line: int | None = None,
    ) -> None:
        self.problem, self.fix, self.file, self.line = problem, fix, file, line
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file and self.line else ""
        where = where or (f"{self.file}: " if self.file else "")
        return f"{where}{self.problem}" + (f"\n  {self.fix}" if self.fix else "")


class DeliveryError(TownhallError):
    """A platform did not take what we sent; the subclass says what to do.

    Args:
        fix: what a person can do about it, where that is known; health and the log show it.
    """

    fix: str = ""

    def __init__(self, message: str = "", *, fix: str = "") -> None:
        self.fix = fix or self.fix
        super().__init__(message)


class Unauthorized(DeliveryError):
    """The platform refuses our credentials: stop this connector and ask a person."""


class Unavailable(DeliveryError):
    """The platform surely did not take it: try again later."""


class FileUnavailable(Unavailable):
    """A file that belongs to it cannot be had: try later, but not for ever."""


class RateLimited(Unavailable):
    """The platform asks us to wait.

    Args:
        retry_after: how long, in seconds.
        room: whether the limit names this room only; otherwise it is the whole account's.
        fix: as for `DeliveryError`.
    """

    def __init__(
        self, message: str, *, retry_after: float, room: bool = False, fix: str = ""
    ) -> None:
        self.retry_after, self.room = retry_after, room
        super().__init__(message, fix=fix)


class Unconfirmed(DeliveryError):
    """The platform may or may not have taken it: find out before sending again."""


class Rejected(DeliveryError):
    """The platform will never take this message: give up on it."""


class ModelError(TownhallError):
    """A model could not answer: try the next one."""


class StoreError(TownhallError):
    """The store could not do what was asked."""


class StoreFull(StoreError):
    """The disk has no room: accept nothing more until it has."""


class Fenced(StoreError):
    """A newer lease exists: somebody else does this work now, so stop doing it."""
