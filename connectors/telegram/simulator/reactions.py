"""Who reacted to what, and how."""

from __future__ import annotations

from collections import defaultdict

EMOJIS = """
👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡
🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈
😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿
🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡
"""
ALLOWED = frozenset(EMOJIS.split())
"""What one can react with: https://core.telegram.org/bots/api#reactiontypeemoji"""

Reacted = dict[str, list[str]]


class Reactions:
    """The reactions of everybody, the bot's too."""

    def __init__(self) -> None:
        self._of: defaultdict[str, Reacted] = defaultdict(dict)

    def put(self, message: str, person: str, emojis: list[str]) -> list[str]:
        """Replace a person's reactions to a message; those that they had before.

        Args:
            message: as `Event.message` has it.
        """
        before = self._of[message].pop(person, [])
        if emojis:
            self._of[message][person] = emojis
        return before

    def to(self, message: str) -> Reacted:
        """For each emoji, who reacted with it."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for person, emojis in self._of[message].items():
            for emoji in emojis:
                found[emoji].append(person)
        return dict(found)
