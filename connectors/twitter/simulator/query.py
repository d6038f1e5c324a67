"""The language of X's searches and stream rules, as far as bots use it."""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.twitter.simulator.gate import Problem
from connectors.twitter.simulator.network import Post

Matches = Callable[[Post], bool]

LONGEST = 512
"""Characters (docs.x.com/x-api/posts/search/integrate/build-a-query)."""

_TOKEN = re.compile(r'\s*(\(|\)|-?"[^"]*"|[^\s()]+)')


def query(text: str) -> Matches:
    """Whether a post is meant: terms side by side are all wanted, OR binds less tightly.

    Raises:
        Problem: X does not understand it.
    """
    if len(text) > LONGEST:
        raise Problem.invalid(f"The query is longer than {LONGEST} characters.")
    tokens = _TOKEN.findall(text)
    found = _either(tokens)
    if tokens:
        raise Problem.invalid(f"Reference to invalid operator near '{tokens[0]}'.")
    return found


def _either(tokens: list[str]) -> Matches:
    alternatives = [_all(tokens)]
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        alternatives.append(_all(tokens))
    return lambda post: any(matches(post) for matches in alternatives)


def _all(tokens: list[str]) -> Matches:
    terms = []
    while tokens and tokens[0] not in ("OR", ")"):
        terms.append(_term(tokens))
    if not terms:
        raise Problem.invalid("A clause of the query is empty.")
    return lambda post: all(matches(post) for matches in terms)


def _term(tokens: list[str]) -> Matches:
    term = tokens.pop(0)
    if term == "(":
        inside = _either(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise Problem.invalid("A parenthesis of the query is not closed.")
        return inside
    if term.startswith("-"):
        wanted = _operator(term[1:])
        return lambda post: not wanted(post)
    return _operator(term)


def _operator(term: str) -> Matches:
    name, colon, value = term.partition(":")
    word = term.strip('"').lower()
    if term.startswith("@"):
        return lambda post: any(p.username.lower() == word[1:] for p in post.mentioned)
    if not colon:
        return lambda post: word in post.text.lower()
    operators: dict[str, Matches] = {
        "from": lambda post: post.author.username.lower() == value.lower(),
        "conversation_id": lambda post: post.conversation == value,
        "is": lambda post: value == "reply" and post.parent is not None,
    }
    if name not in operators:
        raise Problem.invalid(f"Reference to invalid operator '{name}'.")
    return operators[name]
