"""The laws of every cluster: another one only has to name itself."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.cluster import Cluster


class ClusterContract:
    """A subclass gives two members of one cluster.

    class TestNats(ClusterContract):
        @pytest.fixture
        async def members(self): ...
    """

    @pytest.fixture
    async def members(self) -> tuple[Cluster, Cluster]:
        """Two members that know of each other; where there can be but one, it is both."""
        pytest.fail("a subclass names its members")

    async def test_a_lease_is_granted_and_names_its_work(
        self, members: tuple[Cluster, Cluster]
    ) -> None:
        """Who asks for free work gets it, with an epoch to commit under."""
        async with members[0].lease("lanes/1") as lease:
            assert lease.name == "lanes/1"
            assert lease.epoch >= 1

    async def test_a_later_lease_has_no_older_epoch(self, members: tuple[Cluster, Cluster]) -> None:
        """So a store can refuse whoever held the work before."""
        async with members[0].lease("lanes/1") as first:
            pass
        async with members[1].lease("lanes/1") as second:
            assert second.epoch >= first.epoch

    async def test_leases_of_different_work_do_not_wait(
        self, members: tuple[Cluster, Cluster]
    ) -> None:
        """Each piece of work has its own."""
        async with (
            asyncio.timeout(5),
            members[0].lease("lanes/1"),
            members[1].lease("lanes/2") as other,
        ):
            assert other.name == "lanes/2"

    async def test_a_wake_up_ends_a_wait(self, members: tuple[Cluster, Cluster]) -> None:
        """Whoever holds work learns that there is some, long before it would look by itself."""
        waiting = asyncio.create_task(members[0].wait("outbox", 30))
        await asyncio.sleep(0.05)
        begun = time.monotonic()
        await members[1].wake("outbox")
        await waiting
        assert time.monotonic() - begun < 5  # noqa: PLR2004 - far less than the 30 asked for

    async def test_a_wait_ends_by_itself(self, members: tuple[Cluster, Cluster]) -> None:
        """A wake-up may be lost: the store is looked at all the same."""
        begun = time.monotonic()
        await members[0].wait("outbox", 0.01)
        assert time.monotonic() - begun >= 0.01  # noqa: PLR2004 - as asked for
