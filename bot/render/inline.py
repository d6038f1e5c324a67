"""What stands in a line of CommonMark: styles, code, links and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.capabilities import Capabilities, Markup
from bot.render.links import hides
from bot.render.styled import Mark, Run, Style

if TYPE_CHECKING:
    from markdown_it.token import Token

STYLES = {"strong": Style.BOLD, "em": Style.ITALIC, "s": Style.STRIKE}


class Link(NamedTuple):
    """A link that is being read.

    Args:
        first: the index of its first run.
        depth: how many styles there are around it.
        written: whether its text is the address.
    """

    url: str
    first: int
    depth: int
    written: bool = False


class Inline:
    """Collects the runs of what it reads; a method is named after the token that it takes.

    It follows markdown-it's flat tokens, so that nothing can nest too deep for it.
    """

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities, self.markup = capabilities, capabilities.markup
        self.runs: list[Run] = []
        self.indent = ""
        self._marks: list[tuple[Mark, ...]] = [()]
        self._links: list[Link] = []

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The styles that are open."""
        return self._marks[-1]

    def inline(self, token: Token) -> None:
        """Read what is in one block, or in the text of a picture."""
        for child in token.children or ():
            getattr(self, f"_{child.type}", self._text)(child)

    def say(self, text: str, *marks: Mark) -> None:
        """Add a text in the styles that are open."""
        self.runs.append(Run(text, (*self.marks, *marks)))

    def code(self, text: str, mark: Mark) -> None:
        """Add code. In Telegram it has no other style, and without markup it is only text.

        https://core.telegram.org/bots/api#formatting-options
        """
        if self.markup is Markup.DISCORD:
            self.say(text, mark)
        else:
            around = tuple(one for one in self.marks if one.style is Style.QUOTE)
            marks = () if self.markup is Markup.NONE else (mark,)
            self.runs.append(Run(text, (*around, *marks)))

    def open(self, mark: Mark) -> None:
        """Begin a style, if the platform has it and it is not open yet."""
        shown = self.markup is not Markup.NONE or mark.style is Style.QUOTE
        known = mark in self.marks or not shown
        self._marks.append(self.marks if known else (*self.marks, mark))

    def close(self) -> None:
        """End the style that was begun last."""
        self._marks.pop()

    def _text(self, token: Token) -> None:
        self.say(token.content)

    def _softbreak(self, _token: Token) -> None:
        in_heading = any(mark.style is Style.HEADING for mark in self.marks)
        self.say(" " if in_heading else "\n" + self.indent)

    def _code_inline(self, token: Token) -> None:
        self.code(token.content, Mark(Style.CODE))

    def _strong_open(self, token: Token) -> None:
        self.open(Mark(STYLES[token.tag]))

    def _strong_close(self, _token: Token) -> None:
        self.close()

    def _link_open(self, token: Token) -> None:
        self._links.append(self._link(token, "href"))

    def _link_close(self, _token: Token) -> None:
        self._end(self._links.pop())

    def _image(self, token: Token) -> None:
        link = self._link(token, "src")
        self.inline(token)
        self._end(link)

    _hardbreak = _softbreak
    _em_open = _s_open = _strong_open
    _em_close = _s_close = _strong_close

    def _link(self, token: Token, name: str) -> Link:
        written = token.markup == "autolink"
        return Link(str(token.attrs[name]), len(self.runs), len(self.marks), written)

    def _end(self, link: Link) -> None:
        runs = self.runs[link.first :]
        label = "".join(run.text for run in runs).strip()
        if link.written or label == link.url:
            return
        if not label:
            self.say(link.url)
        elif hides(link.url, label, self.capabilities):
            self.runs[link.first :] = [self._linked(run, link) for run in runs]
        else:
            self.say(f" ({link.url.removeprefix('mailto:')})")

    def _linked(self, run: Run, link: Link) -> Run:
        outer, inner = run.marks[: link.depth], run.marks[link.depth :]
        hidden = {Style.LINK, Style.CODE} if self.markup is Markup.HTML else {Style.LINK}
        inner = tuple(mark for mark in inner if mark.style not in hidden)
        return run._replace(marks=(*outer, Mark(Style.LINK, link.url), *inner))
