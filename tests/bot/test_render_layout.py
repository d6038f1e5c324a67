"""All that goes with a text has its place in the messages, or in their words."""

from __future__ import annotations

from uuid import UUID

import pytest

from bot.capabilities import Capabilities, Markup
from bot.content import Attachment, Button, Card, Content, Persona, Select, Verb
from bot.memory import Room
from bot.records import Delivery
from bot.render import render, resolve

ROOM = Room(platform="loopback", account="default", key="lobby")
FULL = Capabilities(
    max_length=20,
    verbs=frozenset(Verb),
    files=2,
    file_size=1000,
    buttons=10,
    button_value=8,
    selects=True,
    cards=1,
    personas=True,
)
BARE = Capabilities(max_length=200)
CAT, DOG, EEL = (Attachment.web(f"http://a.b/{name}.png") for name in ("cat", "dog", "eel"))
YES, NO, MORE = (
    Button(label="Yes", value="/yes"),
    Button(label="No", value="no"),
    Button(label="More", url="http://a.b"),
)
LIST = Select(options=(YES, NO), placeholder="Well?")


def parts(content, capabilities=FULL, **more):
    """The parts of a content."""
    return render(Delivery(id=UUID(int=1), room=ROOM, content=content), capabilities, **more)


def text(content, capabilities=BARE):
    """The text of the only part."""
    [part] = parts(content, capabilities)
    return part.text


def test_files_go_with_the_last_text():
    """A long text comes first; what is too many for one message follows."""
    said = parts(Content(text="word " * 6, attachments=(CAT, DOG, EEL)))
    assert [part.attachments for part in said] == [(), (CAT, DOG), (EEL,)]
    assert [bool(part.text) for part in said] == [True, True, False]


def test_files_need_no_text():
    """A picture can stand alone."""
    assert [part.attachments for part in parts(Content(attachments=(CAT,)))] == [(CAT,)]


def test_a_file_that_cannot_be_sent_is_told_of():
    """Nothing vanishes: an address is written, of the others the name."""
    files = (CAT, Attachment.file("/tmp/a.mp3"), Attachment(key="1", holder="x", kind="voice"))
    told = "Look\ncat.png: http://a.b/cat.png\n[audio: a.mp3]\n[voice]"
    assert text(Content(text="Look", attachments=files)) == told


def test_a_file_that_is_too_large_is_told_of():
    """What the platform has already is never too large."""
    large, theirs = (CAT.model_copy(update={"size": 2000, "holder": h}) for h in ("web", "x"))
    *_, last = parts(
        Content(attachments=(large, theirs)), FULL.model_copy(update={"max_length": 99})
    )
    assert (last.text, last.attachments) == ("\ncat.png: http://a.b/cat.png".strip(), (theirs,))


def test_buttons_stand_under_the_last_message():
    """They are pressed after all is read."""
    first, last = parts(Content(text="word " * 6, buttons=(YES, MORE)))
    assert (first.buttons, last.buttons) == ((), (YES, MORE))


def test_buttons_need_a_text():
    """No platform takes a message of buttons alone."""
    [part] = parts(Content(buttons=(YES,)))
    assert part.text == "…"


def test_without_buttons_there_are_words():
    """What to type or where to go."""
    content = Content(text="Sure?", buttons=(YES, NO, MORE))
    assert text(content) == "Sure?\nYes: /yes\n• No\nMore: http://a.b"


def test_too_many_buttons_become_words():
    """Those that fit stay buttons."""
    [part] = parts(Content(text="a", buttons=(YES, NO)), FULL.model_copy(update={"buttons": 1}))
    assert (part.buttons, part.text) == ((YES,), "a\n• No")


def test_a_list_becomes_buttons_or_words():
    """Whatever the platform has next."""
    content = Content(text="Go?", selects=(LIST,))
    assert parts(content)[0].selects == (LIST,)
    [part] = parts(content, FULL.model_copy(update={"selects": False}))
    assert (part.buttons, part.text) == ((YES, NO), "Go?\nWell?")
    assert text(content) == "Go?\nWell?\nYes: /yes\n• No"


def test_a_list_takes_a_row_of_buttons():
    """Of two rows, six buttons leave none for it."""
    [part] = parts(Content(text="a", buttons=(YES,) * 6, selects=(LIST,)))
    assert (len(part.buttons), part.selects) == (8, ())


def test_a_long_value_is_carried_by_its_place():
    """What comes back is resolved, over the buttons and the choices of lists."""
    long, sly, bare = (
        Button(label="a", value="/remember all"),
        Button(label="b", value="#0.00000000"),
        Button(label="c"),
    )
    content = Content(text="a", buttons=(long, sly), selects=(Select(options=(bare, YES)),))
    [part] = parts(content)
    carried = [one.value for one in (*part.buttons, *part.selects[0].options)]
    assert [one.partition(".")[0] for one in carried] == ["#0", "#1", "c", "/yes"]
    said = ["/remember all", "#0.00000000", "c", "/yes"]
    assert [resolve(content, one) for one in carried] == said


