"""Figures for Prometheus, read from the database, so that every web process returns the same figures.

Each app enters what it measures; a scrape costs a fixed number of statements. For probes from the networks that are
configured, and for whoever shows the token where one is set: persons have pages, which show them their own providers
alone.

    # in an AppConfig.ready():
    enter_metrics(read_call_metrics)
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from panelhub.http.client_ip import is_from_probe
from panelhub.models import JobLease
from panelhub.monitoring.health import look_at_parts

SCHEME: Final = "bearer "

ReadMetrics = Callable[[], Iterable[Metric]]
_sources: Final[list[ReadMetrics]] = []


def enter_metrics(read: ReadMetrics) -> None:
    """Call ``read`` at every scrape."""
    if read not in _sources:
        _sources.append(read)


@login_not_required
@require_safe
@never_cache
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Show all figures, in the format the client prefers."""
    is_probe = is_from_probe(request)
    if not (settings.PANELHUB_METRICS_TOKEN or is_probe):
        raise Http404
    if not (is_probe or _shows_token(request)):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(_REGISTRY), content_type=content_type)


def _shows_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    if given[: len(SCHEME)].lower() != SCHEME:
        return False
    return secrets.compare_digest(given[len(SCHEME) :].strip().encode(), settings.PANELHUB_METRICS_TOKEN.encode())


class _Sources(Collector):
    def collect(self) -> Iterator[Metric]:
        for read in _sources:
            yield from read()

    def describe(self) -> Iterable[Metric]:
        # Nothing is read from the database while the program starts.
        return ()


_REGISTRY: Final = CollectorRegistry()
_REGISTRY.register(_Sources())


def gauge(name: str, text: str, labels: list[str], samples: Iterable[tuple[Any, float]]) -> GaugeMetricFamily:
    """Return a family of samples ``(values of the labels, figure)``; one value may stand for itself."""
    family = GaugeMetricFamily(f"panelhub_{name}", text, labels=labels)
    for values, figure in samples:
        family.add_metric([str(value) for value in (values if isinstance(values, tuple) else (values,))], figure)
    return family


def read_hub_metrics() -> Iterator[Metric]:
    """Yield whether the parts of the hub are alive, and when each job last ended; two statements."""
    alive = [(part, bool(alive)) for part, alive in look_at_parts().items() if alive is not None]
    yield gauge("part_alive", "Whether a part of the hub is alive.", ["part"], alive)
    ended = JobLease.objects.order_by().values_list("job").annotate(last=Max("finished_at"))
    yield gauge(
        "job_last_finished_timestamp_seconds",
        "When a background job last ended.",
        ["job"],
        [(job, last.timestamp()) for job, last in ended if last],
    )
