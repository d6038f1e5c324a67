"""From one portable Content to the messages of a platform.

parts       a delivery's parts, whatever its verb
layout      what stands in which message
markdown    CommonMark to styled text (inline, tables, links)
writing     styled text to a platform's markup
splitting   where to cut
controls    buttons and lists
cards       cards
preview     what is lost
"""

from bot.render.controls import resolve
from bot.render.parts import render
from bot.render.preview import losses
from bot.render.splitting import split

__all__ = ["losses", "render", "resolve", "split"]
