"""What a message shows besides its text, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]
RICH = "rich"
"""Embeds that somebody made; Discord adds others, as previews of what a text links to."""
TEXT_DISPLAY = 10
"""https://discord.com/developers/docs/components/reference#text-display"""


def shown(data: Json) -> Iterator[str]:
    """Embeds, layouts, stickers and a poll, each as a text."""
    yield from filter(None, map(embed, data.get("embeds") or ()))
    yield from written(data.get("components") or ())
    for sticker in data.get("sticker_items") or ():
        yield f"[sticker: {sticker['name']}]"
    if data.get("poll"):
        yield poll(data["poll"])


def embed(data: Json) -> str:
    """The words of an embed; empty for a preview."""
    if (data.get("type") or RICH) != RICH:
        return ""
    head = " ".join(filter(None, (data.get("title"), data.get("url"))))
    fields = (f"{one['name']}: {one['value']}" for one in data.get("fields") or ())
    author, footer = data.get("author") or {}, data.get("footer") or {}
    lines = (author.get("name"), head, data.get("description"), *fields, footer.get("text"))
    return "\n".join(filter(None, lines))


def written(components: Iterable[Json]) -> Iterator[str]:
    """The texts of a layout of components."""
    for one in components:
        if one.get("type") == TEXT_DISPLAY:
            yield str(one["content"])
        yield from written(one.get("components") or ())


def poll(data: Json) -> str:
    """A question, and what can be answered."""
    answers = (_choice(one["poll_media"]) for one in data.get("answers") or ())
    numbered = (f"{number}. {answer}" for number, answer in enumerate(answers, 1))
    return f"[poll: {' '.join((data['question'].get('text') or '', *numbered))}]"


def emoji(data: Json) -> str:
    """An emoji: itself, or `:name:` if it is a server's own."""
    called = data.get("name") or ""
    return f":{called}:" if data.get("id") else called


def _choice(data: Json) -> str:
    return " ".join(filter(None, (emoji(data.get("emoji") or {}), data.get("text"))))
