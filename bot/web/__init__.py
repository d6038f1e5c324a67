"""The HTTP server of a running bot: for commands that act, for webhooks, for programs."""

from bot.web.server import Server, WebConfig

__all__ = ["Server", "WebConfig"]
