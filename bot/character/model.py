"""What a character is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from bot.value import Value


def _many(value: Any) -> Any:
    """One text is a list of one."""
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_many)]


class Entry(Value):
    """What is written in a character file: a name that we do not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class Style(Entry):
    """How the bot writes: everywhere, in conversation, in posts of its own."""

    all: Texts = ()
    chat: Texts = ()
    post: Texts = ()


class Rule(Entry):
    """Makes the bot answer where nobody spoke to it.

    Args:
        when: a regular expression, found anywhere in the text; capitals make no difference.
        action: the action to run.
        say: what to answer; without it and `action`, a model decides.
    """

    when: str
    action: str = ""
    say: str = ""

    @field_validator("when")
    @classmethod
    def _compiles(cls, when: str) -> str:
        try:
            re.compile(when, re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        return when


class Example(Value):
    """One line of an example conversation.

    Args:
        name: who says it; `{{user1}}` stands for anybody.
    """

    name: str
    text: str
    actions: Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, data: Any) -> Any:
        """Take the forms `{user, content}` and `{name, content}` of elizaOS."""
        if not isinstance(data, dict):
            return data
        content = data.get("content", data)
        inner = content if isinstance(content, dict) else {"text": content}
        return {
            "name": data.get("name") or data.get("user") or "",
            "text": inner.get("text") or "",
            "actions": inner.get("actions") or inner.get("action") or (),
        }


def _conversation(value: Any) -> Any:
    return value.get("examples", ()) if isinstance(value, dict) else value


Conversation = Annotated[tuple[Example, ...], BeforeValidator(_conversation)]


class Character(Entry):
    """Who the bot is. Only `name` is needed.

    Args:
        connectors: the platforms to be on; None for every one that has settings.
        accounts: settings of one account, as `accounts[platform][account][NAME]`.
        settings: by name; a `secrets` mapping in it is merged, and its values never shown.
        catch_up: how old a message may be and still be answered, in seconds.
        flood: how many messages of one person in a group are answered in a minute; more of theirs
            are answered later, at this pace, which delays nobody else.
        bots: how many messages of other bots in a row are answered in a room.
        coalesce: whether what piled up in a room is answered at once.
        history: how many messages of the room a model reads.
        temperature: how freely a model writes, from 0 to 2; None leaves it to the model.
        max_tokens: the length of a model's answer; None leaves it to the model.
    """

    name: str = Field(min_length=1)
    username: str = ""
    system: str = ""
    bio: Texts = ()
    lore: Texts = ()
    adjectives: Texts = ()
    topics: Texts = ()
    knowledge: Texts = ()
    style: Style = Style()
    message_examples: tuple[Conversation, ...] = ()
    post_examples: Texts = ()
    templates: dict[str, str] = Field(default_factory=dict)
    plugins: Texts = ()
    connectors: Annotated[tuple[str, ...] | None, BeforeValidator(_many)] = None
    settings: dict[str, Any] = Field(default_factory=dict, repr=False)
    accounts: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict, repr=False)
    rules: tuple[Rule, ...] = ()
    catch_up: float = Field(default=3600.0, ge=0)
    flood: int = Field(default=10, ge=1)
    bots: int = Field(default=0, ge=0)
    coalesce: bool = False
    history: int = Field(default=20, ge=0)
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, data: Any) -> Any:
        """A name without a value is as good as absent; secrets are settings."""
        if not isinstance(data, dict):
            return data
        told = {key: value for key, value in data.items() if value is not None}
        if isinstance(told.get("secrets"), dict):
            del told["secrets"]
        if isinstance(settings := told.get("settings", {}), dict):
            common = {key: value for key, value in settings.items() if key != "secrets"}
            told["settings"] = common | secrets_of(data)
        return told

    def prompt(self) -> str:
        """What a model is told of the character."""
        return "\n\n".join(self._sections())

    def _sections(self) -> Iterator[str]:
        yield self.system or f"You are {self.name}."
        if self.bio:
            yield f"About {self.name}:\n" + "\n".join((*self.bio, *self.lore))
        if self.adjectives:
            yield f"{self.name} is {', '.join(self.adjectives)}."
        if self.topics:
            yield f"{self.name} likes to talk about {', '.join(self.topics)}."
        if self.knowledge:
            yield _listed("What you know:", self.knowledge)
        if style := (*self.style.all, *self.style.chat):
            yield _listed("How you write:", style)
        if self.message_examples:
            talks = ("\n".join(f"{e.name}: {e.text}" for e in t) for t in self.message_examples)
            yield "Examples of how you talk:\n\n" + "\n\n".join(talks)


def secrets_of(data: dict[str, Any]) -> dict[str, Any]:
    """What a character's data marks as secret: `secrets`, and `secrets` in its `settings`."""
    settings = data.get("settings")
    inner = settings.get("secrets") if isinstance(settings, dict) else None
    outer = data.get("secrets")
    return {k: v for one in (inner, outer) if isinstance(one, dict) for k, v in one.items()}


def _listed(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(f"- {line}" for line in lines)])
