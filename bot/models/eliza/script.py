"""ELIZA's script: the words of script.yaml, made ready to be searched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

from bot.character.document import read_document

HOLE = re.compile(r"\{\d+\}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to answer.

    Args:
        text: what to say; `{1}` stands for what the pattern caught first.
        pieces: what stands between the holes.
    """

    text: str
    pieces: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """An answer from its text in the script."""
        return cls(text, tuple(HOLE.split(text)))

    def made(self, line: str) -> bool:
        """Whether `line` can have been made from this."""
        first, *middle, last = self.pieces if len(self.pieces) > 1 else (*self.pieces, "")
        if not (line.startswith(first) and line.endswith(last)):
            return False
        place = len(first)
        for piece in middle:
            place = line.find(piece, place)
            if place < 0:
                return False
        return len(self.pieces) > 1 or line == self.text


@dataclass(frozen=True)
class Rule:
    """What to say to words of a certain form, or the keyword where to go on instead."""

    form: str
    groups: Mapping[str, Sequence[str]]
    answers: tuple[Answer, ...] = ()
    goto: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The form as a regular expression for words that each have one space before them."""
        pieces = "".join(_piece(word, self.groups) for word in self.form.split())
        return re.compile(f"{pieces}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that catches the ear; the higher its rank, the sooner."""

    rank: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """All that ELIZA knows.

    Args:
        before: words to replace in what was heard.
        after: words to turn around in what is said back.
        common: words that lose their capital when they do not begin a sentence any more.
    """

    keywords: Mapping[str, Keyword]
    memory: tuple[Rule, ...]
    none: tuple[Answer, ...]
    silence: tuple[Answer, ...]
    repeat: tuple[Answer, ...]
    before: Mapping[str, str]
    after: Mapping[str, str]
    common: frozenset[str]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """A script from the data of its file."""
        groups: Mapping[str, Sequence[str]] = data["groups"]
        keywords: dict[str, Keyword] = {}
        for entry in data["keywords"]:
            keyword = Keyword(entry["rank"], _rules(entry["patterns"], groups))
            keywords |= dict.fromkeys(entry["words"], keyword)
        return cls(
            keywords=keywords,
            memory=_rules(data["memory"], groups),
            none=_answers(data["none"]),
            silence=_answers(data["silence"]),
            repeat=_answers(data["repeat"]),
            before=data["before"],
            after=data["after"],
            common=frozenset({*data["common"].split(), *keywords, *data["after"]}),
        )


@cache
def load_script() -> Script:
    """The script that comes with the package, read when somebody first speaks."""
    return Script.of(read_document(Path(__file__).with_name("script.yaml")).data)


def _rules(
    patterns: Mapping[str, str | list[str]], groups: Mapping[str, Sequence[str]]
) -> tuple[Rule, ...]:
    return tuple(
        Rule(form, groups, goto=then)
        if isinstance(then, str)
        else Rule(form, groups, _answers(then))
        for form, then in patterns.items()
    )


def _answers(texts: Sequence[str]) -> tuple[Answer, ...]:
    return tuple(Answer.of(text) for text in texts)


def _piece(word: str, groups: Mapping[str, Sequence[str]]) -> str:
    if word == "*":
        return "(.*?)(?= |$)"
    if word == "+":
        return "( .+?)(?= |$)"
    if word.startswith("@"):
        return f" ({'|'.join(map(re.escape, groups[word[1:]]))})(?= |$)"
    return f" (?:{'|'.join(map(re.escape, word.split('|')))})(?= |$)"
