"""The Telegram connector.

In: an update becomes a Memory.

listening   by polling or by the webhook, which updates are confirmed when
intake      each batch: translated, stored, and presses answered
translate/  from an update to events
topics      what updates leave out of forum topics, and new ones
webhook     the door that Telegram comes in by

Out: a part becomes messages.

speaker     says it, call by call
steps       which call is the next
outgoing    the fields of a call
uploads     how files are shown, and which together
fallback    the next best way, where Telegram refuses one
changes     edits, deletions, reactions
commands    the menu

Both: `connector` is what the rest of Townhall sees, `client` asks the Bot API, `request` is its
HTTP, `errors` says what its errors mean, `files` downloads, `links` are those of messages.
"""
