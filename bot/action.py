"""What the bot can do, know and learn: actions, providers and evaluators are plain functions.

@action
async def roll(turn: Turn, sides: int = 6) -> str:
    '''Roll a die when someone asks for luck or a random number.'''
    return f"{turn.sender.name} rolled {random.randint(1, sides)}."
"""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args, get_type_hints, overload

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from bot.content import Content
from bot.events import EventKind
from bot.model import Tool
from bot.value import Value

if TYPE_CHECKING:
    from bot.turn import Turn


class ActionResult(Value):
    """What an action leaves.

    Args:
        content: the answer, if it is one.
        values: handed to the actions after it and, where there is no answer, to the model.
        error: why it failed; told to the model and the log, not to the person.
    """

    content: Content | None = None
    values: dict[str, Any] = Field(default_factory=dict)
    error: str | None = None

    @classmethod
    def of(cls, returned: ActionResult | Content | str | None) -> ActionResult:
        """What an action's function returned, in full."""
        if isinstance(returned, ActionResult):
            return returned
        if isinstance(returned, str):
            returned = Content(text=returned)
        return cls(content=returned)


Returned = ActionResult | Content | str | None


@dataclass(frozen=True, slots=True)
class Complete:
    """Suggests values while a person types an argument: `Annotated[str, Complete(cities)]`.

    Args:
        suggest: given what was typed so far, answers with what it could become, the best first. It
            has two seconds.
    """

    suggest: Callable[[str], Awaitable[Iterable[str]]]


@dataclass(frozen=True)
class Action:
    """Something that the bot can do; made by `@action`.

    Args:
        name: what a model, a person's `/command` or a rule calls it by.
        description: when to use it.
        arguments: the function's arguments after the turn.
        idempotent: whether a run that was cut short may be run again.
        private: whether only who asked may see the answer, where a platform can do that.
        completions: for arguments that help with typing, what they suggest.
    """

    name: str
    description: str
    function: Callable[..., Awaitable[Returned]]
    arguments: type[BaseModel]
    idempotent: bool = False
    private: bool = False
    completions: Mapping[str, Complete] = field(default_factory=dict)

    async def __call__(self, turn: Turn, **arguments: Any) -> ActionResult:
        """Run it with validated arguments.

        Raises:
            ValidationError: the arguments are not what the signature says.
        """
        return ActionResult.of(await self.function(turn, **self.check(arguments)))

    def check(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments, as the signature wants them.

        Raises:
            ValidationError: they are not what the signature says.
        """
        checked = self.arguments.model_validate(arguments)
        return {name: getattr(checked, name) for name in self.names}

    @cached_property
    def tool(self) -> Tool:
        """What a model is told of it."""
        schema = self.arguments.model_json_schema()
        return Tool(name=self.name, description=self.description, parameters=schema)

    def parse(self, text: str) -> dict[str, Any]:
        """The arguments in the text after a `/command`.

        They stand in the order of the signature; the last takes what is left of the text.
        """
        return dict(zip(self.names, _words(text, len(self.names)), strict=False))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of its arguments, in the order of the signature."""
        return tuple(self.arguments.model_fields)

    def usage(self) -> str:
        """How to call it as a command."""
        fields = self.arguments.model_fields.items()
        words = [f"<{name}>" if info.is_required() else f"[{name}]" for name, info in fields]
        return " ".join([f"/{self.name}", *words])


def _words(text: str, count: int) -> list[str]:
    if count <= 1:
        return [text] if text and count else []
    try:
        words = shlex.split(text)
    except ValueError:  # a lone quotation mark is only a character
        words = text.split()
    return words if len(words) <= count else [*words[: count - 1], " ".join(words[count - 1 :])]


@dataclass(frozen=True, slots=True)
class Provider:
    """Something that the bot knows when deciding; made by `@provider`."""

    name: str
    description: str
    function: Callable[[Turn], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Listener:
    """Something that the bot does when an event of certain kinds arrives; made by `@listener`."""

    kinds: frozenset[EventKind]
    action: Action


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Something that the bot learns after answering; made by `@evaluator`."""

    name: str
    description: str
    function: Callable[[Turn], Awaitable[None]]


@overload
def action(function: Callable[..., Awaitable[Returned]]) -> Action: ...
@overload
def action(
    *, name: str | None = None, idempotent: bool = False, private: bool = False
) -> Callable[[Callable[..., Awaitable[Returned]]], Action]: ...
def action(
    function: Callable[..., Awaitable[Returned]] | None = None,
    *,
    name: str | None = None,
    idempotent: bool = False,
    private: bool = False,
) -> Action | Callable[[Callable[..., Awaitable[Returned]]], Action]:
    """Make a function an action.

    The signature after the turn gives the arguments, the docstring says when to use it, the return
    value is the answer.

    Args:
        name: what to call it, if not as the function.
        idempotent: whether a run that a crash cut short may be run again. Otherwise such a turn
            ends as ambiguous, and a person decides.
        private: whether only who asked may see the answer, where a platform can do that.
    """

    def make(function: Callable[..., Awaitable[Returned]]) -> Action:
        return Action(
            name=name or function.__name__,
            description=inspect.getdoc(function) or "",
            function=function,
            arguments=_arguments(function),
            idempotent=idempotent,
            private=private,
            completions=_completions(function),
        )

    return make(function) if function else make


def missing(name: str) -> Action:
    """What stands for an action that is not there: it fails, and says so."""

    async def absent(_turn: Turn) -> ActionResult:
        return ActionResult(error=f"there is no action {name}")

    arguments = create_model(name, __config__=ConfigDict(extra="ignore"))
    return Action(name, "", absent, arguments, idempotent=True)


def provider(function: Callable[[Turn], Awaitable[str | None]]) -> Provider:
    """Make a function a provider: the text that it returns is put before the model."""
    return Provider(function.__name__, inspect.getdoc(function) or "", function)


def listener(
    *kinds: EventKind, idempotent: bool = False
) -> Callable[[Callable[[Turn], Awaitable[Returned]]], Listener]:
    """Make a function a listener: it is called with the turn of each such event.

    Messages, commands and buttons have actions and a model; this is for the rest, as reactions,
    memberships, edits and deletions. What it returns is said in the room, as with an action.

    Args:
        idempotent: as with `action`.
    """

    def make(function: Callable[[Turn], Awaitable[Returned]]) -> Listener:
        return Listener(frozenset(kinds), action(idempotent=idempotent)(function))

    return make


def evaluator(function: Callable[[Turn], Awaitable[None]]) -> Evaluator:
    """Make a function an evaluator: it is called after the answer is on its way."""
    return Evaluator(function.__name__, inspect.getdoc(function) or "", function)


def _arguments(function: Callable[..., Any]) -> type[BaseModel]:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    hints = get_type_hints(function, localns={"Turn": Any}, include_extras=True)
    fields: dict[str, Any] = {
        p.name: (hints.get(p.name, str), ... if p.default is p.empty else p.default)
        for p in parameters
    }
    return create_model(function.__name__, __config__=ConfigDict(extra="forbid"), **fields)


def _completions(function: Callable[..., Any]) -> dict[str, Complete]:
    hints = get_type_hints(function, localns={"Turn": Any}, include_extras=True)
    found = {name: [c for c in get_args(h) if isinstance(c, Complete)] for name, h in hints.items()}
    return {name: many[0] for name, many in found.items() if many}


def explain(error: ValidationError) -> str:
    """What is wrong with an action's arguments, in one line."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
