"""Text with HTML in it, as the Bot API reads it.

See https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import re
from html import unescape
from typing import NoReturn

from connectors.telegram.simulator.chats import Json, bad, units

STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
}
TOKEN = re.compile(r"<(?P<end>/?)(?P<name>[^\s<>/]*)(?P<rest>[^<>]*)(?P<close>>?)")
ATTRIBUTE = re.compile(r"""\s*([^\s=>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,8}|#[xX][0-9a-fA-F]{1,8});")
LANGUAGE = "language-"


def parse(text: str) -> tuple[str, list[Json]]:
    """The text without its tags, and its entities in the order of their offsets.

    Raises:
        ApiError: in the Bot API's words, if the tags are not right.
    """
    reader = _Reader(text)
    found = [one for one in reader.read() if one["length"] > 0]
    return reader.text, sorted(found, key=lambda one: (one["offset"], -one["length"]))


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """The text without white space around it, its entities moved along."""
    start = units(text) - units(text.lstrip())
    text = text.strip()
    end, found = units(text), []
    for one in entities:
        first = max(one["offset"] - start, 0)
        last = min(one["offset"] + one["length"] - start, end)
        if first < last:
            found.append(one | {"offset": first, "length": last - first})
    return text, found


class _Reader:
    def __init__(self, source: str) -> None:
        self._source, self.text = source, ""
        self._open: list[tuple[str, int, Json]] = []
        self._found: list[Json] = []

    def read(self) -> list[Json]:
        at = 0
        while tag := TOKEN.search(self._source, at):
            self._say(self._source[at : tag.start()])
            self._end(tag) if tag["end"] else self._start(tag)
            at = tag.end()
        self._say(self._source[at:])
        if self._open:
            _wrong(f'Can\'t find end tag corresponding to start tag "{self._open[-1][0]}"')
        return self._found

    def _say(self, text: str) -> None:
        self.text += REFERENCE.sub(lambda one: unescape(one[0]), text)

    def _start(self, tag: re.Match[str]) -> None:
        name, where = tag["name"].lower(), self._where(tag)
        if name not in STYLES:
            _wrong(f'Unsupported start tag "{name}" at byte offset {where}')
        if not tag["close"]:
            _wrong(f"Unclosed start tag at byte offset {where}")
        told = {
            one[1].lower(): one[2] or one[3] or one[4] for one in ATTRIBUTE.finditer(tag["rest"])
        }
        if name == "span" and told.get("class") != "tg-spoiler":
            _wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self._open.append((name, units(self.text), told))

    def _end(self, tag: re.Match[str]) -> None:
        name, where = tag["name"].lower(), self._where(tag)
        if not self._open:
            _wrong(f"Unexpected end tag at byte offset {where}")
        if not tag["close"]:
            _wrong(f"Unclosed end tag at byte offset {where}")
        opened, start, told = self._open.pop()
        if name != opened:
            _wrong(
                f"Unmatched end tag at byte offset {where}, "
                f'expected "</{opened}>", found "</{name}>"'
            )
        self._close(opened, start, told)

    def _close(self, name: str, start: int, told: Json) -> None:
        length, kind = units(self.text) - start, STYLES[name]
        entity: Json = {"type": kind, "offset": start, "length": length}
        if kind == "text_link":
            address = told.get("href") or self._since(start)
            if not address.startswith(("http://", "https://", "tg://", "mailto:", "tel:")):
                return  # a link that leads nowhere is only its text
            entity["url"] = unescape(address)
        elif kind == "custom_emoji":
            entity["custom_emoji_id"] = str(told.get("emoji-id"))
        elif kind == "blockquote" and "expandable" in told:
            entity["type"] = "expandable_blockquote"
        elif kind == "code" and str(told.get("class")).startswith(LANGUAGE) and self._in_pre():
            self._open[-1][2]["language"] = told["class"].removeprefix(LANGUAGE)
            return
        elif kind == "pre" and "language" in told:
            entity["language"] = told["language"]
        self._found.append(entity)

    def _in_pre(self) -> bool:
        return bool(self._open) and self._open[-1][0] == "pre"

    def _since(self, start: int) -> str:
        return self.text.encode("utf-16-le")[2 * start :].decode("utf-16-le")

    def _where(self, tag: re.Match[str]) -> int:
        return len(self._source[: tag.start()].encode())


def _wrong(words: str) -> NoReturn:
    raise bad(f"can't parse entities: {words}")
