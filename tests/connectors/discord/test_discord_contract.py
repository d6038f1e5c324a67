"""The Connector's contract on Discord."""

from bot.testing.connectors import ConnectorContract
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator


class TestDiscord(ConnectorContract):
    connector = DiscordService
    simulator = DiscordSimulator
