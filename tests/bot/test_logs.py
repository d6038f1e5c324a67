"""What is logged reaches people and machines, and no secret does."""

from __future__ import annotations

import io
import json
import logging
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
import structlog

from bot import logs
from bot.errors import ConfigError
from bot.settings import Layer, Settings

TOKEN = "12345:hush\\hush/token"

Configure = Callable[..., io.StringIO]


@pytest.fixture
def configure() -> Iterator[Configure]:
    """Sets logging up to write into a buffer, and everything back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level

    def start(*, verbose: bool = False, **settings: str) -> io.StringIO:
        lines = io.StringIO()
        layer = Layer("test", {"BOT_TOKEN": TOKEN, **settings}, secret=frozenset({"BOT_TOKEN"}))
        logs.configure(Settings([layer]), verbose=verbose, to=lines)
        return lines

    yield start
    logging.captureWarnings(capture=False)
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def fresh() -> structlog.BoundLogger:
    """A logger that was never used under another configuration."""
    return structlog.get_logger(f"test-{uuid.uuid4()}")


def test_a_line_names_its_level_event_and_fields(configure: Configure) -> None:
    """People read lines."""
    lines = configure()
    fresh().info("service", state="running")
    assert "info" in lines.getvalue()
    assert "service" in lines.getvalue()
    assert "state=running" in lines.getvalue()
    assert "\x1b" not in lines.getvalue()


def test_people_see_no_field_that_says_nothing(configure: Configure) -> None:
    """`fix=` with nothing behind it looks as if something were lost."""
    lines = configure()
    fresh().warning("service down", why="refused", fix="")
    assert "why=refused" in lines.getvalue()
    assert "fix" not in lines.getvalue()


def test_machines_get_one_json_object_per_line(configure: Configure) -> None:
    """Set by TOWNHALL_LOG_FORMAT."""
    lines = configure(TOWNHALL_LOG_FORMAT="json")
    fresh().warning("rejected", room="7", reason=ValueError("gone"))
    (line,) = lines.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["event"], told["room"]) == ("warning", "rejected", "7")
    assert told["reason"] == "gone"


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_secret_appears_nowhere(configure: Configure, form: str) -> None:
    """Neither in the event, nor in a field, a URL, a nested value or a traceback."""
    lines = configure(TOWNHALL_LOG_FORMAT=form)
    try:
        int(TOKEN)
    except ValueError:
        fresh().exception(f"login {TOKEN}", url=f"http://h/bot{TOKEN}/", all={"t": [TOKEN]})
    logging.getLogger("library").error("12345%%3Ahush%%5Chush%%2Ftoken and %s", TOKEN)
    assert "***" in lines.getvalue()
    assert "hush" not in lines.getvalue()
    assert "ValueError" in lines.getvalue()


HOSTILE = "hi\n12:00:00 [error] all is lost\x1b[2J\r\u202e"


@pytest.mark.parametrize("form", ["console", "json"])
def test_what_people_say_makes_no_line_of_its_own(configure: Configure, form: str) -> None:
    """Nor does it tell a terminal what to do; a traceback stands apart."""
    lines = configure(TOWNHALL_LOG_FORMAT=form)
    fresh().warning(HOSTILE, text=HOSTILE, one="a\x1b[2Jb", many=[HOSTILE])
    logging.getLogger("library").error("heard %s", HOSTILE)
    try:
        _fail(HOSTILE)
    except ValueError:
        fresh().exception("turn failed")
    assert "ValueError" in lines.getvalue()
    assert "\x1b" not in lines.getvalue()
    assert "\r" not in lines.getvalue()
    assert not [one for one in lines.getvalue().split("\n") if one.startswith("12:00:00 [error")]


def test_libraries_log_the_same_way(configure: Configure) -> None:
    """Their warnings are shown, their chatter only when everything is asked for."""
    lines = configure()
    logging.getLogger("library").info("chatter")
    logging.getLogger("library").warning("trouble in %s", "paradise")
    assert "chatter" not in lines.getvalue()
    assert "trouble in paradise" in lines.getvalue()

    lines = configure(verbose=True)
    logging.getLogger("library").info("chatter")
    assert "chatter" in lines.getvalue()


def test_the_level_is_a_setting(configure: Configure) -> None:
    """Set by TOWNHALL_LOG_LEVEL."""
    lines = configure(TOWNHALL_LOG_LEVEL="error")
    logger = fresh()
    logger.warning("quiet")
    logger.error("loud")
    assert "quiet" not in lines.getvalue()
    assert "loud" in lines.getvalue()


def test_an_unknown_level_is_named(configure: Configure) -> None:
    """With the setting and what it may be."""
    with pytest.raises(ConfigError, match=r"(?s)TOWNHALL_LOG_LEVEL.*loud.*warning"):
        configure(TOWNHALL_LOG_LEVEL="loud")


def test_what_is_not_logged_costs_almost_nothing(configure: Configure) -> None:
    """A disabled `debug` takes less than five microseconds, on a loaded machine too."""
    configure()
    logger = fresh()
    logger.info("first")
    best = min(_seconds(logger) for _ in range(20))
    assert best < 5e-6


def _fail(why: str) -> None:
    raise ValueError(why)


def _seconds(logger: structlog.BoundLogger) -> float:
    begun = time.perf_counter()
    for _ in range(1000):
        logger.debug("never", a=1, b=2)
    return (time.perf_counter() - begun) / 1000


class Full(io.StringIO):
    """A file on a disk without room."""

    def write(self, text):
        """Take nothing."""
        raise OSError(28, "No space left on device")


def test_a_full_disk_under_the_log_ends_nothing():
    """What cannot be written is left out; who logs it is not told."""
    logs.Lines("bot", Full()).msg("a line")
