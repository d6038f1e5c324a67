"""From a message to replies: gate, providers, decision, actions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from pydantic import ValidationError

from bot.action import Action, ActionResult, explain, missing
from bot.content import Content
from bot.events import Event, EventKind
from bot.foreign import foreign
from bot.memory import Entity, Memory, Room
from bot.model import Generated, GenerateText, Message, ModelType, ToolCall
from bot.turn import Decision, Turn
from bot.value import now

if TYPE_CHECKING:
    from bot.character import Rule
    from bot.runtime import Runtime

MAX_STEPS = 5
"""How often a model may look at what its actions left before the turn ends."""

MANY_ROOMS = 10_000
"""In how many rooms the rounds of other bots are counted; the quietest is forgotten first."""

EVALUATOR_SECONDS = 60.0
"""The longest that an evaluator may take."""


class Pipeline:
    """Answers turns the way a character wants it."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.character = runtime.character
        self.abilities = runtime.abilities
        self._rounds: dict[UUID, int] = {}
        self._redacted = runtime.settings.redacted
        self._rules = [(re.compile(r.when, re.IGNORECASE), r) for r in self.character.rules]

    # the gate

    def refusal(self, event: Event) -> str | None:
        """Why no turn is due for an event that has just arrived; None where one is."""
        if event.is_own:
            return "the bot's own doing"
        if event.room is None or event.sender is None:
            return "nobody to answer: its room or its sender is not known"
        if event.is_asked:
            return None
        if late := self._lateness(event):
            return late
        if not event.sender.is_bot:
            self._rounds.pop(event.room.id, None)
        return self._not_for_us(event) or self._enough(event.room, event.sender)

    def _lateness(self, event: Event) -> str | None:
        age, limit = (now() - event.at).total_seconds(), self.character.catch_up
        if age <= limit:
            return None
        old, longest = (timedelta(seconds=round(one)) for one in (age, limit))
        return f"{old} old when it came, and the character's catch_up is {longest}"

    def _not_for_us(self, event: Event) -> str | None:
        if not event.is_answerable:
            heard = self.abilities.listening(event.kind)
            return None if heard else f"nothing listens to {event.kind} events"
        if self._speaks_to_us(event, event.content.text if event.content else ""):
            return None
        return "not addressed to the bot: no mention, reply, command or rule"

    def _enough(self, room: Room, sender: Entity) -> str | None:
        """Why not to talk to `sender`: two bots that answer each other would not stop."""
        if not sender.is_bot:
            return None
        rounds = self._rounds.pop(room.id, 0)
        self._rounds[room.id] = min(rounds + 1, self.character.bots)
        if len(self._rounds) > MANY_ROOMS:
            del self._rounds[next(iter(self._rounds))]
        if rounds < self.character.bots:
            return None
        return "another bot said it, more in a row than the character's bots allows"

    def _speaks_to_us(self, event: Event, text: str) -> bool:
        return bool(
            event.addressed
            or event.kind in (EventKind.COMMAND, EventKind.BUTTON)
            or (event.room and event.room.is_private)
            or self.abilities.commanded(text)
            or self._rule(text)
        )

    def is_command(self, event: Event) -> bool:
        """Whether an event asks for a certain action, and not just for an answer."""
        text = event.content.text if event.content else ""
        return event.kind is not EventKind.MESSAGE or self.abilities.commanded(text) is not None

    # the turn

    async def run(self, turn: Turn) -> None:
        """Fill `turn.replies`.

        Raises:
            ModelError: every model is out; the turn is tried again later.
            Ambiguous: an earlier run left an action unfinished.
        """
        if not turn.event.is_answerable:
            for heard in self.abilities.listening(turn.event.kind):
                await self._perform(turn, ToolCall(id="0", name=heard.name), heard)
            return
        seen: list[Message] = []
        for _ in range(MAX_STEPS):
            given = self._given(turn)
            decision = await turn.journal.decide(
                partial(self._decide, turn, given, tuple(seen)),
                replayable=given is not None,
            )
            if decision.text:
                turn.reply(Content(text=decision.text, markdown=decision.markdown))
            turn.replies.extend(decision.contents)
            results = [(call, await self._perform(turn, call)) for call in decision.calls]
            if given or all(_is_answer(result) for _, result in results):
                self._apologise(turn, decision, results)
                return
            asked = Message(role="assistant", text=decision.text, calls=decision.calls)
            seen += [asked, *(_told(call, result) for call, result in results)]
        self.runtime.logger.warning("a model did not come to an end", key=turn.event.key)

    def _given(self, turn: Turn) -> Decision | None:
        """The decision, where it needs no model."""
        if turn.event.responses:
            return _as_asked(turn.event.responses)
        if found := self._commanded(turn):
            return Decision(by="command", calls=(found,))
        rule = None if turn.event.addressed else self._rule(turn.text)
        if rule and (rule.action or rule.say):
            calls = (ToolCall(id="0", name=rule.action),) if rule.action else ()
            return Decision(by="rule", text=rule.say or "", calls=calls)
        return None

    def _commanded(self, turn: Turn) -> ToolCall | None:
        if asked := turn.event.call:
            return ToolCall(id="0", name=asked.name, arguments=asked.arguments)
        found = self.abilities.command(turn.text)
        return ToolCall(id="0", name=found[0].name, arguments=dict(found[1])) if found else None

    def _rule(self, text: str) -> Rule | None:
        return next((rule for when, rule in self._rules if when.search(text)), None)

    async def _decide(
        self, turn: Turn, given: Decision | None, seen: tuple[Message, ...]
    ) -> Decision:
        if given:
            return given
        known = await self._known(turn)
        messages = (*await self._prompt(turn, known), *seen)
        tools = tuple(action.tool for action in self.abilities.actions.values())
        params = GenerateText(
            messages=messages,
            tools=tools,
            temperature=self.character.temperature,
            max_tokens=self.character.max_tokens,
        )
        answer: Generated = await self.runtime.use_model(ModelType.TEXT_LARGE, params)
        return Decision(
            by=answer.provider,
            text=answer.text,
            markdown=answer.markdown,
            calls=answer.calls,
            usage=answer.usage,
            providers=tuple(known),
            passed=tuple(map(self._redacted, answer.passed)),
        )

    async def _known(self, turn: Turn) -> dict[str, str]:
        """What each provider knows, where it knows something."""
        told = {name: await self._ask(turn, name) for name in self.abilities.providers}
        return {name: text for name, text in told.items() if text}

    async def _prompt(self, turn: Turn, known: Mapping[str, str]) -> list[Message]:
        """The character and what the providers know, then the conversation."""
        system = "\n\n".join([self.character.prompt(), *known.values()])
        return [Message(role="system", text=system), *await self._conversation(turn)]

    async def _conversation(self, turn: Turn) -> list[Message]:
        """What was said in the room, this message last."""
        me = self.runtime.me(turn.room).id
        before = await self.runtime.store.history(
            turn.room.id, limit=self.character.history, before=turn.memory.id, besides=me
        )
        names = {me: None, turn.sender.id: turn.sender.name}
        for memory in before:
            if memory.entity_id not in names:
                entity = await self.runtime.store.entity(memory.entity_id)
                names[memory.entity_id] = entity.name if entity else ""
        return [_line(memory, names[memory.entity_id]) for memory in (*before, turn.memory)]

    async def _ask(self, turn: Turn, name: str) -> str | None:
        try:
            return await foreign(self.abilities.providers[name].function(turn))
        except Exception as error:  # noqa: BLE001 - one provider's failure ends only itself
            self.runtime.logger.warning("provider failed", provider=name, error=str(error))
            return None

    # the actions

    async def _perform(
        self, turn: Turn, call: ToolCall, heard: Action | None = None
    ) -> ActionResult:
        action = heard or self.abilities.action(call.name) or missing(call.name)
        result = await turn.journal.act(action, call, lambda: self._run(turn, action, call))
        turn.values.update(result.values)
        if said := result.content:
            turn.reply(said.model_copy(update={"private": True}) if action.private else said)
        return result

    async def _run(self, turn: Turn, action: Action, call: ToolCall) -> ActionResult:
        try:
            arguments = action.check(call.arguments)
        except ValidationError as error:
            problem = f"{explain(error)}. Usage: {action.usage()}"
            is_command = turn.event.call or turn.text.startswith("/")
            content = Content(text=problem) if is_command else None
            return ActionResult(content=content, error=problem)
        try:
            return ActionResult.of(await foreign(action.function(turn, **arguments)))
        except Exception as error:
            self.runtime.logger.exception("action failed", action=action.name, key=turn.event.key)
            return ActionResult(error=self._redacted(f"{type(error).__name__}: {error}"))

    def _apologise(
        self, turn: Turn, decision: Decision, results: list[tuple[ToolCall, ActionResult]]
    ) -> None:
        """A person who gave a command is told that it failed, not why."""
        for call, result in results:
            if decision.by == "command" and result.error and not result.content:
                turn.reply(f"Sorry, /{call.name} did not work.")

    # after the answer

    async def evaluate(self, turn: Turn) -> None:
        """Run the evaluators; what they raise is logged."""
        for name, one in self.abilities.evaluators.items():
            try:
                async with asyncio.timeout(EVALUATOR_SECONDS):
                    await foreign(one.function(turn))
            except Exception:
                self.runtime.logger.exception("evaluator failed", evaluator=name)


def _line(memory: Memory, name: str | None) -> Message:
    """A Memory as a model reads it; None is the bot itself."""
    role: Literal["assistant", "user"] = "assistant" if name is None else "user"
    return Message(role=role, text=memory.content.text, name=name or "")


def _is_answer(result: ActionResult) -> bool:
    """Whether a result was for the person; otherwise the model looks at it."""
    return result.content is not None and not result.error


def _told(call: ToolCall, result: ActionResult) -> Message:
    """What a model is told of a call."""
    text = f"error: {result.error}" if result.error else str(result.values)
    if _is_answer(result) and result.content:
        text = f"answered: {result.content.text}"
    return Message(role="tool", text=text, name=call.name, call=call.id)


def _as_asked(responses: tuple[Content, ...]) -> Decision:
    calls = [
        ToolCall(id=str(n), name=name)
        for n, name in enumerate(name for one in responses for name in one.actions)
    ]
    said = tuple(one for one in responses if one.text or one.attachments or one.buttons)
    return Decision(by="caller", contents=said, calls=tuple(calls))
