"""The methods by which a bot changes messages."""

from __future__ import annotations

import time

from connectors.telegram.simulator.chats import Chat, Json, bad
from connectors.telegram.simulator.keyboards import keyboard
from connectors.telegram.simulator.reactions import ALLOWED
from connectors.telegram.simulator.reading import Params, caption, decoded, integer, text
from connectors.telegram.simulator.sending import Desk, Sending
from connectors.telegram.simulator.uploads import KINDS

UNCHANGED = (
    "message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
LONGEST = 48 * 3600
"""Seconds in which a bot can delete in groups: https://core.telegram.org/bots/api#deletemessage"""

TEXT = frozenset({"text", "entities", "reply_markup"})
CAPTION = frozenset({"caption", "caption_entities", "reply_markup"})


class Editing:
    """editMessageText and its kin."""

    def __init__(self, desk: Desk, sending: Sending) -> None:
        self._desk, self._sending = desk, sending
        self.methods = {
            "editmessagetext": self.edit_message_text,
            "editmessagecaption": self.edit_message_caption,
            "editmessagemedia": self.edit_message_media,
            "editmessagereplymarkup": self.edit_message_reply_markup,
            "deletemessage": self.delete_message,
            "setmessagereaction": self.set_message_reaction,
        }

    async def edit_message_text(self, params: Params) -> Json:
        """See editMessageText."""
        message, what = self._own(params), text(params)
        if "text" not in message:
            raise bad("there is no text in the message to edit")
        return self._change(message, TEXT, what | keyboard(params))

    async def edit_message_caption(self, params: Params) -> Json:
        """See editMessageCaption."""
        message, what = self._own(params), caption(params)
        if "text" in message:
            raise bad("there is no caption in the message to edit")
        return self._change(message, CAPTION, what | keyboard(params))

    async def edit_message_media(self, params: Params) -> Json:
        """See editMessageMedia."""
        message = self._own(params)
        what = self._sending.media(params, decoded(params, "media") or {})
        return self._change(message, TEXT | CAPTION | KINDS.keys(), what | keyboard(params))

    async def edit_message_reply_markup(self, params: Params) -> Json:
        """See editMessageReplyMarkup."""
        return self._change(self._own(params), frozenset({"reply_markup"}), keyboard(params))

    async def delete_message(self, params: Params) -> bool:
        """See deleteMessage."""
        chat, number = self._desk.writable(params), integer(params, "message_id") or 0
        self._delete(chat, chat.message(number, "message to delete not found"))
        return True

    async def set_message_reaction(self, params: Params) -> bool:
        """See setMessageReaction."""
        chat, number = self._desk.writable(params), integer(params, "message_id") or 0
        chat.message(number, "message to react not found")
        reactions = decoded(params, "reaction") or []
        if len(reactions) > 1:
            raise bad("REACTIONS_TOO_MANY")
        if any(one.get("emoji") not in ALLOWED for one in reactions):
            raise bad("REACTION_INVALID")
        bot = str(self._desk.network.bot["id"])
        self._desk.reactions.put(f"{chat.id}/{number}", bot, [one["emoji"] for one in reactions])
        return True

    def _own(self, params: Params) -> Json:
        chat, number = self._desk.writable(params), integer(params, "message_id") or 0
        message = chat.message(number, "message to edit not found")
        if message.get("from", self._desk.network.bot) is not self._desk.network.bot:
            raise bad("message can't be edited")
        return message

    def _change(self, message: Json, fields: frozenset[str], what: Json) -> Json:
        if {name: message[name] for name in fields if name in message} == what:
            raise bad(UNCHANGED)
        for name in fields - what.keys():
            message.pop(name, None)
        message |= {**what, "edit_date": int(time.time())}
        self._desk.edited(message)
        return message

    def _delete(self, chat: Chat, message: Json) -> None:
        bot = self._desk.network.bot
        is_ours = message.get("from", bot) is bot
        is_old = time.time() - message["date"] > LONGEST
        if is_old or not (is_ours or chat.is_private):
            for_all = " for everyone" if is_ours else ""
            raise bad(f"message can't be deleted{for_all}")
        del chat.messages[message["message_id"]]
        self._desk.deleted(message)
