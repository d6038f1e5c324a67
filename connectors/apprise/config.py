"""What the Apprise connector must be told."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr, field_validator

from bot.settings import Config, setting
from connectors.apprise.addresses import Address


class AppriseConfig(Config):
    """The settings of one account, which is a list of addresses."""

    urls: tuple[SecretStr, ...] = setting(
        "APPRISE_URLS",
        default=(),
        help="Where notifications go: Apprise URLs, comma separated; name=url gives one a name of"
        " its own.",
    )
    on_ambiguous: Literal["resend", "hold"] = setting(
        "APPRISE_ON_AMBIGUOUS",
        default="resend",
        help="What to do when nobody knows whether a message arrived: resend, or hold it.",
    )

    @field_validator("urls")
    @classmethod
    def _are_addresses(cls, urls: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for url in urls:
            Address.read(url.get_secret_value())
        return urls

    @property
    def addresses(self) -> dict[str, Address]:
        """By the keys of their rooms."""
        read = (Address.read(url.get_secret_value()) for url in self.urls)
        return {one.key: one for one in read}

    @property
    def rooms(self) -> tuple[str, ...]:
        """Where `notify` goes."""
        return tuple(self.addresses)
