"""Townhall: one bot on every chat."""
