"""One process, which has everything, keeps the laws of a cluster."""

from __future__ import annotations

import pytest

from bot.clusters.alone import Alone
from bot.testing.cluster import ClusterContract


class TestAlone(ClusterContract):
    """Alone is every member of itself."""

    @pytest.fixture
    async def members(self):
        """Both are the one that there is."""
        alone = Alone()
        return alone, alone
