"""What a service says of itself reaches the log."""

from __future__ import annotations

from structlog.testing import capture_logs

from bot.service import Service, Status
from bot.testing.runtime import create_mock_runtime


class Pigeon(Service):
    """Flies, mostly."""

    service_type = "pigeon"
    capability_description = "Carries letters."


async def test_the_log_tells_once_of_each_turn_for_better_or_worse() -> None:
    """Whoever reads the log at night sees when it began, why, and when it was over."""
    with capture_logs() as lines:
        pigeon = await Pigeon.start(create_mock_runtime())
        for wind in ("a storm", "a gale"):
            pigeon.report(Status.DEGRADED, wind, "Wait.")
        pigeon.report(Status.UP)
        pigeon.report(Status.UP)
    told = [(one["event"], one["service"], one.get("why")) for one in lines]
    assert told == [
        ("service degraded", "pigeon", "a storm"),
        ("service recovered", "pigeon", None),
    ]
