"""Buttons under a message, as the Bot API checks them."""

from __future__ import annotations

from typing import Any

from connectors.telegram.simulator.chats import Json, bad
from connectors.telegram.simulator.reading import Params, decoded

MOST = 100
"""Buttons of one message. Telegram does not say; it takes about so many."""

DATA = 64
"""Bytes of `callback_data`: https://core.telegram.org/bots/api#inlinekeyboardbutton"""

ACTIONS = frozenset(
    {
        "url", "callback_data", "web_app", "login_url", "switch_inline_query",
        "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text",
        "callback_game", "pay",
    }
)  # fmt: skip


def keyboard(params: Params) -> Json:
    """The inline keyboard that a call asks for, as in a Message; nothing if there is none."""
    markup = decoded(params, "reply_markup")
    if not markup:
        return {}
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = [[_checked(one) for one in row] for row in markup.get("inline_keyboard", ()) if row]
    if sum(map(len, rows)) > MOST:
        raise bad("reply markup is too long")
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def pressed(message: Json, label: str) -> Json:
    """The button of that label under a message.

    Raises:
        LookupError: there is none.
    """
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    for button in (one for row in rows for one in row):
        if button["text"] == label:
            return dict(button)
    raise LookupError(f"no button {label!r}")


def labels(message: Json) -> tuple[str, ...]:
    """What can be pressed under a message."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return tuple(one["text"] for row in rows for one in row)


def _checked(button: Any) -> Json:
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
    if len(ACTIONS & button.keys()) != 1:
        raise bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if "callback_data" in button and not 0 < len(button["callback_data"].encode()) <= DATA:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button and not button["url"].startswith(("http://", "https://", "tg://")):
        raise bad("BUTTON_URL_INVALID")
    return button
