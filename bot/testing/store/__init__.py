"""The contract of the Store: an engine that passes it can hold a bot.

class TestMyStore(StoreContract):
    engine = "my.package:MyStore"

    def address(self, tmp_path):
        return str(tmp_path / "my.db")
"""

import pytest

LAWS = (
    "events",
    "aftermath",
    "commits",
    "memories",
    "places",
    "outbox",
    "campaigns",
    "moves",
    "audiences",
    "kills",
)

pytest.register_assert_rewrite(*(f"{__name__}.{laws}" for laws in LAWS))

from bot.testing.store.aftermath import AftermathLaws  # noqa: E402 - pytest must be told of it first
from bot.testing.store.audiences import AudienceLaws  # noqa: E402 - likewise
from bot.testing.store.campaigns import CampaignLaws  # noqa: E402 - likewise
from bot.testing.store.commits import CommitLaws  # noqa: E402 - likewise
from bot.testing.store.events import EventLaws  # noqa: E402 - likewise
from bot.testing.store.kills import KillLaws  # noqa: E402 - likewise
from bot.testing.store.memories import MemoryLaws  # noqa: E402 - likewise
from bot.testing.store.moves import MoveLaws  # noqa: E402 - likewise
from bot.testing.store.outbox import OutboxLaws  # noqa: E402 - likewise
from bot.testing.store.places import PlaceLaws  # noqa: E402 - likewise

__all__ = ["StoreContract"]


class StoreContract(
    AftermathLaws,
    AudienceLaws,
    CampaignLaws,
    CommitLaws,
    EventLaws,
    KillLaws,
    MemoryLaws,
    MoveLaws,
    OutboxLaws,
    PlaceLaws,
):
    """Every law of the Store. A subclass names its engine; see the module."""