def test_a_button_that_was_changed_since_does_not_do_what_took_its_place():
    """Somebody pressed what they saw, and the message was edited meanwhile."""
    before, after = (
        Content(text="a", buttons=(Button(label="Delete it", value=f"/delete {which} project"),))
        for which in ("old", "new")
    )
    [pressed] = parts(before)[0].buttons
    assert resolve(before, pressed.value) == "/delete old project"
    assert resolve(after, pressed.value) is None


@pytest.mark.parametrize(
    "value", ["#7.0badcafe", "#0.0badcafe", "#", "nothing", "#99999999999999999999"]
)
def test_what_no_button_carries_is_not_resolved(value):
    """It is what somebody typed."""
    assert resolve(Content(buttons=(YES,)), value) is None


def test_a_card_stays_a_card_where_there_are_cards():
    """Its texts are in the platform's markup, but for the footer, which has none."""
    card = Card(title="*a*", text="_b_", fields=(("c", "`d`"),), footer="*e*")
    discord = FULL.model_copy(update={"markup": Markup.DISCORD})
    [part] = parts(Content(cards=(card,)), discord)
    shown = Card(title="\\*a\\*", text="\\_b\\_", fields=(("c", "\\`d\\`"),), footer="*e*")
    assert (part.text, part.cards) == ("", (shown,))
    [part] = parts(Content(cards=(card,), markdown=True), discord)
    assert part.cards[0].text == "*b*"


def test_a_card_becomes_words_where_there_are_none():
    """Title, text, fields, footer and picture."""
    card = Card(title="A", url="http://a.b", text="b", fields=(("c", "d"),), footer="e", image=CAT)
    words = "Hi\n\nA (http://a.b)\nb\nc: d\ne\ncat.png: http://a.b/cat.png"
    assert text(Content(text="Hi", cards=(card,))) == words
    html = Capabilities(max_length=200, markup=Markup.HTML, files=1)
    [part] = parts(Content(cards=(card,)), html)
    assert part.text == '<a href="http://a.b"><b>A</b></a>\nb\nc: d\ne'
    assert (part.markup, part.attachments) == (True, (CAT,))


def test_a_second_card_becomes_words():
    """As many stay cards as one message may have."""
    [part] = parts(Content(cards=(Card(title="a"), Card(title="b"))))
    assert (part.cards, part.text) == ((Card(title="a"),), "b")


def test_another_name_is_spoken_under_or_told():
    """Where the platform does not let us, the name stands before the text."""
    content = Content(text="Hi", persona=Persona(name="Ada"))
    assert parts(content)[0].persona == Persona(name="Ada")
    [part] = parts(content, BARE)
    assert (part.text, part.persona) == ("Ada: Hi", None)


def test_how_it_is_said_is_on_each_part():
    """Thread, privacy and the way of the answer; only the first is a reply."""
    content = Content(text="word " * 6, thread="news", private=True)
    said = parts(content, reply_to="7", via={"token": "t"})
    assert {(part.thread, part.private, part.via["token"]) for part in said} == {
        ("news", True, "t")
    }
    assert [part.reply_to for part in said] == ["7", None]
    assert [part.ordinal for part in said] == [0, 1]


def test_nothing_to_say_is_no_part():
    """Platforms refuse empty messages."""
    assert parts(Content(text=" \n")) == parts(Content(markdown=True)) == ()


def done(content, capabilities=FULL, targets=("1", "2")):
    """What the parts do to which messages."""
    said = parts(content, capabilities, targets=targets, reply_to="7")
    assert all(part.reply_to is None for part in said)
    return [(str(part.verb), part.target, part.text.strip()) for part in said]


def test_an_edit_has_as_many_messages_as_it_needs():
    """Piece by piece; what is new is said, what is left over is deleted."""
    edit = Content(text="word " * 6, verb=Verb.EDIT)
    words = ["word word word word", "word word"]
    assert done(edit) == [("edit", "1", words[0]), ("edit", "2", words[1])]
    assert done(edit, targets=("1",)) == [("edit", "1", words[0]), ("say", None, words[1])]
    shorter = Content(text="word", verb=Verb.EDIT)
    assert done(shorter) == [("edit", "1", "word"), ("delete", "2", "")]
    stays = FULL.model_copy(update={"verbs": frozenset({Verb.SAY, Verb.EDIT})})
    assert done(shorter, stays) == [("edit", "1", "word")]


def test_a_deletion_takes_every_message():
    """However many it was split into."""
    assert done(Content(verb=Verb.DELETE)) == [("delete", "1", ""), ("delete", "2", "")]


@pytest.mark.parametrize(("verb", "emoji"), [("react", "👍"), ("unreact", "👍"), ("repost", "")])
def test_a_reaction_goes_to_the_first_message(verb, emoji):
    """One is enough; a repost has no text."""
    assert done(Content(text=" 👍 ", verb=verb)) == [(verb, "1", emoji)]


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.SAY])
def test_what_a_platform_cannot_do_is_no_part(verb):
    """Nor what has no message to be done to."""
    assert done(Content(text="a", verb=verb), BARE) == []
    assert done(Content(text="a", verb=verb), targets=()) == []
