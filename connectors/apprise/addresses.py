"""Apprise URLs, and what can be shown of them: they hold passwords and tokens."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from bot.capabilities import Capabilities
from bot.errors import ConfigError

if TYPE_CHECKING:
    from apprise import Apprise

NAMED = re.compile(
    r"(?:(?P<name>[\w.-]{1,64})=)?(?P<url>(?P<schema>[a-z][\w+.-]*)://.*)", re.DOTALL
)

DIGITS = 12
"""Hexadecimal digits of a hash that tell one address from another."""

LONGEST = 32_768
"""The longest text of a service that does not say otherwise, in characters; Apprise's own."""

MOST_FILES = 10
"""Files of one message; Apprise says only whether there may be some."""

COMMON = Capabilities(max_length=LONGEST, files=MOST_FILES, file_size=10 * 2**20, concurrency=4)
"""What is true of all services. Files are held in memory while they are sent."""

SILENCE = logging.NullHandler()
INSTALL = "Install the library: pip install 'townhall[apprise]'."


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to send to.

    Args:
        name: the name that somebody gave it, or a hash of the address.
        schema: what it begins with, which says which service it is.
    """

    name: str
    schema: str
    url: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Self:
        """The address that a person wrote, as `name=url` or as `url`.

        Raises:
            ValueError: it is none; the error does not show it.
        """
        if not (found := NAMED.fullmatch(text.strip())):
            raise ValueError("must be Apprise URLs, as slack://... or name=slack://...")
        url = found["url"]
        name = found["name"] or sha256(url.encode()).hexdigest()[:DIGITS]
        return cls(name=name, schema=found["schema"].lower(), url=url)

    @property
    def key(self) -> str:
        """The key of its room."""
        return f"{self.schema}/{self.name}"

    def line(self) -> Apprise:
        """What sends to it. It remembers how fast its service may be told.

        Raises:
            ConfigError: Apprise does not understand the address, or is not installed.
        """
        apprise = library()
        asset = apprise.AppriseAsset(app_id="Townhall", app_desc="Townhall", app_url="")
        service = apprise.Apprise.instantiate(self.url, asset=asset)
        if service is None:
            raise ConfigError(
                f"Apprise does not understand the address {self.key}",
                fix="Try it with Apprise's own command: apprise -vv -b hello URL.",
            )
        line: Apprise = apprise.Apprise(asset=asset)
        line.add(service)  # and not the text, which could be several addresses
        return line


@lru_cache(maxsize=256)
def capabilities(schema: str) -> Capabilities:
    """What the service whose addresses begin so can do, as far as Apprise tells."""
    plugin = plugin_of(schema)
    longest, has_files = (
        getattr(plugin, name, None) for name in ("body_maxlen", "attachment_support")
    )
    return COMMON.model_copy(
        update={
            # Of some services it depends on the address, and nothing is known of it here.
            "max_length": longest if isinstance(longest, int) and longest > 0 else LONGEST,
            "files": MOST_FILES if has_files is True else 0,
        }
    )


def title(schema: str) -> str:
    """What a service is called."""
    return str(getattr(plugin_of(schema), "service_name", schema))


def plugin_of(schema: str) -> Any:
    """Apprise's own class for a service; None if there is none."""
    with suppress(ConfigError, KeyError):
        return library().manager_plugins.NotificationManager()[schema]
    return None


def load() -> None:
    """Read all that Apprise knows of services, which takes half a second.

    Raises:
        ConfigError: it is not installed.
    """
    library().manager_plugins.NotificationManager().load_modules()


def library() -> Any:
    """Apprise itself, when it is first used.

    Its log, and that of the HTTP client below it, goes nowhere: both show addresses. What it has
    to say of a send, it says in the result.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import apprise
    except ImportError as error:
        raise ConfigError(f"Apprise is not there: {error}", fix=INSTALL) from None
    for name in ("apprise", "urllib3"):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.addHandler(SILENCE)
    logging.getLogger("apprise").setLevel(logging.DEBUG)  # so that the result has it all
    return apprise
