"""Models: what decides, writes and embeds. They are asked by priority until one answers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from bot.errors import ModelError
from bot.foreign import foreign
from bot.value import Text, Value


class ModelType(StrEnum):
    """The types that the core asks for; a plugin may register any other string."""

    TEXT_SMALL = "text_small"
    TEXT_LARGE = "text_large"
    TEXT_EMBEDDING = "text_embedding"
    IMAGE_DESCRIPTION = "image_description"
    TRANSCRIPTION = "transcription"


class ToolCall(Value):
    """A model's wish to run an action."""

    id: str
    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Message(Value):
    """One line of the conversation that a model reads.

    Args:
        name: who said it, or which tool answered.
        calls: what an `assistant` message asked for.
        call: the id of the tool call that a `tool` message answers.
    """

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    name: str = ""
    calls: tuple[ToolCall, ...] = ()
    call: str = ""


class Tool(Value):
    """An action as a model sees it.

    Args:
        parameters: its arguments, as a JSON schema.
    """

    name: str
    description: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class GenerateText(Value):
    """What a text model is asked.

    Args:
        messages: the system's instructions first, then the conversation, oldest first.
    """

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None


class Usage(Value):
    """What an answer cost, in tokens."""

    input: int = 0
    output: int = 0


class Generated(Value):
    """A text model's answer: words, wishes, or both.

    Args:
        markdown: whether `text` is CommonMark, as most write; otherwise it is shown as it is.
    """

    text: Text = ""
    markdown: bool = False
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    provider: str = ""


Handler = Callable[[Any], Awaitable[Any]]

OUTAGES = (ModelError, OSError)
"""What may pass: a handler's own word for it, connections that fail, time that runs out."""


@dataclass(slots=True)
class Registered:
    """A handler and how it fares."""

    handler: Handler
    provider: str
    priority: int
    failures: int = 0
    rests_until: float = 0.0


class Models:
    """The registry behind `runtime.register_model` and `runtime.use_model`.

    Args:
        patience: failures in a row after which a provider rests.
        rest: for how long, in seconds.
        seconds: how long an answer may take.

    Attributes:
        calls: how often each was asked, by model type, provider, and what came of it: `answered`,
            `failed` or `refused`.
    """

    def __init__(self, *, patience: int = 3, rest: float = 30.0, seconds: float = 120.0) -> None:
        self._patience, self._rest, self._seconds = patience, rest, seconds
        self._handlers: defaultdict[str, list[Registered]] = defaultdict(list)
        self.calls: Counter[tuple[str, str, str]] = Counter()

    def register(self, type: str, handler: Handler, provider: str, priority: int = 0) -> None:
        """Add a handler; of two, the one with the higher priority is asked first."""
        self._handlers[type].append(Registered(handler, provider, priority))
        self._handlers[type].sort(key=lambda one: -one.priority)

    async def use(self, type: str, params: Any) -> Any:
        """The first answer by priority.

        Raises:
            ModelError: none answered, and for one at least that may pass; it says why for each.
            Exception: what the last raised, where every one of them refused.
        """
        reasons: list[str] = []
        refusal: Exception | None = None
        for one in self._handlers[type]:
            if one.rests_until > time.monotonic():
                reasons.append(f"{one.provider}: resting after {one.failures} failures")
                continue
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await foreign(one.handler(params))
            except OUTAGES as error:
                self._failed(one)
                self.calls[type, one.provider, "failed"] += 1
                reasons.append(f"{one.provider}: {str(error) or error.__class__.__name__}")
            except Exception as error:  # noqa: BLE001 - it refuses this request; the next is asked
                refusal = error
                self.calls[type, one.provider, "refused"] += 1
            else:
                one.failures = 0
                self.calls[type, one.provider, "answered"] += 1
                return answer
        if refusal and not reasons:
            raise refusal
        raise ModelError("; ".join(reasons) or f"no model is registered for {type}")

    def _failed(self, one: Registered) -> None:
        one.failures += 1
        if one.failures >= self._patience:
            one.rests_until = time.monotonic() + self._rest
