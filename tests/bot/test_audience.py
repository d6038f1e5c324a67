"""What people write to say who is meant."""

from __future__ import annotations

import pytest

from bot.audience import Accounts, parse
from bot.errors import TownhallError

HERE = [("chat", "default"), ("chat", "sales"), ("post", "default"), ("mail", "news")]


def accounts():
    """Three platforms, of which one has a single place that everybody reads."""
    return Accounts(HERE, lambda platform: "timeline" if platform == "post" else "")


@pytest.mark.parametrize(
    "text",
    [
        "all",
        "topic:news",
        "tag:vip",
        "platform:chat",
        "account:chat/sales",
        "chat:-1001234",
        "chat/sales:@name",
        "chat:guild/channel",
        "mail:mailto://user@example.org?to=a:b",
    ],
)
def test_a_member_is_printed_as_it_was_written(text):
    """What is read from a text is written as that text."""
    assert str(parse(f" {text} ")) == text


@pytest.mark.parametrize("text", ["", "news", "topic:", "topic: ", "chat:", ":1", "ALL:x", "a b:c"])
def test_a_text_that_names_nobody_is_refused(text):
    """The error shows what can be written."""
    with pytest.raises(TownhallError, match="is nobody: write topic:NAME"):
        parse(text)


def test_members_become_sources():
    """Topics, accounts and addresses, each once."""
    found = accounts().audience(["topic:a", "tag:b", "topic:a", "platform:chat", "chat/sales:1"])
    assert (found.topics, found.named) == (("a", "tag:b"), (("chat", "sales", "1"),))
    assert found.accounts == (("chat", "default"), ("chat", "sales"))


def test_where_all_read_one_place_it_is_one_recipient():
    """A whole platform is then its public place."""
    found = accounts().audience(["all"], without=["account:chat/sales"])
    assert found.named == (("post", "default", "timeline"),)
    assert found.accounts == (("chat", "default"), ("chat", "sales"), ("mail", "news"))
    assert found.without_accounts == (("chat", "sales"),)


def test_the_only_account_need_not_be_named():
    """An address without an account is the default's, or that of the only one."""
    named = accounts().audience(["chat:1", "mail:x"]).named
    assert named == (("chat", "default", "1"), ("mail", "news", "x"))


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("fax:1", "the bot has no platform fax. It has: chat, mail, post"),
        ("chat/x:1", "the bot has no account chat/x. It has: chat, chat/sales, mail/news, post"),
        ("platform:fax", "the bot has no platform fax"),
        ("platform:chat/sales", "the bot has no platform chat/sales"),
        ("account:mail", "the bot has no account mail"),
    ],
)
def test_what_the_bot_does_not_have_is_named(text, has):
    """With what it has instead."""
    with pytest.raises(TownhallError) as caught:
        accounts().audience([text])
    assert has in str(caught.value)
