"""What the Connector's contract says of speaking; Apprise hears nothing."""

from typing import ClassVar

from bot.testing.connectors.saying import SayingLaws
from connectors.apprise.connector import AppriseService

from .hook import Hook


class TestApprise(SayingLaws):
    connector = AppriseService
    simulator = Hook
    lacks: ClassVar = {
        "groups": "Apprise hears nobody",
        "limits": "each service has its own, and none tells of them",
        "replies": "Apprise hears nothing to answer",
    }
