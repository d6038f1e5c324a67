"""Whose fault it is when no model answers an event."""

from __future__ import annotations

from bot.errors import ModelError, TownhallError
from bot.model import Models

SPARED = 5
"""How often an event is spared the question. With the pauses between, that takes half a minute."""


class Unanswerable(TownhallError):
    """The models answer others, and not this event: that costs it an attempt."""


class Outage:
    """Counts how often an event could not be handled for no fault of its own.

    Attributes:
        count: how often until now.
    """

    def __init__(self, models: Models) -> None:
        self.count = 0
        self._models, self._answered = models, models.answered

    def note(self, error: BaseException) -> None:
        """Count one more time.

        Raises:
            Unanswerable: no model answered the event again, and others were answered meanwhile.
        """
        self.count += 1
        answered, self._answered = self._answered, self._models.answered
        if isinstance(error, ModelError) and self.count > SPARED and self._answered > answered:
            raise Unanswerable(f"the models answer others, and not this: {error}") from error
