"""Everything that answers requests for a simulated Discord, put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectors.discord.simulator.commands import Commands
from connectors.discord.simulator.desk import Desk
from connectors.discord.simulator.interactions import Interactions
from connectors.discord.simulator.messages import Messages
from connectors.discord.simulator.threads import Threads
from connectors.discord.simulator.webhooks import Webhooks

if TYPE_CHECKING:
    from connectors.discord.simulator.asking import Asking
    from connectors.discord.simulator.clock import Clock
    from connectors.discord.simulator.files import Files
    from connectors.discord.simulator.reactions import Reactions
    from connectors.discord.simulator.request import Handler, Request
    from connectors.discord.simulator.shapes import Json
    from connectors.discord.simulator.state import State


class Handlers:
    """The handlers of a simulator.

    Args:
        tell: tells the gateway's sessions of an event.
        log: where it is noted what was said.
    """

    def __init__(
        self,
        state: State,
        files: Files,
        clock: Clock,
        *,
        tell: Callable[[str, Json], None],
        given: Reactions,
        log: Asking,
    ) -> None:
        self.desk = Desk(state, files, tell, log)
        self.messages = Messages(self.desk, given)
        self.threads = Threads(self.desk, self.messages, tell)
        self.webhooks = Webhooks(self.desk, self.messages)
        self.interactions = Interactions(self.desk, clock, tell, log.announce)
        self.commands = Commands(state, log.announce)

    @property
    def routes(self) -> dict[str, Handler]:
        """Which handler answers what."""
        hooks, followups = self.webhooks.routes, self.interactions.followups
        # The id in an address tells a webhook from what an application does with a token.
        shared = {key: self._either(hooks[key], followups[key]) for key in followups}
        several = (self.messages, self.threads, self.interactions, self.commands, self.desk.servers)
        ours = {key: handler for one in several for key, handler in one.routes.items()}
        return {**ours, **hooks, **shared}

    def _either(self, hook: Handler, followup: Handler) -> Handler:
        def answer(request: Request) -> Any:
            is_hook = self.webhooks.has(request.path["webhook"])
            return hook(request) if is_hook else followup(request)

        return answer
