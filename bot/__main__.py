"""`python -m bot`: the same as `townhall`."""

from bot.cli import app

app(prog_name="townhall")
