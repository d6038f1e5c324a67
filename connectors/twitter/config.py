"""The settings of the X connector."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Interval
from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.settings import Config, setting
from connectors.twitter.conversations import MOST
from connectors.twitter.purse import PRICES, priced

PORTAL = "From the X developer portal: your app, 'Keys and tokens'"

OAUTH1 = ("api_key", "api_secret_key", "access_token", "access_token_secret")
OAUTH2 = ("client_id", "refresh_token")
"""What each of the two ways to log in as an account needs."""


def _priced(lines: tuple[str, ...]) -> tuple[str, ...]:
    priced(lines)
    return lines


class TwitterConfig(Config):
    """The settings of one account on X."""

    logins = (OAUTH1, OAUTH2)

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
    client_id: Annotated[str, StringConstraints(min_length=1)] = setting(
        "TWITTER_CLIENT_ID",
        default="",
        help=f"{PORTAL}, 'OAuth 2.0': the client id. With the refresh token it takes the place of "
        "the four values above.",
    )
    client_secret: SecretStr | None = setting(
        "TWITTER_CLIENT_SECRET",
        default=None,
        help=f"{PORTAL}, 'OAuth 2.0': the client secret; a public client has none.",
    )
    refresh_token: Annotated[SecretStr, Field(min_length=1)] | None = setting(
        "TWITTER_REFRESH_TOKEN",
        default=None,
        help="What X gave when the account authorized the app by OAuth 2.0, with the scope "
        "offline.access. Each use of it gives the next one, which the bot stores.",
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
    stream: Literal["off", "filtered", "activity"] = setting(
        "TWITTER_STREAM",
        default="off",
        help="Which of X's streams brings news at once, where the plan has it: off, filtered "
        "(posts), or activity (mentions and direct messages). It needs TWITTER_BEARER_TOKEN; "
        "polling closes its gaps.",
    )
    conversations: Annotated[int, Interval(ge=0, le=MOST)] = setting(
        "TWITTER_CONVERSATIONS",
        default=0,
        help=f"How many of the conversations that the bot last took part in are read in full, "
        f"up to {MOST}: also what does not mention it. X charges for each post.",
    )
    budget_day: Annotated[float, Ge(0)] | None = setting(
        "TWITTER_BUDGET_DAY",
        default=None,
        help="How many US dollars may be spent in a day by UTC. Reading stops before, and a share "
        "is kept for replies.",
    )
    budget_month: Annotated[float, Ge(0)] | None = setting(
        "TWITTER_BUDGET_MONTH",
        default=None,
        help="How many US dollars may be spent in a calendar month by UTC.",
    )
    prices: Annotated[tuple[str, ...], AfterValidator(_priced)] = setting(
        "TWITTER_PRICES",
        default=(),
        help="Prices in US dollars that differ from the published ones, as post=0.005, user=0: "
        f"{', '.join(PRICES)}.",
    )
    rooms: tuple[str, ...] = setting(
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

    @field_validator("stream")
    @classmethod
    def _has_token(cls, stream: str, info: ValidationInfo) -> str:
        token = info.data.get("bearer_token")
        if stream != "off" and not (token and token.get_secret_value()):
            raise ValueError("needs TWITTER_BEARER_TOKEN, which is not set")
        return stream

    @model_validator(mode="before")
    @classmethod
    def _of_one_login(cls, given: Any) -> Any:
        """By OAuth 2.0, the values of OAuth 1.0a are not needed, and a missing one is empty."""
        if not isinstance(given, dict):
            return given
        begun = given.get("client_id") and not any(map(given.get, OAUTH1))
        is_oauth2 = given.get("refresh_token") or begun
        return dict.fromkeys((*OAUTH1, *OAUTH2), "") | given if is_oauth2 else given
