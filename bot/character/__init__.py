"""Characters: who the bot is, where it is, and what it may do, in one file."""

from bot.character.elizaos import Installed
from bot.character.load import Loaded, load_character, shipped
from bot.character.model import Character, Example, Rule, Style

__all__ = [
    "Character",
    "Example",
    "Installed",
    "Loaded",
    "Rule",
    "Style",
    "load_character",
    "shipped",
]
