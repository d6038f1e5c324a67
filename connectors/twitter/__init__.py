"""X (Twitter), in the order in which a post comes and its answer leaves.

- In: `polling` looks for what is new again and again. A `stream` hears of it at once: either
  `filtered`, as `rules` ask for it, or `activity`, as `subscriptions` do, whose words `doings`
  understands; `line` tells the polls what it misses. `reading` asks X page by page; `holes` are
  what there was no money for.
  `translate.post` makes an `Event`, and so a Memory, of a post, `translate.direct_message` of a
  direct message; `wording` says what can be read in them, `attachments` what can be seen.
- Out: `TwitterService.send` in `connector` hands a part to `outgoing`, where it leaves in `_post`
  or `_message`; `media` uploads its files first.
- On the wire: `client` (tweepy, on our own HTTP), which logs in (`oauth2`), keeps to X's limits
  (`windows`) and translates its refusals (`errors`, by the table in `reasons`; `clock` tells a
  wrong time from wrong keys).
- Beside: `purse` counts the money, `conversations` are those that the bot is in, `identity` is who
  it is, `troubles` what does not work at the moment, `length` (with `emoji`) how X counts,
  `objects` what all of X's answers have in common.
"""
