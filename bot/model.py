"""Models: what decides, writes and embeds. They are asked by priority until one answers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

import structlog
from pydantic import Field

from bot.errors import ModelError, StoreError
from bot.foreign import foreign
from bot.value import Text, Value

logger = structlog.get_logger("bot.models")


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
        provider: whose answer it is; `Models.use` fills it in.
        passed: who was to be asked before and did not answer, with why; filled in likewise.
    """

    text: Text = ""
    markdown: bool = False
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    provider: str = ""
    passed: tuple[str, ...] = ()


Handler = Callable[[Any], Awaitable[Any]]

REFUSALS = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError),
    StoreError,
)
"""What says that the request is at fault, or the handler, or what it reads. All else may pass:
connections that fail, time that runs out, and what the clients of models raise."""


@dataclass(slots=True)
class Registered:
    """A handler and how it fares.

    Args:
        failing: the requests that failed since it answered the last one, by their hashes.
        trouble: why it did not answer the last time; empty while it answers.
    """

    handler: Handler
    provider: str
    priority: int
    failing: set[int] = field(default_factory=set)
    rests_until: float = 0.0
    trouble: str = ""


class Models:
    """The registry behind `runtime.register_model` and `runtime.use_model`.

    Args:
        patience: requests in a row after whose failure a provider rests. One that is tried again
            counts once, so that a single bad one does not take the provider from all others.
        rest: for how long, in seconds.
        seconds: how long an answer may take.

    Attributes:
        calls: how often each was asked, by model type, provider, and what came of it: `answered`,
            `failed` or `refused`.
        answered: how many requests were answered.
    """

    def __init__(self, *, patience: int = 3, rest: float = 30.0, seconds: float = 120.0) -> None:
        self._patience, self._rest, self._seconds = patience, rest, seconds
        self._handlers: defaultdict[str, list[Registered]] = defaultdict(list)
        self.calls: Counter[tuple[str, str, str]] = Counter()
        self.answered = 0

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
        passed: list[str] = []
        refusals: list[Exception] = []
        for one in self._handlers[type]:
            if one.rests_until > time.monotonic():
                rests = f"resting after {len(one.failing)} failures"
                passed.append(f"{one.provider}: {rests}: {one.trouble}")
                continue
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await foreign(one.handler(params))
            except REFUSALS as error:
                refusals.append(error)
                self.calls[type, one.provider, "refused"] += 1
                passed.append(_noted(type, one, error))
            except Exception as error:  # noqa: BLE001 - it may pass; the next is asked
                self._failed(one, params)
                self.calls[type, one.provider, "failed"] += 1
                passed.append(_noted(type, one, error))
            else:
                one.failing.clear()
                one.trouble = ""
                self.answered += 1
                self.calls[type, one.provider, "answered"] += 1
                return _signed(answer, one.provider, passed)
        if refusals and len(refusals) == len(passed):
            raise refusals[-1]
        raise ModelError("; ".join(passed) or f"no model is registered for {type}")

    def _failed(self, one: Registered, params: Any) -> None:
        one.failing.add(hash(repr(params)))
        if len(one.failing) >= self._patience:
            one.rests_until = time.monotonic() + self._rest


def _noted(type: str, one: Registered, error: Exception) -> str:
    """Who is passed over, and why; the log says so once, until it answers again."""
    words = str(error) if isinstance(error, ModelError) else ""
    trouble = words or f"{error.__class__.__name__}: {error}".removesuffix(": ")
    if not one.trouble:
        logger.warning(
            "a model does not answer",
            type=type,
            provider=one.provider,
            why=trouble,
            fix="Check its key, its quota and the way to it; other models are asked instead.",
        )
    one.trouble = trouble
    return f"{one.provider}: {trouble}"


def _signed(answer: Any, provider: str, passed: Sequence[str]) -> Any:
    """A text model's answer with whose it is, and who was passed over for it."""
    if not isinstance(answer, Generated) or (answer.provider and not passed):
        return answer
    signature = {"provider": answer.provider or provider, "passed": (*passed, *answer.passed)}
    return answer.model_copy(update=signature)
