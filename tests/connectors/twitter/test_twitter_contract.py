"""The Connector's contract on X."""

from typing import ClassVar

from bot.testing.connectors import ConnectorContract
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator


class TestTwitter(ConnectorContract):
    connector = TwitterService
    simulator = TwitterSimulator
    settings: ClassVar = {"TWITTER_POLL_SECONDS": "0.05"}
    lacks: ClassVar = {"bots": "X marks none", "deletes": "polling does not show what is gone"}
