"""What somebody asks to be announced, as programs and the command line write it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bot.campaign import Quiet
from bot.content import Attachment, Button, Content
from bot.errors import TownhallError
from bot.part import Priority
from bot.settings.config import plain
from bot.value import Text, now
from bot.web.files import Files
from bot.web.words import literal, quiet_hours, seconds

SCHEMES = ("http", "https")
GRACE = timedelta(minutes=1)
"""So late a time may be: until then whoever named it may have been typing."""


def _seconds(given: Any) -> Any:
    return seconds(given) if isinstance(given, str) else given


def _quiet(given: Any) -> Any:
    return quiet_hours(given) if isinstance(given, str) else given


class Attached(BaseModel):
    """A file of an order: behind a public address, or kept before; see `Files`."""

    model_config = ConfigDict(extra="forbid")

    url: str = ""
    path: str = ""
    name: str = ""
    description: str = ""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if bool(self.url) == bool(self.path):
            raise ValueError("an attachment has either a url or a path")
        if self.url and urlsplit(self.url).scheme not in SCHEMES:
            raise ValueError(f"{self.url!r} is no address that begins with https://")
        return self

    def attachment(self, files: Files) -> Attachment:
        """What goes with the message.

        Raises:
            TownhallError: the path is not one that `files` gave.
        """
        more = {"name": self.name, "description": self.description}
        fields = {name: value for name, value in more.items() if value}
        if self.url:
            return Attachment.web(self.url, **fields)
        if not files.holds(Path(self.path)):
            raise TownhallError(
                f"{self.path} is not kept here\n  POST /api/files?name=... takes a file, and"
                " answers with its path."
            )
        return Attachment.file(self.path, **fields)


class Pressed(BaseModel):
    """A button of an order: it opens an address, or says something for who presses it."""

    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1)
    url: str | None = None
    value: str = ""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if bool(self.url) == bool(self.value):
            raise ValueError(f"the button {self.label!r} has either a url or a value")
        if self.url and urlsplit(self.url).scheme not in SCHEMES:
            raise ValueError(f"{self.url!r} is no address that begins with https://")
        return self


class Order(BaseModel):
    """A message, and to whom it goes.

    Args:
        text: CommonMark, or with `markdown` off a text that is shown as it stands.
        title: its headline; the lists of campaigns show it, too.
        to: the members of the audience.
        over: seconds, or a duration such as `2h`.
        quiet: hours such as `22:00-07:00@Europe/Berlin`.
    """

    model_config = ConfigDict(extra="forbid")

    text: Text = ""
    title: Text = ""
    markdown: bool = True
    attachments: tuple[Attached, ...] = ()
    buttons: tuple[Pressed, ...] = ()
    to: tuple[str, ...] = Field(min_length=1)
    without: tuple[str, ...] = ()
    key: str | None = Field(default=None, min_length=1)
    at: AwareDatetime | None = None
    over: Annotated[float, Field(ge=0), BeforeValidator(_seconds)] = 0.0
    quiet: Annotated[Quiet | None, BeforeValidator(_quiet)] = None
    priority: Priority = Priority.BULK
    by: str = ""
    draft: bool = False

    @classmethod
    def of(cls, given: dict[str, Any]) -> Self:
        """An order that makes sense.

        Raises:
            TownhallError: it does not; it names the field.
        """
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise TownhallError(mistake(error)) from None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.text.strip() or self.title.strip() or self.attachments):
            raise ValueError("the message is empty")
        if self.priority is Priority.REPLY:
            raise ValueError("priority: reply is for answers; there are urgent, normal and bulk")
        return self

    def check_time(self) -> None:
        """Refuse a time that has been: nothing can be sent then, and at once was not asked for.

        Raises:
            TownhallError: it was more than a minute ago.
        """
        if self.at and self.at < now() - GRACE:
            there = now().astimezone(self.at.tzinfo)
            raise TownhallError(
                f"at: {self.at:%Y-%m-%d %H:%M %Z} is over, and it is {there:%Y-%m-%d %H:%M} there"
                "\n  Name a time to come, or none to send it at once."
            )

    def content(self, files: Files) -> Content:
        """The message.

        Raises:
            TownhallError: a file is not there.
        """
        title = literal(self.title) if self.markdown else self.title.strip()
        head = f"# {title}" if self.markdown and title else title
        return Content(
            text="\n\n".join(filter(None, (head, self.text))),
            markdown=self.markdown,
            attachments=tuple(one.attachment(files) for one in self.attachments),
            buttons=tuple(Button(**one.model_dump()) for one in self.buttons),
        )

    def terms(self) -> dict[str, Any]:
        """The other arguments of `NotificationService.broadcast`."""
        names = ("without", "title", "key", "at", "over", "quiet", "priority", "by", "draft")
        return {name: getattr(self, name) for name in names}


def mistake(error: ValidationError) -> str:
    """The first mistake of a body, in plain words."""
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"there is no field {place!r}"
    words = plain(first["msg"])
    return f"{place}: {words}" if place else words
