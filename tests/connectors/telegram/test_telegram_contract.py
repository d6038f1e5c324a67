"""The Connector's contract on Telegram."""

from typing import ClassVar

from bot.testing.connectors import ConnectorContract
from connectors.telegram.connector import TelegramService
from connectors.telegram.simulator import TelegramSimulator


class TestTelegram(ConnectorContract):
    connector = TelegramService
    simulator = TelegramSimulator
    lacks: ClassVar = {"deletes": "bots are not told"}
