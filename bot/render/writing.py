"""From styled text to the markup of a platform: what is opened is closed, what is literal escaped.

- Discord: https://support.discord.com/hc/en-us/articles/210298617
- Telegram: https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import NamedTuple

from bot.capabilities import Markup
from bot.render.styled import Mark, Run, Style

ESCAPED = re.compile(
    r"(?P<address>https?://[^\s<>]+)"
    r"|(?P<start>^[^\S\n]*(?=[#>+-])|^[^\S\n]*\d+(?=\.\s))"
    r"|(?P<sign>[\\*_~|`<\[])",
    re.MULTILINE,
)
"""What Discord would not show as it stands; addresses are found so that they are left alone."""

MARKED = re.compile(r"[\\*_~|`<\[]|^[^\S\n]*(?:[#>+-]|\d+\.\s)|https?://[^\s>]+>", re.MULTILINE)
"""Without any of it, a text needs no second look."""

SIGNS = {Style.BOLD: "**", Style.ITALIC: "*", Style.STRIKE: "~~"}
TAGS = {
    Style.BOLD: "b",
    Style.ITALIC: "i",
    Style.STRIKE: "s",
    Style.CODE: "code",
    Style.QUOTE: "blockquote",
}
RAW = frozenset({Style.CODE, Style.BLOCK, Style.MARKER})
UNSEEN = "\u200b"
"""Parts signs that would be read as one."""


class Dialect(NamedTuple):
    """One way of writing styles.

    Args:
        text: writes what has no style, given whether a line begins with it.
        wrap: puts a style around what is written.
        raw: the styles of which `wrap` takes the text as it is.
    """

    text: Callable[[str, bool], str]
    wrap: Callable[[Mark, str], str]
    raw: frozenset[Style] = frozenset()


def write(runs: Iterable[Run], markup: Markup) -> str:
    """The runs in a platform's markup."""
    return _write(runs, 0, DIALECTS[markup], starts=True)


def escape(text: str, starts: bool = True) -> str:
    """Write a literal text so that Discord shows it as it is; addresses stay links.

    Args:
        starts: whether a line begins with it.
    """
    if is_literal(text):
        return text
    # A letter before it keeps the pattern from finding the start of a line there.
    return ESCAPED.sub(_escaped, text) if starts else ESCAPED.sub(_escaped, "x" + text)[1:]


def is_literal(text: str) -> bool:
    """Whether Discord shows a text as it stands."""
    return not MARKED.search(text)


def _escaped(found: re.Match[str]) -> str:
    if found["sign"]:
        return "\\" + found["sign"]
    if found["start"] is not None:
        return found["start"] + "\\"
    # Discord would take what follows without a space for a part of the address.
    runs_on = found.string[found.end() : found.end() + 1] in ("<", ">")
    return f"<{found[0]}>" if runs_on else found[0]


def _write(runs: Iterable[Run], depth: int, dialect: Dialect, *, starts: bool) -> str:
    written = ""
    for mark, group in groupby(runs, key=lambda run: _mark(run, depth)):
        if mark is None:
            piece = dialect.text("".join(run.text for run in group), starts)
        elif mark.style in dialect.raw:
            piece = dialect.wrap(mark, "".join(run.text for run in group))
        else:
            piece = dialect.wrap(mark, _write(group, depth + 1, dialect, starts=starts))
        if written.endswith("*") and piece.startswith("*"):
            written += UNSEEN
        written += piece
        starts = piece.endswith("\n") or (mark is not None and mark.style is Style.MARKER)
    return written


def _mark(run: Run, depth: int) -> Mark | None:
    return run.marks[depth] if depth < len(run.marks) else None


def _discord(mark: Mark, text: str) -> str:
    match mark.style:
        case Style.QUOTE:
            written = _quoted(text)
        case Style.HEADING:
            written = f"{'#' * int(mark.value)} {text}" if text.strip() else text
        case Style.BLOCK:
            written = _fenced(text, mark.value)
        case Style.MARKER:
            written = text.replace("•", "-")
        case Style.CODE:
            written = _around(text, _inline)
        case Style.LINK:
            written = _around(text, lambda label: f"[{label}]({_address(mark.value)})")
        case style:
            written = _around(text, lambda core: f"{SIGNS[style]}{core}{SIGNS[style]}")
    return written


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def _fenced(text: str, language: str) -> str:
    code = re.sub("`(?=``)", f"`{UNSEEN}", text.strip("\n"))  # Discord has no longer fences
    return f"```{language}\n{code}\n```" if code.strip() else text


def _inline(code: str) -> str:
    if "`" not in code:
        return f"`{code}`"
    code = re.sub("`(?=`)", f"`{UNSEEN}", code)
    return f"`` {code} ``" if "`" in (code[0], code[-1]) else f"``{code}``"


def _around(text: str, sign: Callable[[str], str]) -> str:
    """Put signs around a text; white space stays outside, where it cannot break them."""
    core = text.strip()
    before, _, after = text.partition(core) if core else (text, "", "")
    return f"{before}{sign(core)}{after}" if core else text


def _address(url: str) -> str:
    return url.translate({ord(sign): f"%{ord(sign):02X}" for sign in " ()<>"})


def _html(mark: Mark, text: str) -> str:
    match mark.style:
        case Style.LINK:
            return f'<a href="{html.escape(mark.value)}">{text}</a>'
        case Style.BLOCK if mark.value:
            return f'<pre><code class="language-{html.escape(mark.value)}">{text}</code></pre>'
        case Style.BLOCK:
            return f"<pre>{text}</pre>"
        case style:
            return f"<{TAGS[style]}>{text}</{TAGS[style]}>"


def _plain(mark: Mark, text: str) -> str:
    return _quoted(text) if mark.style is Style.QUOTE else text


DIALECTS = {
    Markup.DISCORD: Dialect(escape, _discord, RAW),
    Markup.HTML: Dialect(lambda text, _: html.escape(text, quote=False), _html),
    Markup.NONE: Dialect(lambda text, _: text, _plain),
}
