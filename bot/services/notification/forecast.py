"""What a campaign would be, and how far one came."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.audience import Account, Audience, Kind, Member, parse, shown
from bot.campaign import OPEN, Campaign, CampaignState, Preview, Progress, RecipientState
from bot.campaigns import Weight
from bot.capabilities import Capabilities
from bot.connector import Connector, account_name
from bot.content import Content
from bot.errors import DeliveryError, Rejected
from bot.memory import Room
from bot.part import Part, Priority
from bot.records import Delivery
from bot.render import losses, render
from bot.services.notification.planner import least_seconds
from bot.services.notification.pump import Pump
from bot.value import now, uid

if TYPE_CHECKING:
    from bot.services.notification.service import NotificationService

SLICE = 20_000
"""How many recipients are counted by one query, so that others need not wait for long."""

SAMPLE = 200
"""How many rooms are looked at for their kinds."""


async def preview(
    service: NotificationService, content: Content, members: Sequence[str], without: Sequence[str]
) -> Preview:
    """What a broadcast would be; see `NotificationService.preview`."""
    nobody = [one async for one in unknown(service, members)]
    known = [one for one in members if one not in nobody]
    kept = [await service.addresses.kept(some) for some in (known, without)]
    found: dict[Account, _Weighed] = {}
    async for one, rooms in _weighed(service, service.accounts.audience(*kept)):
        weighed = found.setdefault(one.account, _Weighed())
        weighed.count += one.recipients
        weighed.skipped += one.skipped
        weighed.rooms += rooms
    looks = {account: _shown(service, content, one.rooms[0]) for account, one in found.items()}
    forecasts = {
        account_name(*one): _forecast(service, one, weighed, looks[one][0])
        for one, weighed in found.items()
    }
    return Preview(
        counts={account_name(*one): weighed.count for one, weighed in found.items()},
        skipped={account_name(*one): weighed.skipped for one, weighed in found.items()},
        seconds={name: seconds for name, (seconds, _) in forecasts.items()},
        parts={platform: parts for (platform, _), (parts, _) in looks.items()},
        losses={platform: lost for (platform, _), (_, lost) in looks.items()},
        unknown=tuple(map(shown, nobody)),
        cost={name: cost for name, (_, cost) in forecasts.items() if cost},
    )


async def progress(
    service: NotificationService, campaign: Campaign, pumps: Mapping[Account, Pump]
) -> Progress:
    """How far a campaign came; see `NotificationService.progress`."""
    tallies = await service.store.tallies(campaign.id)
    waits = {account_name(*one): pump.waits for one, pump in pumps.items()}
    return Progress(
        campaign=campaign,
        counts={
            account_name(*one): {state.value: count for state, count in counts.items()}
            for one, counts in tallies.items()
        },
        per_second={pump.name: round(pump.per_second, 2) for pump in pumps.values()},
        eta={
            account_name(*one): _eta(service, campaign, one, counts, pumps.get(one))
            for one, counts in tallies.items()
        },
        waits={name: why for name, why in waits.items() if why},
    )


@dataclass(slots=True)
class _Weighed:
    """What an audience has of one account, with some of its rooms."""

    count: int = 0
    skipped: int = 0
    rooms: list[Room] = field(default_factory=list)


async def _weighed(
    service: NotificationService, audience: Audience
) -> AsyncIterator[tuple[Weight, list[Room]]]:
    """Each slice of an audience, by account, with some rooms of each."""
    since = now() - timedelta(days=service.config.dead_days)
    piece = await service.store.slice(audience, size=SLICE)
    while piece:
        weights = await service.store.weigh(audience, piece, since=since)
        keys = await service.store.members(audience, piece, limit=SAMPLE) if weights else []
        for weight in weights:
            mine = [room for *account, room in keys if tuple(account) == weight.account]
            yield weight, await _rooms(service, weight.account, mine)
        piece = await service.store.slice(audience, piece, size=SLICE)


async def _rooms(service: NotificationService, account: Account, keys: Sequence[str]) -> list[Room]:
    """The rooms with these keys, as far as anybody knows them."""
    connector = service.runtime.get_service(account_name(*account))
    platform, name = account
    ids = {key: uid("room", *account, key) for key in keys}
    known = await service.store.rooms_of(list(ids.values()))

    def guessed(key: str) -> Room:
        if isinstance(connector, Connector):
            return connector.room(key)
        return Room(platform=platform, account=name, key=key)

    return [known.get(ids[key]) or guessed(key) for key in keys]


def _shown(
    service: NotificationService, content: Content, room: Room
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """How a message is shown in a room, and what is lost."""
    can = service.runtime.capabilities(room)
    delivery = Delivery(id=uid("preview"), room=room, content=content, priority=Priority.BULK)
    return render(delivery, can), losses(content, can)


def _forecast(
    service: NotificationService,
    account: Account,
    weighed: _Weighed,
    parts: tuple[Part, ...],
) -> tuple[float, str]:
    """The least time, and the cost."""
    left = weighed.count - weighed.skipped
    connector = service.runtime.get_service(account_name(*account))
    kinds = [room.kind for room in weighed.rooms]
    can = _limits(service, account)
    seconds = least_seconds(can, left, parts=max(len(parts), 1), kinds=kinds)
    return seconds, connector.cost_of(parts, left) if isinstance(connector, Connector) else ""


def _limits(service: NotificationService, account: Account) -> Capabilities:
    """The limits of an account, as its settings have them where it runs."""
    connector = service.runtime.get_service(account_name(*account))
    if isinstance(connector, Connector):
        return connector.capabilities
    kind = service.runtime.kind(account[0])
    return kind.capabilities if kind else Capabilities(max_length=1)


def _eta(
    service: NotificationService,
    campaign: Campaign,
    account: Account,
    counts: Mapping[RecipientState, int],
    pump: Pump | None,
) -> float | None:
    left, total = sum(counts.get(state, 0) for state in OPEN), sum(counts.values())
    if not left:
        return 0.0
    if campaign.state is not CampaignState.RUNNING or pump is None or pump.waits:
        return None
    spread = campaign.over * left / total
    return max(least_seconds(_limits(service, account), left, kinds=list(pump.kinds)), spread)


async def unknown(service: NotificationService, members: Sequence[str]) -> AsyncIterator[str]:
    """The members that name nobody."""
    for text in members:
        member = parse(text)
        if member.kind in (Kind.TOPIC, Kind.TAG):
            is_known = bool(await service.store.subscribers(member.topic, limit=1))
        else:
            is_known = member.kind is not Kind.ADDRESS or await _is_room(service, member)
        if not is_known:
            yield text


async def is_somebody(
    service: NotificationService, members: Sequence[str], without: Sequence[str]
) -> bool:
    """Whether there is anybody in an audience."""
    kept = [await service.addresses.kept(some) for some in (members, without)]
    audience = service.accounts.audience(*kept)
    piece = await service.store.slice(audience, size=SLICE)
    while piece:
        if await service.store.members(audience, piece, limit=1):
            return True
        piece = await service.store.slice(audience, piece, size=SLICE)
    return False


async def _is_room(service: NotificationService, member: Member) -> bool:
    """Whether an address is a room, as far as its connector can tell now."""
    platform, account, key = service.accounts.address(member)
    if await service.store.room(uid("room", platform, account, key)):
        return True
    connector = service.runtime.get_service(account_name(platform, account))
    if not isinstance(connector, Connector):
        return True
    try:
        return await connector.room_of(key) is not None
    except Rejected:
        return False
    except DeliveryError:
        return True
