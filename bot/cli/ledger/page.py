"""The ledger for people: lines.

What people wrote is shown as text, whatever is in it: no markup, no control characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from rich.text import Text

from bot.action import ActionResult
from bot.connector import account_name
from bot.events import EventKind
from bot.ledger import Reply, Story
from bot.memory import Entity, Room
from bot.model import ToolCall
from bot.records import Act, Outgoing, Step, StepState, Stored
from bot.turn import Decision

SHORT = 48
"""How many characters of a text a list shows."""

STYLES = {
    **dict.fromkeys(("done", "sent"), "green"),
    **dict.fromkeys(("pending", "queued", "sending", "started"), "yellow"),
    **dict.fromkeys(("ambiguous", "dead", "failed", "held", "discarded"), "red"),
}

# stories


def stories(told: Iterable[Story]) -> Iterator[Text]:
    """One after the other, with a blank line between."""
    for place, story in enumerate(told):
        if place:
            yield Text()
        yield from _story(story)


def _story(story: Story) -> Iterator[Text]:
    if story.event:
        yield from _event(story.event)
    if story.memory and story.memory.deleted:
        yield _line("now", "deleted")
    for one in story.changes:
        yield _line(one.event.kind, f"{_time(one.received_at)}  {_said(one)}")
    yield from (line for step in story.steps for line in _step(step))
    for number, reply in enumerate(story.replies, 1):
        label = f"reply {number}" if story.event else "message"
        yield from _reply(label, reply, is_asked=reply.delivery.id == story.asked)
    yield from (_act(one) for one in story.acts)


def _event(stored: Stored) -> Iterator[Text]:
    event = stored.event
    yield _line(event.kind, _said(stored), "bold")
    yield _line("received", f"{_time(stored.received_at)}  (happened {_time(event.at)})")
    if event.sender:
        yield _line("from", f"{_person(event.sender)}, {event.sender.key}")
    yield _line("in", _room(event.room) if event.room else _account(stored))
    yield _line("key", event.key)
    if event.memory_id:
        yield _line("memory", str(event.memory_id))
    ended = f"  {_time(stored.ended_at)}" if stored.ended_at else ""
    attempts = f"  attempts: {stored.attempts}" if stored.attempts else ""
    yield _line("state", f"{stored.state}{ended}{attempts}", STYLES.get(stored.state, ""))
    for why in filter(None, (stored.reason, event.problem)):
        yield _line("reason", why)


def _step(step: Step) -> Iterator[Text]:
    label = f"step {step.ordinal + 1}"
    if step.kind == "decision":
        decision = Decision.model_validate(step.body or {"by": step.name})
        usage = decision.usage
        tokens = f"  ({usage.input} tokens in, {usage.output} out)" if usage.output else ""
        yield _line(label, f"{_time(step.at)}  decided by {decision.by}{tokens}")
        if decision.providers:
            yield _line("", f"knowing {', '.join(decision.providers)}")
        said = (decision.text, *(one.text for one in decision.contents))
        yield from (_line("", f"says {text}") for text in said if text)
        yield from (_line("", f"calls {_call(call)}") for call in decision.calls)
        return
    body = step.body or {}
    call = ToolCall(id="", name=step.name, arguments=body.get("arguments", {}))
    yield _line(label, f"{_time(step.at)}  {_call(call)}: {step.state}", STYLES.get(step.state, ""))
    if step.state is not StepState.STARTED:
        yield from (_line("", line) for line in _result(body.get("result", {})))


def _call(call: ToolCall) -> str:
    return (
        f"{call.name}({', '.join(f'{name}={value!r}' for name, value in call.arguments.items())})"
    )


def _result(body: Any) -> Iterator[str]:
    result = ActionResult.model_validate(body)
    if result.content:
        yield f"answers {result.content.text}"
    if result.values:
        yield f"leaves {result.values!r}"
    if result.error:
        yield f"error {result.error}"


def _reply(label: str, reply: Reply, *, is_asked: bool) -> Iterator[Text]:
    delivery = reply.delivery
    yield _line(label, delivery.content.text, "bold")
    yield _line("", f"delivery {delivery.id}" + (", which was asked about" if is_asked else ""))
    yield _line("", f"{_time(delivery.created_at)}  {delivery.priority}, in {_room(delivery.room)}")
    yield from (_part(out) for out in reply.parts)


def _part(out: Outgoing) -> Text:
    receipt = f"message {out.receipt.message}" if out.receipt else ""
    facts = (
        f"{out.state}  {_time(out.since)}",
        receipt,
        _tries(out).lstrip(", "),
        f"not before {_time(out.due)}" if out.due else "",
        f"reason: {out.reason}" if out.reason else "",
    )
    label = f"part {out.part.ordinal + 1}"
    return _line(label, "  ".join(filter(None, facts)), STYLES.get(out.state, ""))


def _tries(out: Outgoing) -> str:
    tries = f", attempts: {out.attempts}" if out.attempts else ""
    return tries + (f", outcome unknown: {out.ambiguous}" if out.ambiguous else "")


# lists


def events(found: Iterable[Stored], total: int) -> Iterator[Text]:
    """What came, with the key to ask for it by."""
    found = list(found)
    yield _title("events", len(found), total)
    for one in found:
        event = one.event
        where = _room(event.room) if event.room else _account(one)
        who = f"{_person(event.sender)} in {where}" if event.sender else where
        yield _heading(one.received_at, one.state, one.reason or event.problem)
        yield _line("", ": ".join(filter(None, (who, _short(_said(one))))))
        yield _line("", f"{event.key}  (seq {one.seq})")


def parts(found: Iterable[Outgoing], total: int) -> Iterator[Text]:
    """What leaves, with the delivery to ask for it by."""
    found = list(found)
    yield _title("parts", len(found), total)
    for one in found:
        yield _heading(one.since, one.state, one.reason)
        yield _line("", f"to {_room(one.part.room)}: {_short(one.part.text)}")
        tries = f"part {one.part.ordinal + 1}{_tries(one)}"
        yield _line("", f"{one.part.delivery}  (seq {one.seq})  {tries}")


def acts(found: Iterable[Act]) -> Iterator[Text]:
    """What people did."""
    found = list(found)
    yield _title("acts", len(found), len(found))
    for one in found:
        yield _act(one)
        yield _line("", one.subject)


def _act(one: Act) -> Text:
    return _line(one.verb, f"{_time(one.at)}  by {one.by}  {one.note}".rstrip(), "bold")


def _title(name: str, shown: int, total: int) -> Text:
    return Text(f"{name}: {shown} of {total}" if total else f"{name}: none", "bold")


def _heading(at: datetime | None, state: str, reason: str | None) -> Text:
    why = f"  {_plain(reason)}" if reason else ""
    return Text.assemble(f"{_time(at)}  ", (state, STYLES.get(state, "")), why)


# words


def _line(label: str, text: str, style: str = "") -> Text:
    return Text.assemble((f"{label:12}", "dim"), (_plain(text), style))


def _plain(text: str) -> str:
    """The text with each control character, line break and invisible one spelt out."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _time(at: datetime | None) -> str:
    """By the clock of whoever looks, with its distance from UTC."""
    return at.astimezone().isoformat(" ", "milliseconds") if at else ""


def _said(stored: Stored) -> str:
    content = stored.event.content
    if content is None or stored.event.kind is EventKind.DELETE:
        return ""
    files = "".join(f" [{one.name or one.key}]" for one in content.attachments)
    return content.text + files


def _person(entity: Entity) -> str:
    handle = f" @{entity.username}" if entity.username else ""
    return f"{entity.name or entity.key}{handle}" + (" (bot)" if entity.is_bot else "")


def _room(room: Room) -> str:
    name = f"{room.name} " if room.name else ""
    return f"{account_name(room.platform, room.account)} {name}{room.key} ({room.kind})"


def _account(stored: Stored) -> str:
    return account_name(stored.event.platform, stored.event.account)
