"""The parts of a delivery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

from bot.capabilities import Capabilities
from bot.content import Content, Verb
from bot.part import Part
from bot.records import Delivery
from bot.render.layout import Message, lay


def render(
    delivery: Delivery,
    capabilities: Capabilities,
    *,
    reply_to: str | None = None,
    via: dict[str, str] | None = None,
    targets: Sequence[str] = (),
) -> tuple[Part, ...]:
    """The parts that say or do `delivery.content` on a platform; none where it cannot.

    Args:
        reply_to: the platform's reference of the message that is answered.
        via: what came with the event that is answered; see `Event.via`.
        targets: the platform's references of the messages that the verb is about, in their order.
    """
    common = _common(delivery.content, capabilities, via)
    return tuple(
        Part(
            delivery=delivery.id,
            ordinal=ordinal,
            room=delivery.room,
            reply_to=reply_to if ordinal == 0 and message.verb is Verb.SAY else None,
            priority=delivery.priority,
            **common,
            **message.fields(),
        )
        for ordinal, message in enumerate(_messages(delivery.content, capabilities, targets))
    )


def _common(
    content: Content, capabilities: Capabilities, via: dict[str, str] | None
) -> dict[str, Any]:
    """What all parts have; only what is there, because most have none of it."""
    persona = content.persona if capabilities.personas else None
    fields = {
        "thread": content.thread,
        "persona": persona,
        "private": content.private,
        "via": via,
    }
    return {name: value for name, value in fields.items() if value}


def _messages(
    content: Content, capabilities: Capabilities, targets: Sequence[str]
) -> Iterable[Message]:
    verb = content.verb
    if verb is Verb.SAY:
        return lay(content, capabilities)
    if verb not in capabilities.verbs or not targets:
        return ()
    if verb is Verb.EDIT:
        return _edits(content, capabilities, targets)
    if verb is Verb.DELETE:
        return [Message(verb=verb, target=target) for target in targets]
    emoji = "" if verb is Verb.REPOST else content.text.strip()
    return [Message(emoji, verb=verb, target=targets[0])]


def _edits(
    content: Content, capabilities: Capabilities, targets: Sequence[str]
) -> Iterable[Message]:
    """Each message anew; what is new is said, what is left over is deleted."""
    for message, target in zip_longest(lay(content, capabilities), targets):
        if message is None:
            if Verb.DELETE in capabilities.verbs:
                yield Message(verb=Verb.DELETE, target=target)
        elif target is None:
            yield message
        else:
            yield message._replace(verb=Verb.EDIT, target=target)
