"""Laws of steps: whatever a part holds, all of it is said once, by calls that Telegram takes."""

from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import Attachment, Button
from bot.memory import Room
from bot.part import Part
from connectors.telegram.steps import step
from connectors.telegram.uploads import ALIKE, Item

KINDS = ("photo", "video", "document", "audio", "voice", "sticker", "animation")


def part(kinds, text, buttons):
    return Part(
        delivery=uuid4(),
        ordinal=0,
        room=Room(platform="telegram", account="default", key="1"),
        text=text,
        attachments=tuple(Attachment(key=f"{n}") for n in range(len(kinds))),
        buttons=tuple(Button(label=f"{n}", value="x") for n in range(buttons)),
    )


def steps(part, kinds):
    """All the calls that it takes."""
    items = [Item(kind, str(number)) for number, kind in enumerate(kinds)]
    made = []
    while part:
        made.append(step(part, items))
        items, part = items[made[-1].files :], made[-1].rest
    return made


def files(one):
    """The kinds and files of a call."""
    if one.method == "sendMediaGroup":
        return [(medium.type, medium.media) for medium in one.fields["media"]]
    return [(kind, one.fields[kind]) for kind in KINDS if kind in one.fields]


def texts(one):
    """What is written in a call."""
    captions = [medium.caption for medium in one.fields.get("media", ())]
    return [x for x in (one.fields.get("text"), one.fields.get("caption"), *captions) if x]


PARTS = (st.lists(st.sampled_from(KINDS), max_size=12), st.sampled_from([0, 5, 1024, 1025, 4096]))


@settings(deadline=None)
@given(*PARTS, st.sampled_from([0, 2]))
def test_all_of_a_part_is_said_once(kinds, length, buttons):
    """Files in their order, the text whole, the buttons below one message."""
    made = steps(part(kinds, "x" * length, buttons), kinds) if kinds or length else []
    assert [file for one in made for file in files(one)] == [
        (k, f"{n}") for n, k in enumerate(kinds)
    ]
    assert [text for one in made for text in texts(one)] == (["x" * length] if length else [])
    assert sum(bool(one.fields["reply_markup"]) for one in made) == bool(made and buttons)
    assert sum(one.is_main for one in made) == bool(length)


@settings(deadline=None)
@given(*PARTS, st.sampled_from([0, 2]))
def test_every_call_is_one_that_telegram_takes(kinds, length, buttons):
    """Albums of 2 to 10 like files and without buttons, short captions, buttons on the last."""
    made = steps(part(kinds, "x" * length, buttons), kinds) if kinds or length else []
    for one in made:
        if one.method == "sendMediaGroup":
            assert 2 <= len(files(one)) <= 10
            assert len({ALIKE[kind] for kind, _ in files(one)}) == 1
            assert not one.fields["reply_markup"]
        assert not files(one) or all(len(text) <= 1024 for text in texts(one))
        assert not (one.method == "sendSticker" and texts(one))
    assert not any(one.fields["reply_markup"] for one in made[:-1])
