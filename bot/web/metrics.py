"""Metrics for Prometheus, at `GET /metrics`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.errors import StoreError
from bot.metrics import Counts, Figure, Kind, figures
from bot.web.answers import as_json

if TYPE_CHECKING:
    from bot.runtime import Runtime


class Metrics:
    """Handles the requests of whoever collects metrics.

    Args:
        is_known: whether a request shows the token.
    """

    def __init__(self, runtime: Runtime, is_known: Callable[[web.Request], bool]) -> None:
        self._runtime, self._is_known = runtime, is_known
        self._counts = Counts(runtime.store)
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [web.get("/metrics", self._scrape)]

    async def _scrape(self, request: web.Request) -> web.Response:
        if not self._is_known(request):
            return as_json({"error": "show the token: Authorization: Bearer ..."}, 401)
        try:
            found = [_family(one) async for one in figures(self._runtime, self._counts)]
        except StoreError as error:
            return as_json({"error": str(error)}, 503)
        text = generate_latest(self._registry) + generate_latest(_Found(found))
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Found(Collector):
    """What was found, as the library wants it: it asks, and cannot wait for an answer."""

    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        return self._found


def _family(figure: Figure) -> Metric:
    make = CounterMetricFamily if figure.kind is Kind.COUNTER else GaugeMetricFamily
    family = make(figure.name, figure.help, labels=figure.labels)
    for values, value in figure.samples.items():
        family.add_metric(values, value)
    return family
