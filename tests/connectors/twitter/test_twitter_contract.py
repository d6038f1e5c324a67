"""The Connector's contract on X."""

from typing import ClassVar

from bot.testing.connectors import ConnectorContract
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator


class TestTwitter(ConnectorContract):
    connector = TwitterService
    simulator = TwitterSimulator
    settings: ClassVar = {"TWITTER_POLL_SECONDS": "0.05"}
    lacks: ClassVar = {
        "bots": "X marks none",
        "buttons": "X has none for bots",
        "commands": "X has none",
        "deletes": "polling does not show what is gone",
        "documents": "X takes pictures and videos only, and keeps no names",
        "reactions": "X tells bots of no likes",
        "rewriting": "X lets no bot edit",
    }
