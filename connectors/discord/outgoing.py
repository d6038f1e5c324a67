"""From a Part to what Discord's API takes. Pure functions, but for the files.

https://discord.com/developers/docs/resources/message#create-message
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import discord

from bot.content import Attachment, Button, Card, Select
from bot.media import check_size
from bot.part import Part
from connectors.discord.places import FILE_SIZE, LARGEST

if TYPE_CHECKING:
    from bot.media import Media

Json = dict[str, Any]

# https://discord.com/developers/docs/components/reference
ROW, BUTTON, SELECT = 1, 2, 3
GREY, LINK = 2, 5
"""The styles of buttons."""
ROW_HOLDS = 5
LABEL, OPTION, PLACEHOLDER, OPTIONS = 80, 100, 150, 25
"""The longest texts in characters, and the most options."""

# https://discord.com/developers/docs/resources/message#embed-object-embed-limits
TITLE, TEXT, NAME, VALUE, FOOTER, FIELDS = 256, 4096, 256, 1024, 2048, 25
TOGETHER = 6000
"""Characters of all embeds of a message."""

NOBODY: Json = {"parse": []}
"""Nobody is pinged by what a text says."""


def body(part: Part) -> Json:
    """What a message says and shows, wherever it is sent."""
    return {
        "content": part.text,
        "embeds": list(_embeds(part)),
        "components": rows(part.buttons, part.selects),
        "allowed_mentions": NOBODY,
    }


def said(part: Part) -> Json:
    """A message of a channel: an answer, told from others by its nonce."""
    told = {**body(part), "nonce": part.nonce, "enforce_nonce": True}
    if part.reply_to:
        told["message_reference"] = {"message_id": part.reply_to, "fail_if_not_exists": False}
        told["allowed_mentions"] = {**NOBODY, "replied_user": True}  # as a person's answer does
    return told


@asynccontextmanager
async def opened(
    media: Media, part: Part, allowed: Callable[[], Awaitable[int]]
) -> AsyncIterator[list[discord.File]]:
    """The files of a part, streamed from disk; those of its cards come last.

    Args:
        allowed: tells how large each may be, in bytes; it is asked for what is large.

    Raises:
        Rejected, Unavailable: as `Media.open`.
    """
    async with AsyncExitStack() as stack:
        files: list[discord.File] = []
        for attachment, name in uploads(part):
            file = await stack.enter_async_context(media.open(attachment, most=LARGEST))
            if file.size > FILE_SIZE:
                check_size(file.size, await allowed(), file.name)
            about = attachment.description or None
            one = discord.File(file.handle, name or file.name, description=about)  # type: ignore[arg-type] # a binary file
            stack.callback(one.close)
            files.append(one)
        yield files


def naming(body: Json, files: Sequence[discord.File]) -> Json:
    """What a message says, with the names of the files that come with it."""
    if not files:
        return body
    return {**body, "attachments": [file.to_dict(number) for number, file in enumerate(files)]}


def uploads(part: Part) -> list[tuple[Attachment, str]]:
    """What is to be uploaded, and under which name."""
    files = [(one, one.name) for one in part.attachments]
    pictures = dict(_pictures(part))
    held = [(card.image, pictures[n]) for n, card in enumerate(part.cards) if n in pictures]
    return [*files, *((image, name) for image, name in held if image)]


def rows(buttons: Sequence[Button], selects: Sequence[Select]) -> list[Json]:
    """What can be pressed and chosen: five buttons or one list in a row."""
    starts = range(0, len(buttons), ROW_HOLDS)
    pressed = [[_button(one) for one in buttons[at : at + ROW_HOLDS]] for at in starts]
    chosen = [[_select(one, number)] for number, one in enumerate(selects)]
    return [{"type": ROW, "components": row} for row in [*pressed, *chosen]]


def cut(text: str, length: int) -> str:
    """The text, at most `length` characters of it."""
    if length < 1:
        return ""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _button(button: Button) -> Json:
    label = cut(button.label, LABEL)
    if button.url:
        return {"type": BUTTON, "style": LINK, "label": label, "url": button.url}
    value = button.value or button.label
    return {"type": BUTTON, "style": GREY, "label": label, "custom_id": value}


def _select(select: Select, number: int) -> Json:
    options = [
        {"label": cut(one.label, OPTION), "value": one.value or one.label}
        for one in select.options[:OPTIONS]
    ]
    shown = {"placeholder": cut(select.placeholder, PLACEHOLDER)} if select.placeholder else {}
    most = max(1, min(select.most, len(options)))
    named = {"type": SELECT, "custom_id": f"select/{number}", "options": options}
    return {**named, **shown, "min_values": 1, "max_values": most}


def _embeds(part: Part) -> Iterator[Json]:
    pictures, room = dict(_pictures(part)), TOGETHER
    for number, card in enumerate(part.cards):
        embed = _fitting(_embed(card, pictures.get(number)), room)
        room -= _size(embed)
        if embed:
            yield embed


def _fitting(embed: Json, room: int) -> Json:
    """The embed in at most so many characters: without the last fields, then with less text."""
    embed = {**embed, "fields": list(embed.get("fields", ()))}
    while embed["fields"] and _size(embed) > room:
        embed["fields"].pop()
    if (over := _size(embed) - room) > 0:
        text = embed.get("description", "")
        embed["description"] = cut(text, len(text) - over)
    return _filled(embed) if _size(embed) <= room else {}


def _size(embed: Json) -> int:
    footer = embed.get("footer", {}).get("text", "")
    fields = (len(one["name"]) + len(one["value"]) for one in embed.get("fields", ()))
    return len(embed.get("title", "") + embed.get("description", "") + footer) + sum(fields)


def _filled(embed: Json) -> Json:
    return {name: value for name, value in embed.items() if value not in (None, "", [])}


def _embed(card: Card, picture: str | None) -> Json:
    image = f"attachment://{picture}" if picture else card.image and card.image.key
    shown = {
        "title": cut(card.title, TITLE),
        "description": cut(card.text, TEXT),
        "url": card.url,
        "color": card.color,
        "fields": list(_fields(card.fields)),
        "footer": {"text": cut(card.footer, FOOTER)} if card.footer else None,
        "image": {"url": image} if image else None,
    }
    return _filled(shown)


def _fields(fields: Iterable[tuple[str, str]]) -> Iterator[Json]:
    # A field without a name or a value is refused; a space of no width is one.
    for name, value in list(fields)[:FIELDS]:
        yield {"name": cut(name, NAME) or "\u200b", "value": cut(value, VALUE) or "\u200b"}


def _pictures(part: Part) -> Iterator[tuple[int, str]]:
    """The pictures of cards that are to be uploaded, by names that an address may hold."""
    for number, card in enumerate(part.cards):
        if card.image and card.image.holder != "web":
            yield number, f"card{number}{PurePath(card.image.name).suffix.lower() or '.png'}"
