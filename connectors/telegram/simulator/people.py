"""What people do on Telegram, and what the bot is told of it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from bot.content import MediaKind
from bot.testing.simulator import Said, Upload, now
from connectors.telegram.simulator import keyboards
from connectors.telegram.simulator.api import BotApi
from connectors.telegram.simulator.chats import Chat, Json, Network, entities, first
from connectors.telegram.simulator.members import change
from connectors.telegram.simulator.reading import Params

KINDS = {
    MediaKind.FILE: "document",
    MediaKind.IMAGE: "photo",
    MediaKind.AUDIO: "audio",
    MediaKind.VIDEO: "video",
    MediaKind.VOICE: "voice",
    MediaKind.STICKER: "sticker",
}
"""How people's apps send each kind of file."""

Tell = Callable[[str, Json], None]


class People:
    """Everybody but the bot.

    Args:
        tell: told of each update by its kind.
        record: told of all that is said.
    """

    def __init__(
        self, network: Network, api: BotApi, tell: Tell, record: Callable[[Said], None]
    ) -> None:
        self._network, self._api, self._tell, self._record = network, api, tell, record
        self._albums = count(first())
        self._pictures: dict[str, Json] = {}

    def message(self, reference: str) -> Json:
        """A message, by what `Event.message` calls it."""
        chat, _, number = reference.partition("/")
        return self._network.chats[int(chat)].messages[int(number)]

    # talking

    def say(
        self,
        room: str,
        person: str,
        text: str,
        *,
        reply_to: str | None = None,
        files: Sequence[Upload] = (),
    ) -> str:
        """Say something, or show files, of which several are an album; the first message."""
        album = {"media_group_id": str(next(self._albums))} if len(files) > 1 else {}
        shown = [self._api.files.add(KINDS[one.kind], one) | album for one in files] or [{}]
        sent = []
        for number, file in enumerate(shown):
            what = file | _worded("" if number else text, "caption" if files else "text")
            sent.append(self._post(room, person, reply_to, **what))
        for message in sent:
            self._record(said(message, person, self._api.files.of(message), by_bot=False))
            self._tell("message", message)
        return reference(sent[0])

    def share(self, room: str, person: str, **what: Any) -> str:
        """Send anything else that a Message may hold, as `location={...}`; the message.

        See https://core.telegram.org/bots/api#message
        """
        message = self._post(room, person, None, **what)
        self._tell("message", message)
        return reference(message)

    def command(self, room: str, person: str, name: str, arguments: Mapping[str, Any]) -> None:
        """Give a command as Telegram's menu does: a text, in groups with the bot's name."""
        given = [str(one) for one in arguments.values()]
        words = shlex.join(given) if len(given) > 1 else "".join(given)
        owner = "" if self._place(room)[0].is_private else f"@{self._network.bot['username']}"
        self.say(room, person, f"/{name}{owner} {words}".rstrip())

    def edit(self, message: str, text: str) -> None:
        """Change the words of a message."""
        changed = self.message(message)
        field = "text" if "text" in changed else "caption"
        for name in ("entities", "caption_entities"):
            changed.pop(name, None)
        changed |= {"edit_date": int(time.time()), **_worded(text, field)}
        self._tell("edited_message", changed)

    def delete(self, message: str) -> None:
        """Delete a message. Telegram does not tell bots."""
        chat, _, number = message.partition("/")
        del self._network.chats[int(chat)].messages[int(number)]

    # below messages

    def react(self, message: str, person: str, emoji: str, *, removed: bool = False) -> None:
        """React in place of how the person reacted before, or take it back.

        Args:
            emoji: or the id of a custom one, or `paid`.
        """
        there, after = self.message(message), [] if removed else [emoji]
        before = self._api.reactions.put(message, person, after)
        told = {
            "chat": there["chat"],
            "message_id": there["message_id"],
            "user": self._network.people[int(person)],
            "date": int(time.time()),
            "old_reaction": [_reaction(one) for one in before],
            "new_reaction": [_reaction(one) for one in after],
        }
        self._tell("message_reaction", told)

    def press(self, message: str, person: str, label: str) -> None:
        """Press a button."""
        there = self.message(message)
        told = {
            "id": self._api.queries.ask(),
            "from": self._network.people[int(person)],
            "message": there,
            "chat_instance": str(there["chat"]["id"]),
            "data": keyboards.pressed(there, label)["callback_data"],
        }
        self._tell("callback_query", told)

    # coming and going

    def publish(self, room: str, name: str) -> None:
        """Give a group or channel a public name."""
        self._network.chats[int(room)].info["username"] = name

    def join(self, room: str, person: str) -> None:
        """Join a group."""
        user = self._network.people[int(person)]
        self._tell("message", self._post(room, person, None, new_chat_members=[user]))
        self._tell("chat_member", change(self._place(room)[0], user, user, "left", "member"))

    def leave(self, room: str, person: str, *, by: str | None = None) -> None:
        """Leave a group, or be removed from it by somebody else."""
        user, actor = self._network.people[int(person)], self._network.people[int(by or person)]
        self._tell("message", self._post(room, by or person, None, left_chat_member=user))
        new = "kicked" if by else "left"
        self._tell("chat_member", change(self._place(room)[0], actor, user, "member", new))

    def block(self, room: str) -> None:
        """The person of a private chat blocks the bot, or a group's admin kicks it."""
        chat = self._place(room)[0]
        kicked = f"bot was kicked from the {chat.info['type']} chat"
        chat.refuses = "bot was blocked by the user" if chat.is_private else kicked
        self._tell("my_chat_member", self._bot_becomes(chat, "member", "kicked"))

    def admit(self, room: str) -> None:
        """The bot may come back."""
        chat = self._place(room)[0]
        chat.refuses = ""
        self._tell("my_chat_member", self._bot_becomes(chat, "kicked", "member"))

    # who they are

    def rename(self, person: str, name: str) -> None:
        """Take another name. Telegram tells it with what the person does next."""
        user = self._network.people[int(person)]
        user["first_name"] = name
        if alone := self._network.chats.get(int(person)):
            alone.info["first_name"] = name

    def wear(self, person: str, picture: Upload) -> None:
        """Show a picture of oneself."""
        self._pictures[person] = self._api.files.add("photo", picture)

    async def get_user_profile_photos(self, params: Params) -> Json:
        """See getUserProfilePhotos."""
        shown = self._pictures.get(str(params.get("user_id")))
        photos = [shown["photo"]] if shown else []
        return {"total_count": len(photos), "photos": photos}

    # what becomes of chats

    def found(self, name: str) -> str:
        """Found a small group, which can become a supergroup; its key."""
        return str(self._network.add_small_group(name).id)

    def rename_room(self, room: str, name: str) -> None:
        """Give a group or topic another name."""
        chat, topic = self._place(room)
        if topic is None:
            chat.info["title"] = name
        notice: Json = {"forum_topic_edited": {"name": name}} if topic else {"new_chat_title": name}
        author = next(iter(self._network.people))
        self._tell("message", self._post(room, str(author), None, **notice))

    def migrate(self, room: str) -> str:
        """Make a small group a supergroup, with another id; its key. Both chats tell of it."""
        old = self._place(room)[0]
        new = self._network.add_group(old.info["title"], "group")
        old.moved = new.id
        author = self._network.people[next(iter(self._network.people))]
        self._tell("message", old.post(author, migrate_to_chat_id=new.id))
        self._tell("message", new.post(author, migrate_from_chat_id=old.id))
        return str(new.id)

    def _bot_becomes(self, chat: Chat, old: str, new: str) -> Json:
        people = self._network.people
        actor = people.get(chat.id, next(iter(people.values())))
        return change(chat, actor, self._network.bot, old, new)

    def _post(self, room: str, person: str, reply_to: str | None, **what: Any) -> Json:
        chat, topic = self._place(room)
        answered = self.message(reply_to) if reply_to else None
        author = self._network.people[int(person)]
        return chat.post(author, topic=topic, answered=answered, **what)

    def _place(self, room: str) -> tuple[Chat, int | None]:
        chat, _, topic = room.partition("/")
        return self._network.chats[int(chat)], int(topic) if topic else None


