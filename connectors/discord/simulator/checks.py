"""What Discord refuses in a message.

https://discord.com/developers/docs/resources/message and
https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from connectors.discord.simulator.refusal import Refusal, invalid
from connectors.discord.simulator.shapes import Json

LONGEST = 2000
"""Characters of a message."""
NONCE = 25
"""Characters of a nonce."""
EMBEDS, EMBED_TOTAL, FIELDS = 10, 6000, 25
EMBED = {"title": 256, "description": 4096}
"""Characters of the texts of an embed."""
FIELD = {"name": 256, "value": 1024}
FOOTER = 2048
ROWS, ROW_HOLDS, OPTIONS = 5, 5, 25
ROW, BUTTON, SELECT, LINK = 1, 2, 3, 5
LABEL, CUSTOM_ID, OPTION, PLACEHOLDER = 80, 100, 100, 150
USERNAME = 80
FILES = 10


def check(body: Json, *, has_files: bool) -> None:
    """Refuse a message that Discord would refuse.

    Raises:
        Refusal: it does.
    """
    text = body.get("content") or ""
    length("content", text, LONGEST)
    length("nonce", str(body.get("nonce") or ""), NONCE)
    embeds, rows = body.get("embeds") or [], body.get("components") or []
    _check_embeds(embeds)
    _check_rows(rows)
    if not (text.strip() or embeds or rows or has_files or body.get("sticker_ids")):
        raise Refusal(400, "Cannot send an empty message", 50006)


def username(name: str) -> None:
    """Refuse a name that no webhook may have.

    Raises:
        Refusal: it is one.
    """
    length("username", name, USERNAME, least=1)
    for word in ("clyde", "discord"):
        if word in name.lower():
            problem = f'Username cannot contain "{word}"'
            raise invalid("username", "USERNAME_INVALID_CONTAINS", problem)


def length(field: str, text: Any, most: int, *, least: int = 0) -> None:
    """Refuse what is no text, or too long or short.

    Raises:
        Refusal: it is.
    """
    if not isinstance(text, str):
        raise invalid(field, "BASE_TYPE_BAD_STRING", "Could not interpret as a string.")
    if len(text) > most:
        raise invalid(field, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
    if len(text) < least:
        problem = f"Must be between {least} and {most} in length."
        raise invalid(field, "BASE_TYPE_BAD_LENGTH", problem)


def count(field: str, many: Any, most: int, *, least: int = 0) -> None:
    """Refuse a list that is too long or short.

    Raises:
        Refusal: it is.
    """
    if not least <= len(many) <= most:
        problem = f"Must be between {least} and {most} in length."
        raise invalid(field, "BASE_TYPE_BAD_LENGTH", problem)


def _check_embeds(embeds: list[Json]) -> None:
    count("embeds", embeds, EMBEDS)
    for embed in embeds:
        for name, most in EMBED.items():
            length(f"embeds.{name}", embed.get(name, ""), most)
        count("embeds.fields", embed.get("fields", ()), FIELDS)
        for one in embed.get("fields", ()):
            for name, most in FIELD.items():
                length(f"embeds.fields.{name}", one.get(name), most, least=1)
        length("embeds.footer.text", (embed.get("footer") or {}).get("text", ""), FOOTER)
    if sum(len(text) for embed in embeds for text in _texts(embed)) > EMBED_TOTAL:
        problem = f"Embed size exceeds maximum size of {EMBED_TOTAL}"
        raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", problem)


def _texts(embed: Json) -> Iterator[str]:
    yield from (embed.get(name, "") for name in EMBED)
    yield (embed.get("footer") or {}).get("text", "")
    for one in embed.get("fields", ()):
        yield from (one["name"], one["value"])


def _check_rows(rows: list[Json]) -> None:
    count("components", rows, ROWS)
    for row in rows:
        if row.get("type") != ROW:
            raise invalid("components", "UNION_TYPE_CHOICES", "Value of field type must be 1.")
        held = row.get("components") or []
        holds_list = any(one.get("type") == SELECT for one in held)
        count("components.components", held, 1 if holds_list else ROW_HOLDS, least=1)
        for one in held:
            (_check_select if one.get("type") == SELECT else _check_button)(one)
    _check_twins("custom_id", (c.get("custom_id") for row in rows for c in row["components"]))


def _check_button(button: Json) -> None:
    if button.get("type") != BUTTON:
        problem = "Value of field type must be one of (2, 3, 4, 5, 6, 7, 8)."
        raise invalid("components", "UNION_TYPE_CHOICES", problem)
    length("label", button.get("label", ""), LABEL)
    if button.get("style") == LINK:
        if not str(button.get("url")).startswith(("http://", "https://", "discord://")):
            problem = "Scheme must be one of ('http', 'https', 'discord')."
            raise invalid("url", "URL_TYPE_INVALID_SCHEME", problem)
    else:
        length("custom_id", button.get("custom_id"), CUSTOM_ID, least=1)


def _check_select(select: Json) -> None:
    options = select.get("options") or []
    length("custom_id", select.get("custom_id"), CUSTOM_ID, least=1)
    length("placeholder", select.get("placeholder", ""), PLACEHOLDER)
    count("options", options, OPTIONS, least=1)
    for one in options:
        length("label", one.get("label"), OPTION, least=1)
        length("value", one.get("value"), OPTION, least=1)
    _check_twins("value", (one["value"] for one in options))
    if not 1 <= int(select.get("max_values", 1)) <= len(options):
        problem = f"int value should be less than or equal to {len(options)}."
        raise invalid("max_values", "NUMBER_TYPE_MAX", problem)


def _check_twins(field: str, values: Iterable[str | None]) -> None:
    known = [one for one in values if one is not None]
    if len(known) != len(set(known)):
        kind = "COMPONENT_CUSTOM_ID_DUPLICATED" if field == "custom_id" else "SELECT_DUPLICATE"
        raise invalid(field, kind, f"Component {field} cannot be duplicated")
