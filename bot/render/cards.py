"""Cards: in the platform's markup where they stay cards, otherwise in words."""

from __future__ import annotations

from collections.abc import Iterator

from bot.capabilities import Capabilities, Markup
from bot.content import Card
from bot.render.links import hides
from bot.render.markdown import runs
from bot.render.styled import Mark, Run, Style
from bot.render.writing import write
from bot.value import legible


def kept(card: Card, capabilities: Capabilities, *, markdown: bool) -> Card:
    """The card with its texts in the platform's markup, but for the footer, which has none."""

    def written(text: str) -> str:
        return write([Run(text)], capabilities.markup)

    text = runs(card.text, capabilities) if markdown else [Run(card.text)]
    fields = tuple((written(name), written(value)) for name, value in card.fields)
    shown = {"title": written(card.title), "text": write(text, capabilities.markup)}
    return card.model_copy(update={**shown, "fields": fields})


def in_words(card: Card, capabilities: Capabilities, *, markdown: bool) -> list[Run]:
    """The card as text, without its picture."""
    text = runs(card.text, capabilities) if markdown else [Run(card.text)]
    fields = [[Run(legible(f"{name}: {value}"))] for name, value in card.fields]
    lines = [list(_title(card, capabilities)), text, *fields, [Run(legible(card.footer))]]
    said = [line for line in lines if any(run.text for run in line)]
    return [run for line in said for run in (*line, Run("\n"))][:-1]


def _title(card: Card, capabilities: Capabilities) -> Iterator[Run]:
    title, url = legible(card.title), card.url or ""
    bold = () if capabilities.markup is Markup.NONE else (Mark(Style.BOLD),)
    if not (title and url):
        yield Run(title, bold)
        yield Run(url)
    elif hides(url, title, capabilities):
        yield Run(title, (Mark(Style.LINK, url), *bold))
    else:
        yield Run(title, bold)
        yield Run(f" ({url})")