def said(message: Json, person: str, files: Sequence[Upload], *, by_bot: bool) -> Said:
    """A message, as who reads it sees it."""
    answered = message.get("reply_to_message", {})
    answers = bool(answered) and "forum_topic_created" not in answered
    chat, topic = str(message["chat"]["id"]), message.get("message_thread_id")
    return Said(
        room=f"{chat}/{topic}" if "is_topic_message" in message else chat,
        message=reference(message),
        person=person,
        text=str(message.get("text") or message.get("caption", "")),
        reply_to=reference(answered) if answers else None,
        by_bot=by_bot,
        at=now(),
        buttons=keyboards.labels(message),
        files=tuple(one.name for one in files),
    )


def reference(message: Json) -> str:
    """A message, as `Event.message` has it."""
    return f"{message['chat']['id']}/{message['message_id']}"


def concerns(message: Json, bot: Json) -> bool:
    """Whether the bot sees a message in privacy mode.

    See https://core.telegram.org/bots/features#privacy-mode
    """
    text = str(message.get("text") or message.get("caption", ""))
    if message["chat"]["type"] != "supergroup" or text.startswith("/"):
        return True
    named = f"@{bot['username']}".lower() in text.lower()
    return named or message.get("reply_to_message", {}).get("from") is bot


def _worded(text: str, field: str) -> Json:
    if not text and field == "caption":
        return {}
    found = entities(text)
    name = "entities" if field == "text" else "caption_entities"
    return {field: text, name: found} if found else {field: text}


def _reaction(emoji: str) -> Json:
    if emoji == "paid":
        return {"type": "paid"}
    if emoji.isdecimal():
        return {"type": "custom_emoji", "custom_emoji_id": emoji}
    return {"type": "emoji", "emoji": emoji}
