"""What discord.py and a simulated Discord say to each other is as Discord's OpenAPI says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from . import discord_day, gateway
from .findings import unexcused
from .recorder import Exchange

EXCUSES = {
    "discord.py sends these ids as numbers": (
        "POST /users/@me/channels > body.recipient_id: must be of type string",
    ),
    "the documentation numbers the files that a message brings with 0, 1, 2": (
        "* */messages* > body.attachments.id: must be of type string",
    ),
    "the documentation shows the first message of a post inside the post": (
        "POST /channels/{channel_id}/threads > 201.message: unknown",
    ),
    "discord.py says of an edit, too, that nobody shall read it aloud": (
        "PATCH */messages/{message_id} > body.tts: unknown",
    ),
    "discord.py writes 0 and 1 for no and yes": (
        "GET /guilds/{guild_id} > query.with_counts: must be of type boolean",
    ),
    "the codes of fields are words, as Discord's reference shows them": (
        "POST */messages > 400.errors.*_errors.code: must be of type integer",
    ),
    "the specification has the forwarded message, and not the type of the reference to it": (
        "MESSAGE_CREATE.message_reference.type: 1 is no choice",
    ),
    "Discord sends more than it documents, and is seen to send this": ("READY.*: unknown",),
}

MANY = 300
"""Events; those of a day on which all happens that can."""

JSON, TOKEN = {"Content-Type": "application/json"}, {"Authorization": "Bot x"}
START = {"total": 1, "remaining": 1, "reset_after": 0, "max_concurrency": 1}
FOUND = {"url": "wss://example.org", "shards": 1, "session_start_limit": START}
REST = {"message": "Wait", "retry_after": 1.5, "global": False}
ASK = Exchange("GET", "/api/v10/gateway/bot", headers=TOKEN, told=JSON, answer=FOUND)
SAY = Exchange(
    "POST",
    "/api/v10/channels/1/messages",
    headers=TOKEN | JSON,
    body={"content": "Hello"},
    status=429,
    told=JSON,
    answer=REST | {"code": 0},
)


async def test_a_day_on_discord_is_as_its_specification_says(discord_api, recorder):
    """Every request, every answer and every event, but for what is excused."""
    events = await discord_day.play(recorder)
    assert len(events) > MANY
    assert {name for name, _ in events} >= gateway.TOLD
    found = {one for exchange in recorder.exchanges for one in discord_api.findings(exchange)}
    found |= {one for event in events for one in gateway.findings(discord_api.schemas, *event)}
    problems = unexcused(found, EXCUSES)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    ("finding", "exchange", "changes"),
    [
        ("bot > 200.shards: must be of type integer", ASK, {"answer": FOUND | {"shards": "1"}}),
        ("bot > 200.mood: unknown", ASK, {"answer": FOUND | {"mood": "good"}}),
        ("bot > 200.url: must be of format uri", ASK, {"answer": FOUND | {"url": "here"}}),
        ("bot > 200: has no body", ASK, {"answer": None}),
        ("bot > 200: unknown media type", ASK, {"told": {"Content-Type": "text/html"}}),
        ("bot > 302: no such status", ASK, {"status": 302}),
        ("bot > query.mood: unknown", ASK, {"query": {"mood": "good"}}),
        ("bot > credentials: must be ['BotToken']", ASK, {"headers": {}}),
        ("PUT /api/v10/gateway/bot: no such operation", ASK, {"method": "PUT"}),
        ("messages > body: missing", SAY, {"body": None}),
        ("messages > body.nonce: must be of maxLength 25", SAY, {"body": {"nonce": "x" * 26}}),
        ("messages > body.mood: unknown", SAY, {"body": {"mood": "good"}}),
        ("messages > 429.code: missing", SAY, {"answer": REST}),
        (
            "messages > 429.X-RateLimit-Limit: must be of type integer",
            SAY,
            {"told": JSON | {"X-RateLimit-Limit": "many"}},
        ),
        (
            "messages > path.channel_id: must be of pattern ^(0|[1-9][0-9]*)$",
            SAY,
            {"path": "/api/v10/channels/lobby/messages"},
        ),
    ],
)
async def test_what_deviates_is_found(discord_api, finding, exchange, changes):
    """Alone, in an exchange that is without fault otherwise."""
    assert discord_api.findings(exchange) == set()
    [found] = discord_api.findings(replace(exchange, **changes))
    assert str(found).endswith(finding)


@pytest.mark.parametrize(
    ("finding", "name", "data"),
    [
        ("MESSAGE_DELETE.channel_id: missing", "MESSAGE_DELETE", {"id": "1"}),
        ("MESSAGE_DELETE.id: missing", "MESSAGE_DELETE", {"channel_id": "2"}),
        ("TELEPATHY: no such event", "TELEPATHY", {}),
    ],
)
async def test_an_event_that_deviates_is_found(discord_api, finding, name, data):
    """In what it adds to the objects that the specification knows."""
    [found] = gateway.findings(discord_api.schemas, name, data)
    assert str(found) == finding
