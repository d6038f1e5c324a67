"""What is said: text and all that goes with it, the same for every platform."""

from __future__ import annotations

from enum import StrEnum
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from bot.value import Text, Value


class MediaKind(StrEnum):
    """What a file is to those who get it; a platform shows each in its own way."""

    FILE = "file"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    VOICE = "voice"
    STICKER = "sticker"


class Attachment(Value):
    """A file that goes with a message, by reference; `Runtime.media` opens it.

    Args:
        key: what its holder knows it by: a platform's id of it (never an address that holds a
            token), a path, or an address.
        holder: who has it: `file`, `web`, or the account that told us of it, as in
            `telegram` or `discord/sales`.
        size: in bytes.
        seconds: how long it plays.
        description: what it shows, for those who cannot see it.
    """

    key: str
    holder: str = ""
    kind: MediaKind = MediaKind.FILE
    name: str = ""
    media_type: str = ""
    size: int | None = None
    seconds: float | None = None
    description: str = ""

    @classmethod
    def file(cls, path: Path | str, **fields: Any) -> Self:
        """A file of this machine, to send. Never make one from what somebody said.

        Args:
            fields: the other fields; by default they are guessed from the name.
        """
        path = Path(path)
        return cls(key=str(path), holder="file", **_guessed(path.name) | fields)

    @classmethod
    def web(cls, url: str, **fields: Any) -> Self:
        """A file behind a public address, to send.

        Args:
            fields: the other fields; by default they are guessed from the address.
        """
        name = url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
        return cls(key=url, holder="web", **_guessed(name) | fields)


def _guessed(name: str) -> dict[str, Any]:
    media_type = guess_type(name)[0] or ""
    kind = media_type.partition("/")[0]
    return {
        "name": name,
        "media_type": media_type,
        "kind": MediaKind(kind) if kind in ("image", "audio", "video") else MediaKind.FILE,
    }


class Button(Value):
    """Something to press under a message, or to choose from a `Select`.

    Args:
        value: what the person says by pressing it, for instance `/roll 6`.
        url: what opens instead.
    """

    label: str
    value: str = ""
    url: str | None = None


class Select(Value):
    """A list to choose from.

    Args:
        options: what can be chosen; the values chosen come back as lines of one text.
        most: how many may be chosen.
    """

    options: tuple[Button, ...]
    placeholder: str = ""
    most: int = 1


class Card(Value):
    """A framed summary under a text; where a platform has none, it becomes text.

    Args:
        fields: pairs of a name and a value.
        color: of the frame, as 0xRRGGBB.
    """

    title: str = ""
    text: Text = ""
    url: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    image: Attachment | None = None
    footer: str = ""
    color: int | None = None


class Persona(Value):
    """Somebody else's name to speak under, where a platform lets the bot.

    Args:
        avatar: the address of a picture.
    """

    name: str
    avatar: str | None = None


class Verb(StrEnum):
    """What a Content does: say something new, or something to a message that exists."""

    SAY = "say"
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"
    UNREACT = "unreact"
    REPOST = "repost"


class Content(Value):
    """What was said.

    Args:
        actions: the names of the actions asked for.
        in_reply_to: the `Memory.id` that this answers.
        values: anything that an action hands to the next one.
        markdown: whether `text` is CommonMark; otherwise it is shown as it stands.
        verb: what it does; with `REACT` and `UNREACT`, `text` is the emoji.
        target: the `Memory.id` of the message that the verb is about.
        thread: the name of a new thread to say it in.
        persona: under whose name to say it.
        private: whether only the person answered may see it, where a platform can do that.
    """

    text: Text = ""
    attachments: tuple[Attachment, ...] = ()
    buttons: tuple[Button, ...] = ()
    selects: tuple[Select, ...] = ()
    cards: tuple[Card, ...] = ()
    actions: tuple[str, ...] = ()
    in_reply_to: UUID | None = None
    values: dict[str, Any] = Field(default_factory=dict)
    markdown: bool = False
    verb: Verb = Verb.SAY
    target: UUID | None = None
    thread: str = ""
    persona: Persona | None = None
    private: bool = False
