"""The ledger for people: lines.

What people wrote is shown as text, whatever is in it: no markup, no control characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from rich.text import Text

from bot.action import ActionResult
from bot.connector import account_name
from bot.content import Verb
from bot.events import EventKind
from bot.ledger import MANY, Queue, Reply, Story
from bot.memory import Entity, Room
from bot.model import ToolCall
from bot.part import Part
from bot.records import Act, EventState, Outgoing, Setback, Step, StepState, Stored
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
        yield from _state(story.event, story)
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
    how = f"{event.how}, " if event.how else ""
    yield _line("received", f"{_time(stored.received_at)}  ({how}happened {_time(event.at)})")
    if event.sender:
        yield _line("from", f"{_person(event.sender)}, {event.sender.key}")
    yield _line("in", _room(event.room) if event.room else _account(stored))
    yield _line("key", event.key)
    if event.memory_id:
        yield _line("memory", str(event.memory_id))


def _state(stored: Stored, story: Story) -> Iterator[Text]:
    is_mute = stored.state is EventState.DONE and not story.replies
    facts = (
        f"{stored.state}, without an answer" if is_mute else stored.state,
        _time(stored.ended_at),
        f"attempts: {stored.attempts}" if stored.attempts else "",
    )
    yield _line("state", "  ".join(filter(None, facts)), STYLES.get(stored.state, ""))
    if story.queue and story.steps:
        yield _line("running", f"since {_time(story.steps[0].at)}")
    elif story.queue:
        yield _line("waits", _queue(story.queue))
    for why in filter(None, (_untold(stored), stored.event.problem)):
        yield _line("reason", why)
    yield from _setbacks(stored.setbacks)


def _queue(queue: Queue) -> str:
    lane = "in a lane of its sender's own, who says too much" if queue.is_own else "in its room"
    number = f"{queue.before:,}" + (" or more" if queue.before >= MANY else "")
    return f"behind {number} {lane}" if queue.before else f"next {lane}"


def _setbacks(found: Iterable[Setback]) -> Iterator[Text]:
    """What went wrong, and how often in a row."""
    for (state, why), group in groupby(found, lambda one: (one.state, one.why)):
        first, *more = group
        last = more[-1] if more else first
        times = f"  ({len(more) + 1} times, last {_time(last.at)})" if more else ""
        due = f"  not before {_time(last.due)}" if last.due else ""
        yield _line("", f"{_time(first.at)}  {state}: {why}{times}{due}")


def _untold(one: Stored | Outgoing) -> str | None:
    """The reason for a state, unless it is the last of the setbacks."""
    told = one.setbacks[-1] if one.setbacks else None
    return None if told and (told.state, told.why) == (one.state, one.reason) else one.reason


def _step(step: Step) -> Iterator[Text]:
    label = f"step {step.ordinal + 1}"
    if step.kind == "decision":
        decision = Decision.model_validate(step.body or {"by": step.name})
        usage = decision.usage
        tokens = f"  ({usage.input} tokens in, {usage.output} out)" if usage.output else ""
        yield _line(label, f"{_time(step.at)}  decided by {decision.by}{tokens}")
        yield from (_line("", f"not by {passed}") for passed in decision.passed)
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
    done = _done(reply.parts[0].part) if reply.parts else ""
    yield _line(label, f"{done}{delivery.content.text}", "bold")
    yield _line("", f"delivery {delivery.id}" + (", which was asked about" if is_asked else ""))
    yield _line("", f"{_time(delivery.created_at)}  {delivery.priority}, in {_room(delivery.room)}")
    if one := reply.campaign:
        names = filter(None, (one.key, str(one.id), one.title))
        yield _line("", f"campaign {'  '.join(names)}")
    if reply.behind:
        yield _line("waits", _behind(reply.behind))
    yield from (line for out in reply.parts for line in _part(out))


def _behind(outs: Sequence[Outgoing]) -> str:
    first, number = outs[0], f"{len(outs):,}" + (" or more" if len(outs) >= MANY else "")
    why = f": {first.reason}" if first.reason else ""
    return f"behind {number} in its room, first delivery {first.part.delivery}, {first.state}{why}"


def _done(part: Part) -> str:
    """What a part does to which message, unless it says something new."""
    return "" if part.verb is Verb.SAY else f"[{part.verb} {part.target or ''}] "


def _part(out: Outgoing) -> Iterator[Text]:
    receipt, reason = out.receipt, _untold(out)
    facts = (
        f"{out.state}  {_time(out.since)}",
        f"message {', '.join((receipt.message, *receipt.more))}" if receipt else "",
        _tries(out).lstrip(", "),
        f"not before {_time(out.due)}" if out.due else "",
        f"reason: {reason}" if reason else "",
    )
    label = f"part {out.part.ordinal + 1}"
    yield _line(label, "  ".join(filter(None, facts)), STYLES.get(out.state, ""))
    yield from _setbacks(out.setbacks)


def _tries(out: Outgoing) -> str:
    tries = f", attempts: {out.attempts}" if out.attempts else ""
    return tries + (f", outcome unknown: {out.ambiguous}" if out.ambiguous else "")


# lists


def events(found: Sequence[Stored], total: int | None) -> Iterator[Text]:
    """What came, with the key to ask for it by. See `_title` for `total`."""
    yield _title("events", len(found), total)
    for one in found:
        event = one.event
        where = _room(event.room) if event.room else _account(one)
        who = f"{_person(event.sender)} in {where}" if event.sender else where
        yield _heading(one.received_at, one.state, one.reason or event.problem)
        yield _line("", ": ".join(filter(None, (who, _short(_said(one))))))
        yield _line("", event.key)


def parts(found: Sequence[Outgoing], total: int | None) -> Iterator[Text]:
    """What leaves, with the delivery to ask for it by. See `_title` for `total`."""
    yield _title("parts", len(found), total)
    for one in found:
        yield _heading(one.since, one.state, one.reason)
        yield _line("", f"to {_room(one.part.room)}: {_done(one.part)}{_short(one.part.text)}")
        yield _line("", f"{one.part.delivery}  part {one.part.ordinal + 1}{_tries(one)}")


def acts(found: Sequence[Act], total: int | None) -> Iterator[Text]:
    """What people did. See `_title` for `total`."""
    yield _title("acts", len(found), total)
    for one in found:
        yield _act(one)
        yield _line("", one.subject)


def _act(one: Act) -> Text:
    return _line(one.verb, f"{_time(one.at)}  by {one.by}  {one.note}".rstrip(), "bold")


def _title(name: str, shown: int, total: int | None) -> Text:
    """How many there are; None: more than are shown, and nobody counted them."""
    many = f"the newest {shown}" if total is None else f"{shown} of {total}"
    return Text(f"{name}: {'none' if total == 0 else many}", "bold")


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
