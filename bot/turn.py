"""A turn: the handling of one Event, as a log of steps that a rerun replays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bot.action import Action, ActionResult
from bot.cluster import Lease
from bot.commit import Commit
from bot.content import Content, Verb
from bot.errors import TownhallError
from bot.events import Event
from bot.memory import Entity, Memory, Room
from bot.model import ToolCall, Usage
from bot.records import Step, StepState, Stored
from bot.store import Store, persist
from bot.value import Value, uid, uid_at

if TYPE_CHECKING:
    from bot.runtime import Runtime


class Ambiguous(TownhallError):
    """An action was started and not finished, and must not be run twice: ask a person."""


class Decision(Value):
    """What to do about a message.

    Args:
        by: who decided: `command`, `rule`, `caller`, or the provider of a model.
        text: what to say.
        markdown: whether that is CommonMark.
        contents: what to say as it is, buttons and all.
        calls: the actions to run.
        providers: whose knowledge was put before the model.
        passed: the models that did not answer before the one that decided, with why.
    """

    by: str
    text: str = ""
    markdown: bool = False
    contents: tuple[Content, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    providers: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()


class Journal:
    """Writes the steps of one turn, and replays those of an earlier run.

    What could be made again waits for the turn's commit, so that a turn with one action that may be
    rerun costs no commit of its own. The rest is stored before anything else happens.
    """

    def __init__(
        self, store: Store, stored: Stored, steps: Iterable[Step], lease: Lease | None
    ) -> None:
        self._store, self._lease = store, lease
        self._seq, self._event = stored.seq, stored.event.key
        self._known = {step.ordinal: step for step in steps}
        self._unwritten: dict[int, Step] = {}
        self._next = 0
        self._must_keep = False

    async def decide(
        self, make: Callable[[], Awaitable[Decision]], *, replayable: bool
    ) -> Decision:
        """The decision of an earlier run, or a new one.

        Args:
            replayable: whether `make` would surely decide the same again; otherwise the decision is
                stored before anything acts on it.
        """
        ordinal = self._take()
        if known := self._replayed(ordinal, "decision"):
            return Decision.model_validate(known.body)
        if self._must_keep:
            await self._flush()
        decision = await make()
        self._note(ordinal, "decision", decision.by, StepState.DONE, decision)
        self._must_keep = self._must_keep or not replayable
        return decision

    async def act(
        self, action: Action, call: ToolCall, run: Callable[[], Awaitable[ActionResult]]
    ) -> ActionResult:
        """The result of an earlier run of the action, or that of a new one.

        Raises:
            Ambiguous: it was started and not finished, and is not idempotent.
        """
        ordinal = self._take()
        known = self._replayed(ordinal, "action", action.name)
        if known and known.state is not StepState.STARTED:
            return ActionResult.model_validate(known.body["result"])
        if known and not action.idempotent:
            raise Ambiguous(f"{action.name} was started and not finished")
        body: dict[str, Any] = {"arguments": call.arguments}
        if not action.idempotent:
            self._note(ordinal, "action", action.name, StepState.STARTED, body)
        if self._must_keep or not action.idempotent:
            await self._flush()
        result = _as_stored(await run())
        state = StepState.FAILED if result.error else StepState.DONE
        body = {**body, "result": result}
        self._note(ordinal, "action", action.name, state, body)
        self._must_keep = self._must_keep or not action.idempotent
        return result

    def key(self) -> str:
        """A key for the action being run that is the same in every rerun of it."""
        return str(uid("step", self._event, str(self._next - 1)))

    def write(self, commit: Commit) -> None:
        """Add what is not written yet to `commit`."""
        for step in self._unwritten.values():
            commit.step(self._seq, step)

    async def _flush(self) -> None:
        await persist(self._store, self.write, self._lease)
        self._unwritten.clear()
        self._must_keep = False

    def _replayed(self, ordinal: int, kind: str, name: str | None = None) -> Step | None:
        known = self._known.get(ordinal)
        if known and (known.kind != kind or (name and known.name != name)):
            raise Ambiguous(f"step {ordinal} was {known.kind} {known.name}, and is {kind} {name}")
        return known

    def _take(self) -> int:
        self._next += 1
        return self._next - 1

    def _note(self, ordinal: int, kind: str, name: str, state: StepState, body: Any) -> None:
        self._unwritten[ordinal] = Step(
            ordinal=ordinal, kind=kind, name=name, state=state, body=body
        )


class Turn:
    """What an action, provider or evaluator is handed.

    Attributes:
        event: what the platform told us.
        memory: the same as a Memory.
        room: where it was said.
        sender: who said it.
        values: what earlier actions of this turn left for later ones.
        replies: what will be said when the turn ends.
    """

    def __init__(self, runtime: Runtime, stored: Stored, journal: Journal) -> None:
        event = stored.event
        if not (event.room and event.sender):
            raise ValueError(f"{event.key} is not something to answer")
        self.runtime, self.journal, self.seq = runtime, journal, stored.seq
        self.event: Event = event
        self.room: Room = event.room
        self.sender: Entity = event.sender
        self.content: Content = event.content or Content()
        self.values: dict[str, Any] = {}
        self.replies: list[Content] = []

    @cached_property
    def memory_id(self) -> UUID:
        """The id of `memory`."""
        return self.event.memory_id or uid("event", self.event.key)

    @cached_property
    def memory(self) -> Memory:
        """What was said, as a Memory."""
        found = self.event.memory()
        return found or Memory(
            id=self.memory_id,
            room_id=self.room.id,
            entity_id=self.sender.id,
            created_at=self.event.at,
            content=self.content,
        )

    @property
    def text(self) -> str:
        """What was said."""
        return self.content.text

    @property
    def idempotency_key(self) -> str:
        """A key to hand to a foreign system, the same whenever this action is rerun."""
        return self.journal.key()

    def reply(self, content: Content | str) -> None:
        """Say something when the turn ends."""
        self.replies.append(Content(text=content) if isinstance(content, str) else content)

    def react(self, emoji: str) -> None:
        """React to what was said when the turn ends, where the platform has reactions."""
        target = self.event.about or self.memory_id
        self.reply(Content(verb=Verb.REACT, target=target, text=emoji))


def _as_stored(result: ActionResult) -> ActionResult:
    """A result as a rerun will see it: its values are what JSON makes of them.

    Where JSON makes nothing of them, they are an error. What was said stays: the action has run.
    """
    said = result.content
    if not (result.values or (said and said.values)):
        return result
    try:
        return ActionResult.model_validate(result.model_dump(mode="json", fallback=str))
    except Exception as error:  # noqa: BLE001 - the text of somebody's object may raise anything
        problem = result.error or f"its values cannot be stored: {error}"
        said = said and said.model_copy(update={"values": {}})
        return ActionResult(content=said, error=problem)


def delivery_id(event: Event, ordinal: int) -> UUID:
    """The id of the reply number `ordinal` to an event as it is stored, the same in every rerun."""
    return uid_at(event.at, "delivery", event.key, str(ordinal))
