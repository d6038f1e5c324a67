"""The Discord connector.

In: a payload becomes a Memory.

client        stays on the gateway; `connections` are its two kinds
doorbell      hears it first: interactions want a sign at once
feed          a queue of what was heard, and storing that does not give up
hearing       what each of the gateway's events means to us
translate/    from a payload to events; `interactions` does so for commands and buttons
catch_up      reads what was missed, before what is said now, at a `pace` that leaves others theirs

Out: a part becomes messages.

way_out       by which way it goes
speaker       says it in a channel, and changes what was said
answers       says it in answer to a command or a button
webhooks      says it under another name
outgoing      the body of a request
finder        looks for what was perhaps said
commands      slash commands
wire          the requests, within Discord's limits

Both: `connector` is what the rest of Townhall sees, `errors` says what Discord's errors mean,
`hush` keeps tokens out of texts, `files` downloads, `places` knows channels and servers.
"""
