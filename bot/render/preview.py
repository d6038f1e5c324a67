"""What a platform cannot show of a Content, for those who look before they send."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.capabilities import Capabilities, Markup
from bot.content import Content, Verb
from bot.render import markdown
from bot.render.controls import controls, fitting_lists
from bot.render.layout import can_send, lay

NAMED = re.compile(r"(?<![\w@./])@(?!everyone\b|here\b)(\w{2,})")
"""A person's handle. Discord knows people by their ids only."""

STYLED = {
    "heading_open": "headings",
    "strong_open": "bold",
    "em_open": "italics",
    "s_open": "strikethrough",
    "code_inline": "code",
    "fence": "code blocks",
}

CANNOT = {
    Verb.EDIT: "a message cannot be edited",
    Verb.DELETE: "a message cannot be deleted",
    Verb.REACT: "there are no reactions",
    Verb.UNREACT: "there are no reactions",
    Verb.REPOST: "nothing can be reposted",
}


def losses(content: Content, capabilities: Capabilities) -> tuple[str, ...]:
    """What a platform leaves out or shows in another way, each in plain words."""
    verb = content.verb
    if verb is not Verb.SAY and verb not in capabilities.verbs:
        return (CANNOT[verb],)
    if verb not in (Verb.SAY, Verb.EDIT):
        return ()
    return (
        *_styles(content, capabilities),
        *_files(content, capabilities),
        *_controls(content, capabilities),
        *_some("card", len(content.cards), len(content.cards[capabilities.cards :])),
        *_circumstances(content, capabilities),
        *_messages(content, capabilities),
    )


def _styles(content: Content, capabilities: Capabilities) -> Iterator[str]:
    if not content.markdown:
        return
    blocks = markdown.tokens(content.text)
    kinds = {token.type for block in blocks for token in (block, *(block.children or ()))}
    plain = [name for kind, name in STYLED.items() if kind in kinds]
    if capabilities.markup is Markup.NONE and plain:
        yield f"{', '.join(plain)} become plain text"
    if capabilities.markup is Markup.NONE and "link_open" in kinds:
        yield "links are written out"
    if capabilities.markup is Markup.HTML and "heading_open" in kinds:
        yield "headings become bold text"
    if "image" in kinds:
        yield "pictures in the text become links"
    if "table_open" in kinds:
        yield "tables become text"


def _files(content: Content, capabilities: Capabilities) -> Iterator[str]:
    files = content.attachments
    unsent = [file for file in files if not can_send(file, capabilities)]
    if capabilities.files == 0:
        yield from _some("file", len(files), len(unsent))
    else:
        yield from (f"{file.name or 'a file'} is too large and becomes text" for file in unsent)


def _controls(content: Content, capabilities: Capabilities) -> Iterator[str]:
    lists = fitting_lists(content, capabilities)
    shown = len(controls(content, capabilities).buttons)
    yield from _some("button", len(content.buttons), len(content.buttons[shown:]))
    others = [select for select in content.selects if select not in lists]
    if others:
        yield f"lists become {'buttons' if shown > len(content.buttons) else 'text'}"
    if any(select.most > 1 for select in others):
        yield "only one can be chosen from a list"


def _circumstances(content: Content, capabilities: Capabilities) -> Iterator[str]:
    if content.persona and not capabilities.personas:
        yield f"{content.persona.name} is named before the text"
    if content.private and not capabilities.private:
        yield "everybody in the room can see it"
    if content.thread and not capabilities.threads:
        yield "no thread is opened"
    named = set() if capabilities.markup is Markup.DISCORD else set(NAMED.findall(content.text))
    if named:
        yield f"names {len(named)} {'person' if len(named) == 1 else 'people'}"


def _messages(content: Content, capabilities: Capabilities) -> Iterator[str]:
    count = len(lay(content, capabilities))
    if count > 1:
        yield f"split into {count} messages"


def _some(noun: str, every: int, lost: int) -> Iterator[str]:
    if every == lost == 1:
        yield f"the {noun} becomes text"
    elif lost:
        yield f"{f'{lost} of {every} ' if lost < every else ''}{noun}s become text"
