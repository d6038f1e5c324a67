"""The contract of the Connector: one that passes it can speak for a bot.

class TestMyPlatform(ConnectorContract):
    connector = MyPlatformService
    simulator = MyPlatformSimulator
    lacks = {"deletes": "MyPlatform does not tell of them"}
"""

import pytest

LAWS = ("asking", "changing", "hearing", "keeping", "saying", "sharing", "stage", "trouble")

pytest.register_assert_rewrite(*(f"{__name__}.{laws}" for laws in LAWS))

from bot.testing.connectors.asking import AskingLaws  # noqa: E402 - pytest must be told of it first
from bot.testing.connectors.changing import ChangingLaws  # noqa: E402 - likewise
from bot.testing.connectors.hearing import HearingLaws  # noqa: E402 - likewise
from bot.testing.connectors.keeping import KeepingLaws  # noqa: E402 - likewise
from bot.testing.connectors.saying import SayingLaws  # noqa: E402 - likewise
from bot.testing.connectors.sharing import SharingLaws  # noqa: E402 - likewise
from bot.testing.connectors.stage import ABILITIES  # noqa: E402 - likewise
from bot.testing.connectors.trouble import TroubleLaws  # noqa: E402 - likewise

__all__ = ["ABILITIES", "ConnectorContract"]


class ConnectorContract(
    HearingLaws, AskingLaws, SharingLaws, KeepingLaws, SayingLaws, ChangingLaws, TroubleLaws
):
    """Every law of the Connector. A subclass names its connector and simulator; see the module."""
