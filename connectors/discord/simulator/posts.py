"""What a message on a simulated Discord may have besides text: the fields of the message object.

https://discord.com/developers/docs/resources/message#message-object
"""

from __future__ import annotations

from connectors.discord.simulator.channels import stamp
from connectors.discord.simulator.shapes import Json

VOICE = 1 << 13
"""The flag of a voice message."""
FORWARD = 1
"""The type of a reference to a forwarded message."""
SILENCE = "AAAA"
"""The waveform of a voice message in which nobody speaks, as Base64."""
SNAPSHOT = (
    "type content mentions mention_roles attachments embeds timestamp edited_timestamp flags"
    " components sticker_items"
)


def embed(title: str, description: str = "", **fields: str) -> Json:
    """A card, as bots send it."""
    named = [{"name": name, "value": value, "inline": False} for name, value in fields.items()]
    shown = {"type": "rich", "title": title, "description": description, "fields": named}
    return {"embeds": [shown]}


def preview(url: str, title: str) -> Json:
    """What Discord adds to a text with a link."""
    return {"embeds": [{"type": "link", "url": url, "title": title}]}


def sticker(name: str) -> Json:
    """A sticker."""
    return {"sticker_items": [{"id": "749054660769218631", "name": name, "format_type": 1}]}


def poll(question: str, *answers: str) -> Json:
    """A poll that goes on for ever."""
    asked = [
        {"answer_id": number, "poll_media": {"text": answer}}
        for number, answer in enumerate(answers, 1)
    ]
    return {
        "poll": {
            "question": {"text": question},
            "answers": asked,
            "expiry": stamp(),
            "allow_multiselect": False,
            "layout_type": 1,
            "results": {"answer_counts": [], "is_finalized": False},
        }
    }


def forward(message: Json, origin: Json) -> Json:
    """A message that was said elsewhere.

    Args:
        origin: where.
    """
    reference = {"type": FORWARD, "message_id": message["id"], **origin}
    shown = {key: message[key] for key in SNAPSHOT.split() if key in message}
    return {"message_reference": reference, "message_snapshots": [{"message": shown}]}
