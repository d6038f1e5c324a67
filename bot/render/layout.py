"""What of a Content stands in which message of a platform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from bot.capabilities import Capabilities, Markup
from bot.content import Attachment, Button, Card, Content, Select, Verb
from bot.render import markdown
from bot.render.cards import in_words, kept
from bot.render.controls import Controls, controls
from bot.render.splitting import spans, split
from bot.render.styled import Run, Styled
from bot.render.writing import is_literal, write
from bot.value import legible

PROMPT = "…"
"""The text of a message of buttons alone: no platform takes one without text."""


class Message(NamedTuple):
    """What one message says; the fields are those of `Part`."""

    text: str = ""
    markup: bool = False
    attachments: tuple[Attachment, ...] = ()
    buttons: tuple[Button, ...] = ()
    selects: tuple[Select, ...] = ()
    cards: tuple[Card, ...] = ()
    verb: Verb = Verb.SAY
    target: str | None = None

    def fields(self) -> dict[str, Any]:
        """What is not empty, and the text."""
        return {name: value for name, value in self._asdict().items() if value or name == "text"}


def lay(content: Content, capabilities: Capabilities) -> list[Message]:
    """The messages that say `content`, in their order."""
    if _is_plain(content, capabilities):
        texts = split(content.text, capabilities.max_length, capabilities.length)
        return [Message(text) for text in texts]
    sent, unsent = _files(content, capabilities)
    pressed = controls(content, capabilities)
    messages = list(_texts(_words(content, capabilities, [*unsent, *pressed.lines]), capabilities))
    messages = _with_files(messages, sent, _cards(content, capabilities), capabilities.files)
    return _with_controls(messages, pressed)


def _is_plain(content: Content, capabilities: Capabilities) -> bool:
    """Whether it is a text that is sent as it stands."""
    more = content.markdown or content.attachments or content.buttons or content.selects
    if more or content.cards or content.persona:
        return False
    return capabilities.markup is not Markup.DISCORD or is_literal(content.text)


def _words(content: Content, capabilities: Capabilities, lines: list[str]) -> list[Run]:
    """All that is said in words."""
    name = "" if capabilities.personas or not content.persona else f"{content.persona.name}: "
    body = markdown.runs(content.text, capabilities) if content.markdown else [Run(content.text)]
    cards = [
        in_words(card, capabilities, markdown=content.markdown)
        for card in content.cards[capabilities.cards :]
    ]
    blocks = [[Run(legible(name)), *body], *cards]
    said = [block for block in blocks if any(run.text for run in block)]
    joined = [run for block in said for run in (*block, Run("\n\n"))][:-1]
    below = [run for line in lines for run in (Run("\n"), Run(legible(line)))]
    return [*joined, *below]


def _texts(runs: list[Run], capabilities: Capabilities) -> Iterator[Message]:
    whole, markup = Styled(runs), capabilities.markup

    def fits(start: int, end: int) -> bool:
        shown = whole.between(*_trimmed(whole.text, start, end))
        # Telegram counts without tags.
        text = _text(shown) if markup is Markup.HTML else write(shown, markup)
        return capabilities.length(text) <= capabilities.max_length

    for start, end in spans(whole.text, capabilities.max_length, fits):
        shown = whole.between(*_trimmed(whole.text, start, end))
        if markup is Markup.HTML and not any(run.marks for run in shown):
            yield Message(_text(shown))
        else:
            yield Message(write(shown, markup), markup is Markup.HTML)


def _text(runs: list[Run]) -> str:
    return "".join(run.text for run in runs)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out empty lines at the start, and white space at the end."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip("\n")), start + len(piece.rstrip())


def _cards(content: Content, capabilities: Capabilities) -> tuple[Card, ...]:
    return tuple(
        kept(card, capabilities, markdown=content.markdown)
        for card in content.cards[: capabilities.cards]
    )


def _files(content: Content, capabilities: Capabilities) -> tuple[list[Attachment], list[str]]:
    """The files that are sent, and what is said of those that cannot be."""
    pictures = (card.image for card in content.cards[capabilities.cards :] if card.image)
    sent, unsent = [], []
    for file in (*content.attachments, *pictures):
        if can_send(file, capabilities):
            sent.append(file)
        else:
            unsent.append(_told(file))
    return sent, unsent


def can_send(file: Attachment, capabilities: Capabilities) -> bool:
    """Whether a platform takes a file; what it has already is never too large."""
    ours = file.holder in ("file", "web")
    most = capabilities.file_size
    too_large = ours and most is not None and file.size is not None and file.size > most
    return capabilities.files > 0 and not too_large


def _told(file: Attachment) -> str:
    if file.holder == "web":
        return f"{file.name}: {file.key}" if file.name else file.key
    return f"[{file.kind}: {file.name}]" if file.name else f"[{file.kind}]"


def _with_files(
    messages: list[Message], files: list[Attachment], cards: tuple[Card, ...], most: int
) -> list[Message]:
    """Put files and cards under the last text; what is too many follows."""
    if not (files or cards):
        return messages
    *before, last = messages or [Message()]
    batches = [tuple(files[at : at + most]) for at in range(0, len(files), most or 1)]
    first, *others = batches or [()]
    return [
        *before,
        last._replace(attachments=first, cards=cards),
        *(Message(attachments=batch) for batch in others),
    ]


def _with_controls(messages: list[Message], pressed: Controls) -> list[Message]:
    """Put what can be pressed under the last message."""
    if not (pressed.buttons or pressed.selects):
        return messages
    *before, last = messages or [Message(PROMPT)]
    return [*before, last._replace(buttons=pressed.buttons, selects=pressed.selects)]
