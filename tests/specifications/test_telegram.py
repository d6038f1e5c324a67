"""What python-telegram-bot and a simulated Telegram say to each other is as the Bot API says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.telegram.client import ALLOWED_UPDATES

from . import telegram_day
from .findings import unexcused
from .recorder import Exchange

EXCUSES: dict[str, tuple[str, ...]] = {}

MANY = 200
"""How many updates make up a busy day."""

CHAT = {"id": 2, "type": "private"}
TEXT = {"message_id": 3, "date": 1, "chat": CHAT, "text": "Hello"}
UPDATE = {"update_id": 4, "message": TEXT}
NOT_NOW = {"ok": False, "error_code": 429, "description": "Wait", "parameters": {"retry_after": 1}}
HELLO = {"chat_id": "2", "text": "Hello", "reply_parameters": '{"message_id": 3}'}


def exchange(method, body, result):
    answer = {"ok": True, "result": result}
    return Exchange("POST", f"/bot1:x/{method}", body=body, answer=answer)


def poll(*updates, **body):
    return exchange("getUpdates", body, [*updates])


def say(*, result=TEXT, **body):
    return exchange("sendMessage", body, result)


def refused(status, **more):
    return replace(say(**HELLO), status=status, answer=NOT_NOW | more)


def updates_in(exchange):
    """What a poll answered."""
    result = exchange.answer.get("result") if exchange.path.endswith("/getUpdates") else ()
    return result or ()


async def test_a_day_on_telegram_is_as_its_documentation_says(telegram_api, recorder, tmp_path):
    """Every call, every answer and every update, but for what is excused."""
    await telegram_day.play(recorder, tmp_path)
    calls = [one for one in recorder.exchanges if one.path.startswith("/bot")]
    found = {one for exchange in calls for one in telegram_api.findings(exchange)}
    problems = unexcused(found, EXCUSES)
    assert not problems, "\n".join(problems)
    updates = {one["update_id"]: one for call in calls for one in updates_in(call)}
    assert len(updates) > MANY
    assert {kind for one in updates.values() for kind in one} == {"update_id", *ALLOWED_UPDATES}


@pytest.mark.parametrize("exchange", [poll(UPDATE, offset="4"), say(**HELLO), refused(429)])
async def test_what_does_not_deviate_is_no_finding(telegram_api, exchange):
    """What the other laws change is without fault before."""
    assert telegram_api.findings(exchange) == set()


@pytest.mark.parametrize(
    ("finding", "exchange"),
    [
        ("getUpdates > 200.result.update_id: missing", poll({"message": TEXT})),
        ("getUpdates > 200.result.mood: unknown", poll(UPDATE | {"mood": "good"})),
        ("getUpdates > 200.result: must be Update", poll("news")),
        ("getUpdates > call.offset: must be Integer", poll(offset="many")),
        ("getMood: no such method", exchange("getMood", {}, "good")),
        (
            "sendMessage > 200.result.date: must be Integer",
            say(**HELLO, result=TEXT | {"date": ""}),
        ),
        (
            "sendMessage > 200.result.chat.type: must be one of private group supergroup channel",
            say(**HELLO, result=TEXT | {"chat": CHAT | {"type": "room"}}),
        ),
        ("sendMessage > call.text: missing", say(chat_id="2")),
        ("sendMessage > call.mood: unknown", say(**HELLO, mood="good")),
        (
            "sendMessage > call.reply_parameters.message_id: missing",
            say(**HELLO | {"reply_parameters": "{}"}),
        ),
        ("sendMessage > 400: is no refusal", refused(400)),
        ("sendMessage > 429.description: must be String", refused(429, description=None)),
        ("sendMessage > 429.parameters.wait: unknown", refused(429, parameters={"wait": 1})),
    ],
)
async def test_what_deviates_is_found(telegram_api, finding, exchange):
    """Alone, in an exchange that is without fault otherwise."""
    [found] = telegram_api.findings(exchange)
    assert str(found) == finding
