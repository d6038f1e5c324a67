"""CommonMark looks on each platform as near to what was meant as it can."""

from __future__ import annotations

import pytest

from bot.capabilities import Capabilities, Markup
from bot.content import Content
from bot.render.layout import lay


def shown(text, markup, limit=2000):
    """The texts of the messages that show a Markdown text."""
    capabilities = Capabilities(max_length=limit, markup=markup)
    return [message.text for message in lay(Content(text=text, markdown=True), capabilities)]


EVERYWHERE = {
    "styles": ("**a *b*** ~~c~~", "**a *b*** ~~c~~", "<b>a <i>b</i></b> <s>c</s>", "a b c"),
    "heading": ("#### a *b*", "### a *b*", "<b>a <i>b</i></b>", "a b"),
    "two lines of a heading": ("a\nb\n===", "# a b", "<b>a\nb</b>", "a\nb"),
    "code": ("`a*b`", "`a*b`", "<code>a*b</code>", "a*b"),
    "bold code": ("**`a`**", "**`a`**", "<code>a</code>", "a"),
    "fence": (
        "```py x=1\na < b\n```",
        "```py\na < b\n```",
        '<pre><code class="language-py">a &lt; b</code></pre>',
        "a < b",
    ),
    "link": ("[a](http://b.c)", "[a](http://b.c)", '<a href="http://b.c">a</a>', "a (http://b.c)"),
    "bare link": ("<http://b.c/_d_>", *3 * ["http://b.c/_d_"]),
    "mail": ("[a](mailto:b@c.d) <e@f.g>", *3 * ["a (b@c.d) e@f.g"]),
    "image": (
        "![a](http://b.c)",
        "[a](http://b.c)",
        '<a href="http://b.c">a</a>',
        "a (http://b.c)",
    ),
    "image in a link": (
        "[![a](http://i.j)](http://b.c)",
        "[a](http://b.c)",
        '<a href="http://b.c">a</a>',
        "a (http://i.j) (http://b.c)",
    ),
    "image without words": ("![](http://b.c)", *3 * ["http://b.c"]),
    "list": ("* a\n  * b\n* c", "- a\n  - b\n- c", *2 * ["• a\n  • b\n• c"]),
    "numbers": ("3. a\n3. b\n   - c", "3. a\n4. b\n   - c", *2 * ["3. a\n4. b\n   • c"]),
    "empty item": ("-\n- a", "- \n- a", "• \n• a", "• \n• a"),
    "quote": ("> a\n> > b", "> a\n> b", "<blockquote>a\nb</blockquote>", "> a\n> b"),
    "rule": ("a\n\n---\nb", *3 * ["a\n\n———\nb"]),
    "spacing": ("a\nb\n\n\n\nc\n- d", "a\nb\n\nc\n- d", *2 * ["a\nb\n\nc\n• d"]),
    "tags": ("<b>a</b> & b", "\\<b>a\\</b> & b", "<b>a</b> & b", "<b>a</b> & b"),
    "tags in bold": ("**<a>** & b", "**\\<a>** & b", "<b>&lt;a&gt;</b> &amp; b", "<a> & b"),
    "what is literal": ("2 \\* 3", "2 \\* 3", "2 * 3", "2 * 3"),
}


@pytest.mark.parametrize(
    ("text", "discord", "telegram", "plain"), EVERYWHERE.values(), ids=EVERYWHERE
)
def test_each_style_has_its_form_on_each_platform(text, discord, telegram, plain):
    """What a platform has is used; what it lacks becomes words."""
    assert shown(text, Markup.DISCORD) == [discord]
    assert shown(text, Markup.HTML) == [telegram]
    assert shown(text, Markup.NONE) == [plain]


def test_a_table_stands_in_columns():
    """Wide letters take two columns, numbers lean to the right, links are written out."""
    table = "| 漢字 | n |\n|---|--:|\n| a | 100 |\n| [b](http://c.d) | 2 |"
    [text] = shown(table, Markup.HTML)
    rows = [
        "漢字              n",
        "--------------  ---",
        "a               100",
        "b (http://c.d)    2",
    ]
    assert text == "<pre>{}</pre>".format("\n".join(rows))
    assert shown(table, Markup.NONE) == ["漢字 | n\na | 100\nb (http://c.d) | 2"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("`` a`b ``", "``a`b``"),
        ("``` a``b ```", "``a`\u200b`b``"),
        ("~~~\na```b\n~~~", "```\na`\u200b``b\n```"),
        ("**a***b*", "**a**\u200b*b*"),
        ("**- a**", "**\\- a**"),
        ("- # a", "- # a"),
        ("[a [b]](http://c.d)", "a \\[b] (http://c.d)"),
        ("[http://a.b](http://c.d)", "http://a.b (http://c.d)"),
        ("[a](<http://b.c/(d e)>)", "[a](http://b.c/%28d%20e%29)"),
        ("@everyone <@1> <#2>", "@everyone \\<@1> \\<#2>"),
    ],
)
def test_discord_misreads_nothing(text, written):
    """Signs that would be taken for others are set apart, escaped or encoded."""
    assert shown(text, Markup.DISCORD) == [written]


def test_a_cut_closes_what_is_open_and_opens_it_again():
    """Each message is whole by itself."""
    assert shown("**aaaa bbbb**", Markup.DISCORD, limit=9) == ["**aaaa**", "**bbbb**"]
    assert shown("**aaaa bbbb**", Markup.HTML, limit=5) == ["<b>aaaa</b>", "<b>bbbb</b>"]
    code = "```py\naaaa\nbbbb\n```"
    assert shown(code, Markup.DISCORD, limit=16) == ["```py\naaaa\n```", "```py\nbbbb\n```"]
    assert shown("> aaaa\n> bbbb", Markup.DISCORD, limit=8) == ["> aaaa", "> bbbb"]


def test_telegram_counts_without_tags():
    """A text is as long as a reader sees it."""
    assert len(shown("**a** " * 50, Markup.HTML, limit=100)) == 1
    assert len(shown("**a** " * 50, Markup.DISCORD, limit=100)) > 1


def test_an_address_that_fills_the_message_is_written_out():
    """A link of which each cut would repeat so long an address is none."""
    url = "http://a.b/" + "c" * 80
    texts = shown(f"[label]({url})", Markup.DISCORD, limit=100)
    assert texts == [f"label ({url})"]


@pytest.mark.parametrize("text", ["> " * 3000 + "a", "*a " * 3000, "![" * 3000, "- " * 3000, "\0"])
def test_no_depth_is_too_deep(text):
    """Nonsense is shown, not refused."""
    assert all(shown(text, markup) for markup in Markup)
