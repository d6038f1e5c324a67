"""What the Telegram connector must be told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from bot.settings import Config, setting

HOW_TO_GET_ONE = (
    "Talk to @BotFather on Telegram, send /newbot, and copy the token that it answers with."
)

SECRET = re.compile(r"[\w-]{1,256}", re.ASCII)
"""https://core.telegram.org/bots/api#setwebhook"""


class TelegramConfig(Config):
    """The settings of one Telegram bot."""

    token: SecretStr = setting("TELEGRAM_BOT_TOKEN", help=HOW_TO_GET_ONE)
    api_url: str = setting(
        "TELEGRAM_API_URL",
        default="https://api.telegram.org",
        help="The Bot API server, as http://host:port; /bot<token>/ is appended.",
    )
    rooms: tuple[str, ...] = setting(
        "TELEGRAM_ROOMS",
        default=(),
        help="Where notifications go: chat ids, comma separated; <chat>/<topic> for a topic.",
    )
    on_ambiguous: Literal["resend", "hold"] = setting(
        "TELEGRAM_ON_AMBIGUOUS",
        default="resend",
        help="What to do when nobody knows whether a message arrived: resend, or hold it.",
    )
    limits: bool = setting(
        "TELEGRAM_LIMITS",
        default=True,
        help="Off for a server of your own that has no limits, such as a simulator.",
    )
    paid_broadcasts: bool = setting(
        "TELEGRAM_PAID_BROADCASTS",
        default=False,
        help="Whether broadcasts pay for speed: 1,000 messages a second, for 0.1 Stars of the bot"
        " for each beyond 30 a second. Enable it with @BotFather first.",
    )
    commands: bool = setting(
        "TELEGRAM_COMMANDS",
        default=True,
        help="Whether the bot's actions become the menu of commands that Telegram shows.",
    )
    webhook_url: str | None = setting(
        "TELEGRAM_WEBHOOK_URL",
        default=None,
        help="Where Telegram is to send updates, as https://bot.example.org/telegram; without it"
        " the bot polls.",
    )
    webhook_secret: SecretStr | None = setting(
        "TELEGRAM_WEBHOOK_SECRET",
        default=None,
        help="What Telegram shows with each update: up to 256 of A-Z a-z 0-9 _ -. By default it is"
        " computed from the token.",
    )
    webhook_port: Annotated[int, Field(ge=1, le=65535)] | None = setting(
        "TELEGRAM_WEBHOOK_PORT",
        default=None,
        help="A port for updates alone; without it they come in by the bot's HTTP server, at"
        " TOWNHALL_HTTP_PORT.",
    )
    webhook_host: str = setting(
        "TELEGRAM_WEBHOOK_HOST",
        default="127.0.0.1",
        help="With a port of their own: the address of this machine to listen on, 0.0.0.0 for all"
        " of them.",
    )
    webhook_certificate: Path | None = setting(
        "TELEGRAM_WEBHOOK_CERTIFICATE",
        default=None,
        help="The file of a self-signed public certificate (PEM), for Telegram to trust.",
    )

    @field_validator("api_url", "webhook_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value and value.rstrip("/")

    @field_validator("webhook_secret")
    @classmethod
    def _is_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("must be up to 256 of A-Z a-z 0-9 _ -")
        return value
