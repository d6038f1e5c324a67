"""What platforms may send, made by chance of what their own specifications say of it."""

from __future__ import annotations

import re
from itertools import count

from tests.specifications import gateway
from tests.specifications.botapi import ARRAY, CHOICE, CONSTANT, QUOTED

OFTEN, SELDOM = 0.3, 0.02
"""How often a field comes that need not: near the outside, and further within."""

OUTSIDE, DEEPEST = 4, 9
"""Levels. Nothing is in objects that are deeper than these."""

NUMBERS = (0, 1, 7, 2**33, 1_700_000_000)
TEXTS = ("1", "175928847299117063", "hello", "e\u0301 👍🏽", "<b> @townhall /x", "https://x.y/z")
"""No two of `NUMBERS` are the ends of half a character, as they may become those of an entity."""

FORMATS = {"date-time": "2026-01-02T03:04:05.000Z", "uri": "https://example.org/a.png"}

TELEGRAM_NEEDS = {"MessageEntity": ("user",), "MessageReactionUpdated": ("user",)}
"""Needed at times, as only the descriptions say: by a mention in words; where no chat reacted."""

DISCORD_HAS = {
    **gateway.EVENTS,
    "CHANNEL_UPDATE": gateway.EVENTS["CHANNEL_CREATE"],
    "GUILD_ROLE_UPDATE": gateway.EVENTS["GUILD_ROLE_CREATE"],
    "THREAD_UPDATE": gateway.EVENTS["THREAD_CREATE"],
}
OTHERS = ("GuildChannelResponse", "GuildMemberResponse", "MessageResponse", "UserResponse")


def _comes(depth, chance):
    return depth < DEEPEST and chance.random() < (OFTEN if depth < OUTSIDE else SELDOM)


class Updates:
    """Makes Telegram's updates.

    Attributes:
        kinds: each name of what an update may hold, and the type of that.
    """

    def __init__(self, document):
        self._types = document["types"]
        fields = self._types["Update"]["fields"]
        self.kinds = {one["name"]: one["types"][0] for one in fields if not one["required"]}
        self._numbers = count(1)

    def made(self, kind, chance):
        update = self._object(self.kinds[kind], chance, 0)
        return {"update_id": next(self._numbers), kind: update}

    def _object(self, name, chance, depth):
        kind = self._types[name]
        if subtypes := kind.get("subtypes"):
            return self._value(chance.choice(subtypes), chance, depth)
        fields = [] if depth > DEEPEST else kind.get("fields", ())
        needs = TELEGRAM_NEEDS.get(name, ())
        return {
            one["name"]: self._field(one, chance, depth + 1)
            for one in fields
            if one["required"] or one["name"] in needs or _comes(depth, chance)
        }

    def _field(self, field, chance, depth):
        description = field["description"]
        if constant := CONSTANT.search(description.replace("“", '"').replace("”", '"')):
            return constant[1]
        if field["types"] == ["String"] and CHOICE.search(description):
            return chance.choice(QUOTED.findall(description) or TEXTS)
        return self._value(chance.choice(field["types"]), chance, depth)

    def _value(self, kind, chance, depth):
        if kind.startswith(ARRAY):
            each = kind.removeprefix(ARRAY)
            return [self._value(each, chance, depth + 1) for _ in range(chance.randint(1, 2))]
        plain = {"Integer": NUMBERS, "Float": (0.5, 3), "String": TEXTS, "Boolean": (True, False)}
        plain["True"] = (True,)
        return chance.choice(plain[kind]) if kind in plain else self._object(kind, chance, depth)


class Objects:
    """Makes what an OpenAPI document describes."""

    def __init__(self, document):
        self._document = document

    def named(self, name, chance):
        return self.made({"$ref": f"#/components/schemas/{name}"}, chance)

    def made(self, schema, chance, depth=0):
        schema = self._followed(schema, chance)
        if "const" in schema:
            return schema["const"]
        if choices := schema.get("enum"):
            return chance.choice(choices)
        kinds = schema.get("type", "object")
        kind = kinds if isinstance(kinds, str) else chance.choice(kinds)
        return getattr(self, f"_{kind}")(schema, chance, depth)

    def _followed(self, schema, chance):
        """The schema itself, where it refers to others: one of several, or all of them."""
        while True:
            if reference := schema.get("$ref"):
                # Ours name the document; see `tests/specifications/strict.py`.
                name = reference.rpartition("/")[2]
                schema = self._document["components"]["schemas"][name]
            elif several := schema.get("oneOf") or schema.get("anyOf"):
                schema = chance.choice(several)
            elif several := schema.get("allOf"):
                schema = self._merged(several, chance)
            else:
                return schema

    def _merged(self, several, chance):
        merged = {"properties": {}, "required": []}
        for one in several:
            found = self._followed(one, chance)
            merged["properties"] |= found.get("properties", {})
            merged["required"] += found.get("required", ())
            merged = {**found, **merged}
        return merged

    def _object(self, schema, chance, depth):
        needed = schema.get("required", ()) if depth < DEEPEST else ()
        return {
            name: self.made(one, chance, depth + 1)
            for name, one in schema.get("properties", {}).items()
            if name in needed or _comes(depth, chance)
        }

    def _array(self, schema, chance, depth):
        many = chance.randint(0, 2) if depth < DEEPEST else 0
        return [self.made(schema.get("items", {}), chance, depth + 1) for _ in range(many)]

    def _string(self, schema, chance, _depth):
        pattern = re.compile(schema.get("pattern", ""))
        given = FORMATS.get(schema.get("format"))
        return given or chance.choice([one for one in TEXTS if pattern.search(one)] or TEXTS)

    def _integer(self, _schema, chance, _depth):
        return chance.choice(NUMBERS)

    def _number(self, _schema, chance, _depth):
        return chance.choice((*NUMBERS, 0.5))

    def _boolean(self, _schema, chance, _depth):
        return chance.random() < OFTEN

    def _null(self, _schema, _chance, _depth):
        return None


class Gateway(Objects):
    """Makes the events of Discord's gateway.

    Attributes:
        names: of those that the specification names.
    """

    def __init__(self, document):
        super().__init__(document)
        names = document["components"]["schemas"]["ActionTypes"]["oneOf"]
        self.names = sorted({one["const"] for one in names} | {*gateway.TOLD})

    def event(self, name, chance):
        """Its payload; of an event that is described nowhere, some object."""
        if not (payload := DISCORD_HAS.get(name)):
            return self.named(chance.choice(OTHERS), chance)
        whole = self.named(payload.of, chance) if payload.of else {}
        more = {one: self.made(schema, chance, 1) for one, schema in payload.needs.items()}
        may = {one: schema for one, schema in payload.may.items() if _comes(0, chance)}
        return whole | more | {one: self.made(schema, chance, 1) for one, schema in may.items()}


class Doings(Objects):
    """Makes what X's activity stream tells.

    Attributes:
        kinds: each kind of it, and the component that comes with that. X describes no direct
            messages there: these are as elsewhere.
    """

    def __init__(self, document):
        super().__init__(document)
        schemas = document["components"]["schemas"]
        given = schemas["ActivityStreamingResponsePayload"]["discriminator"]["mapping"]
        names = {kind: reference.rpartition("/")[2] for kind, reference in given.items()}
        self.kinds = {**names, "dm.received": "DmEvent"}

    def doing(self, kind, chance):
        some = self.named("ActivityStreamResponse", chance).get("data", {})
        return some | {"event_type": kind, "payload": self.named(self.kinds[kind], chance)}
