"""What the Discord connector must be told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from bot.settings import Config, setting


class DiscordConfig(Config):
    """What one account needs."""

    token: SecretStr = setting(
        "DISCORD_BOT_TOKEN",
        "DISCORD_TOKEN",
        "DISCORD_API_TOKEN",
        help="The bot's token: https://discord.com/developers/applications > the application"
        " > Bot > Reset Token.",
    )
    api_url: Annotated[str, Field(pattern=r"^https?://")] = setting(
        "DISCORD_API_URL",
        default="https://discord.com/api/v10",
        help="Where the API is, version included.",
    )
    gateway_url: Annotated[str, Field(pattern=r"^wss?://")] | None = setting(
        "DISCORD_GATEWAY_URL",
        default=None,
        help="Where the gateway is; by default the API is asked.",
    )
    rooms: tuple[str, ...] = setting(
        "DISCORD_ROOMS",
        default=(),
        help="The ids of the channels that notifications go to, with commas between them.",
    )
    on_ambiguous: Literal["resend", "hold"] = setting(
        "DISCORD_ON_AMBIGUOUS",
        default="resend",
        help="What to do with a message of which even a look at the room does not tell whether"
        " it arrived.",
    )
    follow_days: Annotated[int, Field(ge=0)] = setting(
        "DISCORD_FOLLOW_DAYS",
        default=7,
        help="After an absence, rooms of servers are read where someone spoke in the last days:"
        " how many.",
    )
    commands: bool = setting(
        "DISCORD_COMMANDS",
        default=True,
        help="Whether the bot's actions are slash commands; off leaves Discord's list of commands"
        " as it is.",
    )
    limits: bool = setting(
        "DISCORD_LIMITS",
        default=True,
        help="Whether to keep to Discord's documented limit, 50 requests a second, before it says"
        " so; off for simulators.",
    )
