"""From CommonMark, with tables and strikethrough, to runs of styled text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from bot.capabilities import Capabilities, Markup
from bot.render.inline import Inline
from bot.render.styled import Mark, Run, Style
from bot.render.tables import Cells, aligned, plain

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

RULE = "———"

DEPTH = 50
"""How deep quotes and lists may nest; the parser leaves out what is deeper."""


@cache
def _parser() -> MarkdownIt:
    # Imported with the first Markdown: most bots never need it.
    from markdown_it import MarkdownIt

    options = {"html": False, "maxNesting": DEPTH}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"])


def tokens(text: str) -> list[Token]:
    """The blocks of a CommonMark text, as markdown-it tells of them."""
    return _parser().parse(text)


def runs(text: str, capabilities: Capabilities) -> list[Run]:
    """The runs of a CommonMark text, with the styles that a platform has."""
    text = re.sub(r"\r\n?", "\n", text)
    found = tokens(text)
    if any(token.level >= DEPTH - 1 for token in found):
        return [Run(text)]
    blocks = Blocks(text, capabilities)
    blocks.read(found)
    return blocks.runs


class Blocks(Inline):
    """Reads blocks; they are as far apart as they were written."""

    def __init__(self, text: str, capabilities: Capabilities) -> None:
        super().__init__(capabilities)
        self._lines = text.split("\n")
        self._fresh = True  # nothing stands yet in the block that was opened last
        self._numbers: list[int | None] = []
        self._indents: list[str] = []

    def read(self, tokens: Iterable[Token]) -> None:
        """Read blocks."""
        tokens = iter(tokens)
        for token in tokens:
            if token.type == "table_open":
                self._begin(token)
                self._table(tokens)
            else:
                getattr(self, f"_{token.type}", self._ignore)(token)

    def _ignore(self, _token: Token) -> None:
        """What closes needs no word."""

    def _inline(self, token: Token) -> None:
        self.inline(token)

    def _paragraph_open(self, token: Token) -> None:
        self._begin(token, self.indent)

    def _heading_open(self, token: Token) -> None:
        self._begin(token, self.indent)
        level = min(int(token.tag[1:]), 3)  # Discord has three
        known = self.markup is Markup.DISCORD
        self.open(Mark(Style.HEADING, str(level)) if known else Mark(Style.BOLD))

    def _heading_close(self, _token: Token) -> None:
        self.close()

    def _blockquote_open(self, token: Token) -> None:
        self._begin(token, self.indent)
        self.open(Mark(Style.QUOTE))
        self._fresh = True

    def _blockquote_close(self, _token: Token) -> None:
        self.close()
        self._fresh = False

    def _bullet_list_open(self, _token: Token) -> None:
        self._numbers.append(None)

    def _ordered_list_open(self, token: Token) -> None:
        self._numbers.append(int(token.attrs.get("start", 1)))

    def _bullet_list_close(self, _token: Token) -> None:
        self._numbers.pop()

    _ordered_list_close = _bullet_list_close

    def _list_item_open(self, token: Token) -> None:
        self._begin(token, self.indent)
        marker = self._marker()
        marks = (Mark(Style.MARKER),) if self.markup is Markup.DISCORD else ()
        self.say(marker, *marks)
        self._indents.append(" " * len(marker))
        self.indent = "".join(self._indents)
        self._fresh = True

    def _list_item_close(self, _token: Token) -> None:
        self._indents.pop()
        self.indent = "".join(self._indents)
        self._fresh = False

    def _marker(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return "• "
        self._numbers[-1] = number + 1
        return f"{number}. "

    def _fence(self, token: Token) -> None:
        self._begin(token)
        language = re.sub(r"[^\w+.#-].*", "", token.info.strip(), flags=re.DOTALL)
        self.code(token.content.rstrip("\n"), Mark(Style.BLOCK, language))

    _code_block = _fence

    def _hr(self, token: Token) -> None:
        self._begin(token, self.indent)
        self.say(RULE)

    def _table(self, tokens: Iterator[Token]) -> None:
        cells = Cells()
        for token in tokens:
            match token.type:
                case "table_close":
                    break
                case "tr_open":
                    cells.rows.append([])
                case "th_open":
                    cells.sides.append(str(token.attrs.get("style", "")).rpartition(":")[2])
                case "inline":
                    cells.rows[-1].append(self._cell(token))
        text = plain(cells) if self.markup is Markup.NONE else aligned(cells)
        self.code(text, Mark(Style.BLOCK))

    def _cell(self, token: Token) -> str:
        cell = Inline(self.capabilities.model_copy(update={"markup": Markup.NONE}))
        cell.inline(token)
        return "".join(run.text for run in cell.runs)

    def _begin(self, token: Token, indent: str = "") -> None:
        """Start a line, after an empty one if it was written so."""
        if not self._fresh and token.map:
            first = token.map[0]
            apart = first > 0 and not self._lines[first - 1].strip(" \t>")
            self.say(("\n\n" if apart else "\n") + indent)
        self._fresh = False
