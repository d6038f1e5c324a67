"""Before it is sent, one can read what a platform will not show."""

from __future__ import annotations

import pytest

from bot.capabilities import Capabilities, Markup
from bot.content import Attachment, Button, Card, Content, Persona, Select, Verb
from bot.render import losses

PLAIN = Capabilities(max_length=200)
HTML = Capabilities(max_length=200, markup=Markup.HTML, files=3, file_size=9, buttons=2, cards=1)
DISCORD = HTML.model_copy(update={"markup": Markup.DISCORD})
A, B, C = (Button(label=name, value=name) for name in "abc")
CAT = Attachment.web("http://a.b/cat.png", size=10)
TABLE = "| a |\n|---|\n| b |"


@pytest.mark.parametrize(
    ("content", "capabilities", "told"),
    [
        (
            Content(text="# A **b** `c`", markdown=True),
            PLAIN,
            "headings, bold, code become plain text",
        ),
        (Content(text="# A", markdown=True), HTML, "headings become bold text"),
        (Content(text="[a](http://b.c)", markdown=True), PLAIN, "links are written out"),
        (
            Content(text="![a](http://b.c)", markdown=True),
            DISCORD,
            "pictures in the text become links",
        ),
        (Content(text=TABLE, markdown=True), DISCORD, "tables become text"),
        (Content(attachments=(CAT,)), PLAIN, "the file becomes text"),
        (Content(attachments=(CAT,)), HTML, "cat.png is too large and becomes text"),
        (Content(buttons=(A, B)), PLAIN, "buttons become text"),
        (Content(buttons=(A, B, C)), HTML, "1 of 3 buttons become text"),
        (Content(selects=(Select(options=(A, B)),)), PLAIN, "lists become text"),
        (Content(selects=(Select(options=(A, B)),)), HTML, "lists become buttons"),
        (Content(cards=(Card(title="a"),)), PLAIN, "the card becomes text"),
        (Content(cards=(Card(title="a"), Card(title="b"))), HTML, "1 of 2 cards become text"),
        (Content(text="a", persona=Persona(name="Ada")), PLAIN, "Ada is named before the text"),
        (Content(text="a", private=True), PLAIN, "everybody in the room can see it"),
        (Content(text="a", thread="b"), PLAIN, "no thread is opened"),
        (Content(text="@ada, @bob and @everyone: a@b.c"), PLAIN, "names 2 people"),
        (Content(text="@ada"), HTML, "names 1 person"),
        (Content(text="word " * 100), PLAIN, "split into 3 messages"),
        (Content(text="a", verb=Verb.EDIT), PLAIN, "a message cannot be edited"),
        (Content(text="👍", verb=Verb.REACT), PLAIN, "there are no reactions"),
    ],
)
def test_each_loss_is_told_in_plain_words(content, capabilities, told):
    """One sentence for each."""
    assert losses(content, capabilities) == (told,)


def test_a_list_that_becomes_buttons_allows_one_choice():
    """Each press is an answer."""
    content = Content(selects=(Select(options=(A, B), most=2),))
    assert losses(content, HTML) == ("lists become buttons", "only one can be chosen from a list")


def test_what_is_shown_as_it_is_meant_is_no_loss():
    """Where a platform has it all, nothing is told."""
    content = Content(
        text="**a** [b](http://c.d) @ada", markdown=True, buttons=(A,), cards=(Card(title="a"),)
    )
    assert losses(content, DISCORD) == ()
    assert (
        losses(Content(verb=Verb.DELETE), HTML.model_copy(update={"verbs": frozenset(Verb)})) == ()
    )
