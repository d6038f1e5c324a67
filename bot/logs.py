"""Logging: one stream for us and for the libraries, without secrets.

For people it writes lines, in colour on a terminal; with `TOWNHALL_LOG_FORMAT=json` it writes one
JSON object per line.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from contextlib import suppress
from traceback import format_exception
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from bot.errors import ConfigError
from bot.settings import Settings

LEVELS = {name: getattr(logging, name.upper()) for name in ("debug", "info", "warning", "error")}
FORMATS = ("console", "json")


def configure(settings: Settings, *, verbose: bool = False, to: TextIO | None = None) -> None:
    """Set logging up for the process.

    Args:
        settings: gives `TOWNHALL_LOG_LEVEL`, `TOWNHALL_LOG_FORMAT`, and the secrets to leave out.
        verbose: whether to write everything, whatever the level says.
        to: where to write; standard error unless given.

    Raises:
        ConfigError: there is no such level or format.
    """
    level = _choice(settings, "TOWNHALL_LOG_LEVEL", "info", LEVELS)
    form = _choice(settings, "TOWNHALL_LOG_FORMAT", "console", FORMATS)
    number = logging.DEBUG if verbose else LEVELS[level]
    structlog.configure(
        processors=[*_common(), *_rendering(form, to or sys.stderr), _without(settings)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *names: Lines(names[0] if names else "", to),
        cache_logger_on_first_use=True,
    )
    _route_libraries(number)


class Lines:
    """Writes finished lines.

    Args:
        name: which part of the program they come from.
        to: where to; whatever standard error is at that moment unless given.
    """

    def __init__(self, name: str, to: TextIO | None) -> None:
        self.name, self._to = name, to

    def msg(self, line: str) -> None:
        """Write one line. Where there is no room for it, or nobody to read it, the bot goes on."""
        with suppress(OSError):
            print(line, file=self._to or sys.stderr, flush=True)

    debug = info = warning = error = critical = exception = msg


class ToStructlog(logging.Handler):
    """Sends what libraries log the way that our own lines go."""

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        try:
            logger = structlog.get_logger(record.name)
            logger.log(record.levelno, record.getMessage(), exc_info=record.exc_info)
        except Exception:  # noqa: BLE001 - a library's bad log call must not end what it logs about
            self.handleError(record)


def _choice(settings: Settings, name: str, default: str, choices: Iterable[str]) -> str:
    found = settings.find(name)
    value = str(found.value).lower() if found else default
    if found and value not in choices:
        raise ConfigError(
            f"{name}: there is no `{found.value}`",
            fix=f"Set it to one of: {', '.join(choices)}.",
            file=found.file,
            line=found.line,
        )
    return value


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _add_name,
        structlog.processors.StackInfoRenderer(),
    ]


def _rendering(form: str, to: TextIO) -> list[Processor]:
    if form == "json":
        return [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json),
        ]
    return [
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        _without_blanks,
        _in_one_line,
        structlog.dev.ConsoleRenderer(colors=to.isatty(), exception_formatter=_indented),
    ]


def _without(settings: Settings) -> Processor:
    """Takes the secrets out of a finished line; the renderer stands before it."""
    return lambda _logger, _method, line: settings.redacted(str(line))


def _without_blanks(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """People need no `fix=` with nothing behind it; machines keep their fields."""
    return {name: value for name, value in event.items() if value not in ("", None)}


def _in_one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Nothing that somebody said makes a line of its own, or tells the terminal what to do."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _printable(value)
    return event


def _indented(to: TextIO, exc_info: ExcInfo) -> None:
    """A traceback of which no line looks like one of the log."""
    lines = "".join(format_exception(*exc_info)).splitlines()
    to.writelines(f"\n    {_printable(line)}" for line in lines)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def _add_name(logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["logger"] = getattr(logger, "name", "")
    return event


def _json(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _route_libraries(level: int) -> None:
    """Libraries tell people of trouble only, unless everything is asked for."""
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers = [ToStructlog()]
    root.setLevel(max(level, logging.WARNING) if level > logging.DEBUG else level)
