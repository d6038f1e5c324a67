"""Threads for what blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, Self, TypeVar

from bot.errors import StoreError

Job = TypeVar("Job")


class Worker(Generic[Job]):
    """A thread that takes all waiting jobs at once, and wakes the loop once for all of them.

    What is asked for in one round of the loop is handed over together. It finishes what waits
    before its block ends.

    Args:
        work: does a batch of jobs; it gives for each its result, or the error that it met.
    """

    def __init__(self, name: str, work: Callable[[Sequence[Job]], Sequence[Any]]) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._asked: list[tuple[Job, asyncio.Future[Any]]] = []
        self._waiting: SimpleQueue[list[tuple[Job, asyncio.Future[Any]]]] = SimpleQueue()
        self._closed = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    async def __aenter__(self) -> Self:
        self._thread.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._closed = True
        self._hand_over()
        self._waiting.put([])
        await asyncio.to_thread(self._thread.join)

    def do(self, job: Job) -> asyncio.Future[Any]:
        """The outcome of `job`, later.

        Raises:
            StoreError: the worker is closed.
        """
        if self._closed:
            raise StoreError("the store is closed")
        future = self._loop.create_future()
        if not self._asked:
            self._loop.call_soon(self._hand_over)
        self._asked.append((job, future))
        return future

    def _hand_over(self) -> None:
        if self._asked:
            self._waiting.put(self._asked)
            self._asked = []

    def _run(self) -> None:
        while batch := self._take():
            jobs, futures = zip(*batch, strict=True)
            self._loop.call_soon_threadsafe(_settle, futures, self._outcomes(jobs))

    def _take(self) -> list[tuple[Job, asyncio.Future[Any]]]:
        """All that waits; nothing once the block has ended."""
        batch = self._waiting.get()
        while batch and not self._waiting.empty():
            if not (more := self._waiting.get()):
                self._waiting.put([])
                break
            batch += more
        return batch

    def _outcomes(self, jobs: Sequence[Job]) -> Sequence[Any]:
        try:
            return self._work(jobs)
        except Exception as error:  # noqa: BLE001 - who waits must hear of it, or waits for ever
            return [StoreError(str(error)) for _ in jobs]


def _settle(futures: Iterable[asyncio.Future[Any]], outcomes: Iterable[Any]) -> None:
    for future, outcome in zip(futures, outcomes, strict=True):
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
