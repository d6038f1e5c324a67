"""Accounts as columns."""

from __future__ import annotations

from bot.audience import Account


def account_key(platform: str, account: str) -> str:
    """One account of one platform, as a column."""
    return f"{platform}/{account}"


def account_of(key: str) -> Account:
    """The platform and the account of such a column."""
    platform, _, account = key.partition("/")
    return platform, account
