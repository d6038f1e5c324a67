"""ELIZA: a model that answers without a network, a key, or an idea of what it says."""

from __future__ import annotations

from functools import cache

from bot.model import Generated, GenerateText, ModelType
from bot.models.eliza.engine import Eliza
from bot.models.eliza.script import load_script
from bot.plugin import ModelHandler, Plugin

PRIORITY = -100
"""Any other model is asked first."""


async def generate(params: GenerateText) -> Generated:
    """Answer the person who spoke last; the instructions and the tools are over ELIZA's head."""
    spoken = [message for message in params.messages if message.role == "user"]
    said = [message.text for message in params.messages if message.role == "assistant"]
    if not spoken:
        return Generated(text=_eliza().reply("", (), said), provider="eliza")
    last = spoken.pop()
    heard = [message.text for message in spoken if message.name == last.name]
    return Generated(text=_eliza().reply(last.text, heard, said), provider="eliza")


@cache
def _eliza() -> Eliza:
    return Eliza(load_script())


plugin = Plugin(
    name="eliza",
    description="Answers offline, by Weizenbaum's method.",
    models=(
        ModelHandler(ModelType.TEXT_LARGE, generate, "eliza", PRIORITY),
        ModelHandler(ModelType.TEXT_SMALL, generate, "eliza", PRIORITY),
    ),
)
