"""ELIZA: Weizenbaum's method of 1966, without a state.

A keyword picks patterns; what a pattern catches comes back from the other side in an answer.
The answers of a pattern take turns. Whose turn it is shows in what was said before, so the same
conversation is always answered in the same way, in any process.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from bot.models.eliza.script import Answer, Keyword, Rule, Script

LONGEST = 2_000
"""How much of a text is read, in characters."""
LONGEST_CLAUSE = 200
"""How much of a clause, in characters: it may come back in the answer."""
LONGEST_WORD = 40
WINDOW = 20
"""How many lines ELIZA looks back."""
REPEATED_WORDS = 3
"""From how many words on a person who says the same again is told so."""

APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
CLAUSE = re.compile(
    r"[.,;:!?()\"\u201c\u201d\u3002\n\r]+|\bbut\b|\s[-\u2013\u2014]+\s", re.IGNORECASE
)
"""What ends a clause: marks, quotation marks, line ends, `but`, and dashes between words."""
ADDRESS = re.compile(r"\s*(?:<?@[^\s>]+>?\s+)+")
"""Whom a text speaks to, where it begins with that."""
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
Clauses = tuple[str, ...]


class Eliza:
    """Answers by the rules of a script."""

    def __init__(self, script: Script) -> None:
        self._script = script
        phrases = sorted((p for p in script.after if p[0] != "^"), key=len, reverse=True)
        self._turned = re.compile(rf"(?<!\S)(?:{'|'.join(phrases)})(?!\S)", re.IGNORECASE)

    def reply(self, text: str, heard: Sequence[str] = (), said: Sequence[str] = ()) -> str:
        """The answer to `text`.

        Args:
            heard: what the same person said before, oldest first.
            said: what was answered before, oldest first.
        """
        heard, said = heard[-WINDOW:], said[-WINDOW:]
        clauses = self._clauses(text)
        if not clauses:
            return self._take_turn(self._script.silence, (), said)
        if self._is_repeated(clauses, heard):
            return self._take_turn(self._script.repeat, (), said)
        return (
            self._answer(clauses, said)
            or self._recall(heard[:-1], said)
            or self._take_turn(self._script.none, (), said)
        )

    # hearing

    def _clauses(self, text: str) -> Clauses:
        text = unicodedata.normalize("NFKC", text[:LONGEST])[:LONGEST].replace(APOSTROPHE, "'")
        if address := ADDRESS.match(text):
            text = text[address.end() :]
        clauses = (self._clause(part) for part in CLAUSE.split(text))
        return tuple(clause for clause in clauses if clause)

    def _clause(self, part: str) -> str:
        """The words of a part, each with one space before it; nothing else is ever repeated."""
        words = [word for word in WORD.findall(part) if len(word) <= LONGEST_WORD]
        if not words:
            return ""
        if len(words) > 1 and "".join(words).isupper():
            words = [word.lower() for word in words]
        if words[0].lower() in self._script.common:
            words[0] = words[0].lower()
        before = self._script.before
        clause = "".join(f" {before.get(word.lower(), word)}" for word in words)
        if len(clause) > LONGEST_CLAUSE:
            clause = clause[: clause.rindex(" ", 0, LONGEST_CLAUSE + 1)]
        return clause

    def _is_repeated(self, clauses: Clauses, heard: Sequence[str]) -> bool:
        long = sum(len(clause.split()) for clause in clauses) >= REPEATED_WORDS
        return long and bool(heard) and self._clauses(heard[-1]) == clauses

    # answering

    def _answer(self, clauses: Clauses, said: Sequence[str]) -> str:
        for keyword, clause in self._keywords(clauses):
            if found := self._match(keyword, clause):
                rule, parts = found
                return self._take_turn(rule.answers, parts, said)
        return ""

    def _keywords(self, clauses: Clauses) -> list[tuple[Keyword, str]]:
        """The keywords that were heard, the highest rank first, then the earliest."""
        known = self._script.keywords
        found = [
            (known[word], clause)
            for clause in clauses
            for word in dict.fromkeys(clause.lower().split())
            if word in known
        ]
        return sorted(found, key=lambda one: -one[0].rank)

    def _match(self, keyword: Keyword, clause: str) -> tuple[Rule, tuple[str, ...]] | None:
        for rule in keyword.rules:
            if not (match := rule.pattern.match(clause)):
                continue
            if not rule.goto:
                return rule, match.groups()
            if found := self._match(self._script.keywords[rule.goto], clause):
                return found
        return None

    def _recall(self, heard: Sequence[str], said: Sequence[str]) -> str:
        """Come back to something that was said earlier, to each thing once."""
        before = {line.strip() for line in said}
        for rule, parts in self._memories(heard):
            ways = {self._say(answer, parts) for answer in rule.answers}
            if before.isdisjoint(ways):
                return self._take_turn(rule.answers, parts, said)
        return ""

    def _memories(self, heard: Sequence[str]) -> Iterator[tuple[Rule, tuple[str, ...]]]:
        for clause in (clause for line in heard for clause in self._clauses(line)):
            for rule in self._script.memory:
                if match := rule.pattern.match(clause):
                    yield rule, match.groups()

    # saying

    def _take_turn(
        self, answers: Sequence[Answer], parts: Sequence[str], said: Sequence[str]
    ) -> str:
        """The answer that comes after the one of these that was given last."""
        for line in reversed(said):
            if alike := [answer for answer in answers if answer.made(line.strip())]:
                last = answers.index(max(alike, key=lambda answer: len(answer.text)))
                return self._say(answers[(last + 1) % len(answers)], parts)
        return self._say(answers[0], parts)

    def _say(self, answer: Answer, parts: Sequence[str]) -> str:
        text = answer.text.format("", *map(self._turn_around, parts))
        return text[:1].upper() + text[1:]

    def _turn_around(self, part: str) -> str:
        def other(match: re.Match[str]) -> str:
            word = match[0].lower()
            first = f"^{word}" if match.start() == 0 else word
            return self._script.after.get(first) or self._script.after[word]

        return self._turned.sub(other, part.strip())
