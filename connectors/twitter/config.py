"""The settings of the X connector."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from annotated_types import Gt
from pydantic import BeforeValidator, SecretStr, StringConstraints

from bot.settings import Config, setting

PORTAL = "From the X developer portal: your app, 'Keys and tokens'"


def _listed(value: Any) -> Any:
    return (
        tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value
    )


class TwitterConfig(Config):
    """The settings of one account on X."""

    api_key: SecretStr = setting("TWITTER_API_KEY", help=f"{PORTAL}, 'Consumer keys': the key.")
    api_secret_key: SecretStr = setting(
        "TWITTER_API_SECRET_KEY", help=f"{PORTAL}, 'Consumer keys': the secret."
    )
    access_token: SecretStr = setting(
        "TWITTER_ACCESS_TOKEN",
        help=f"{PORTAL}, 'Access token and secret', created after user authentication was set up "
        "with read and write.",
    )
    access_token_secret: SecretStr = setting(
        "TWITTER_ACCESS_TOKEN_SECRET", help=f"{PORTAL}: the secret beside the access token."
    )
    bearer_token: SecretStr | None = setting(
        "TWITTER_BEARER_TOKEN",
        default=None,
        help=f"{PORTAL}: the app's own token. Not needed: all that the bot does, it does as its "
        "account.",
    )
    api_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+/?$")] = setting(
        "TWITTER_API_URL",
        default="https://api.x.com",
        help="Where X's API is, as http://host:port; /2/... is appended.",
    )
    poll_seconds: Annotated[float, Gt(0)] = setting(
        "TWITTER_POLL_SECONDS",
        default=60.0,
        help="Seconds between two looks at mentions and messages. X charges for what is read, and "
        "lets direct messages be looked at 15 times in 15 minutes.",
    )
    rooms: Annotated[tuple[str, ...], BeforeValidator(_listed)] = setting(
        "TWITTER_ROOMS",
        default=(),
        help="Where notifications go, separated by commas: timeline (a post of our own), the id "
        "of a post (under it), or dm/<conversation id>.",
    )
    on_ambiguous: Literal["resend", "hold"] = setting(
        "TWITTER_ON_AMBIGUOUS",
        default="resend",
        help="What to do with a direct message when nobody can know whether it was sent: resend, "
        "or hold it for a person.",
    )
    limits: bool = setting(
        "TWITTER_LIMITS",
        default=True,
        help="Whether to keep to X's documented limits before it names any; off for simulators.",
    )
