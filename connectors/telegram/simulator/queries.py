"""The presses of buttons that wait for an answer."""

from __future__ import annotations

import time
from itertools import count

from connectors.telegram.simulator.chats import bad

PATIENCE = 15.0
"""Seconds in which a press has to be answered. Telegram does not say; it is about so long."""


class Queries:
    """The callback queries of one bot.

    Attributes:
        patience: how long each may be answered, in seconds.
        answers: what each was answered with, by its id.
    """

    def __init__(self) -> None:
        self.patience = PATIENCE
        self.answers: dict[str, str] = {}
        self._asked: dict[str, float] = {}
        self._numbers = count(1)

    def ask(self) -> str:
        """A new query's id."""
        query = str(next(self._numbers))
        self._asked[query] = time.monotonic()
        return query

    def answer(self, id: str, text: str) -> None:
        """Answer one; a 400 if it is too late."""
        since = self._asked.get(id)
        if since is None or time.monotonic() - since > self.patience:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.answers[id] = text
