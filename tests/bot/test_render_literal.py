"""A literal text is shown as it stands."""

from __future__ import annotations

import pytest

from bot.capabilities import Capabilities, Markup
from bot.content import Content
from bot.render.layout import lay
from bot.render.writing import escape


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain - text, 3.5 # 1 + 2", "plain - text, 3.5 # 1 + 2"),
        ("*a* _b_ ~c~ |d| `e`", "\\*a\\* \\_b\\_ \\~c\\~ \\|d\\| \\`e\\`"),
        ("\\o/", "\\\\o/"),
        ("# a\n  > b\n- c\n-# d\n+ e", "\\# a\n  \\> b\n\\- c\n\\-# d\n\\+ e"),
        ("1. a\n 20. b\n3.5", "1\\. a\n 20\\. b\n3.5"),
        ("<@1> <#2> <:a:3> <t:4> </b:5>", "\\<@1> \\<#2> \\<:a:3> \\<t:4> \\</b:5>"),
        ("[a](http://b.c)", "\\[a](http://b.c)"),
        ("http://a.b/_c_*d* _e_", "http://a.b/_c_*d* \\_e\\_"),
        ("see <https://a.b/c_d>.", "see \\<<https://a.b/c_d>>."),
        ("(https://a.b>)", "(<https://a.b>>)"),
        ("https://a.b<@1>", "<https://a.b>\\<@1>"),
        ("@everyone", "@everyone"),
    ],
)
def test_discord_reads_no_markup_into_it(text, written):
    """What would be markup is escaped; addresses can still be clicked."""
    assert escape(text) == written


def test_only_the_start_of_a_line_is_escaped_as_one():
    """In the middle of a line, a dash is a dash."""
    assert escape("- a", starts=False) == "- a"


def test_telegram_is_sent_it_without_markup():
    """Nothing is escaped, and the part says so."""
    text = "<b>a</b> & *b*"
    [message] = lay(Content(text=text), Capabilities(max_length=100, markup=Markup.HTML))
    assert (message.text, message.markup) == (text, False)


def test_what_is_escaped_is_counted():
    """On Discord a message is as long as it is written, and no escape is torn."""
    capabilities = Capabilities(max_length=9, markup=Markup.DISCORD)
    texts = [message.text for message in lay(Content(text="*" * 10), capabilities)]
    assert texts == ["\\*" * 4, "\\*" * 4, "\\*" * 2]
