"""All that people on Telegram send besides texts, each with every field that it must have."""

from __future__ import annotations

from bot.content import MediaKind
from bot.testing.simulator import Upload

SPOT = {"latitude": 52.5, "longitude": 13.4}
OPTION = {"persistent_id": "1", "text": "Yes", "voter_count": 0}
POLL = {
    "id": "1",
    "question": "Tea?",
    "options": [OPTION, OPTION | {"persistent_id": "2", "text": "No"}],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": True,
    "members_only": False,
}
VENUE = {"location": SPOT, "title": "Zoo", "address": "Park 1"}
TASKS = [{"id": 1, "text": "Map", "completion_date": 1_700_000_000}, {"id": 2, "text": "Tent"}]
INVOICE = {
    "title": "A book",
    "description": "To read",
    "start_parameter": "x",
    "currency": "EUR",
    "total_amount": 900,
}
PHOTO = {"file_id": "f", "file_unique_id": "u", "width": 90, "height": 90}
ANIMATION = PHOTO | {"duration": 2}

SHARES = {
    "a spot": {"location": SPOT},
    "a place": {"venue": VENUE, "location": SPOT},
    "a contact": {"contact": {"phone_number": "+49", "first_name": "Bob", "user_id": 5}},
    "a poll": {"poll": POLL},
    "a throw": {"dice": {"emoji": "🎲", "value": 4}},
    "a list": {"checklist": {"title": "Trip", "tasks": TASKS}},
    "a game": {"game": {"title": "Chess", "description": "A game", "photo": [PHOTO]}},
    "an invoice": {"invoice": INVOICE},
    "an animation": {"animation": ANIMATION, "document": {"file_id": "f", "file_unique_id": "u"}},
    "a round video": {
        "video_note": {"file_id": "v", "file_unique_id": "w", "length": 9, "duration": 2}
    },
    "an answer to another chat": {
        "text": "Look",
        "external_reply": {
            "origin": {"type": "hidden_user", "sender_user_name": "Eve", "date": 1_700_000_000}
        },
        "quote": {"text": "Rain", "position": 0, "is_manual": True},
    },
    "a forwarded text": {
        "text": "News",
        "forward_origin": {"type": "hidden_user", "sender_user_name": "Eve", "date": 1},
    },
    "rich words": {"rich_message": {"blocks": [{"type": "paragraph", "text": "Hello"}]}},
    "a new picture": {"new_chat_photo": [PHOTO]},
    "a call": {"video_chat_ended": {"duration": 3}},
}
"""By what they are, the fields of a Message: https://core.telegram.org/bots/api#message"""

FILES = [
    Upload("notes.txt", b"notes", "text/plain", MediaKind.FILE),
    Upload("photo.jpg", b"photo", "image/jpeg", MediaKind.IMAGE),
    Upload("song.mp3", b"song", "audio/mpeg", MediaKind.AUDIO),
    Upload("film.mp4", b"film", "video/mp4", MediaKind.VIDEO),
    Upload("voice.ogg", b"voice", "audio/ogg", MediaKind.VOICE),
    Upload("sticker.webp", b"sticker", "image/webp", MediaKind.STICKER),
]
"""One of each kind."""
