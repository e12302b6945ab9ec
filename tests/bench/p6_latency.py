"""P6: batches of statuses over five providers that take 200 ms to answer, by four worker processes.

Floor: calls × latency / the calls that may be in flight, or what the budget allows, whichever takes longer. The stub
is another process; it, the workers and the database share this machine's processors, which is what the gap is made of.
"""

from __future__ import annotations

import multiprocessing
import time
from typing import Any, Final

from tests.bench.harness import Row
from tests.bench.stub import stub

LATENCY: Final = 0.2
PROVIDERS: Final = 5
PROCESSES: Final = 4
BATCH: Final = 100
RATES: Final = ((60_000, "as fast as the places in flight allow"), (1_200, "at 1,200 calls a minute"))


def run(size: int) -> list[Row]:
    """Measure ``size`` batches over all providers together, on the database that is set up."""
    with stub(LATENCY) as address:
        _prepare(address, size)
        return [_measure(size, rate, what) for rate, what in RATES]


def _prepare(address: str, batches: int) -> None:
    from orders.models import Order
    from providers.models import Provider

    for number in range(PROVIDERS):
        provider = Provider.objects.create(
            name=f"bench latency {number}", dialect="smmplus", api_url=address, api_key="0123456789", currency="USD"
        )
        count = batches // PROVIDERS * BATCH
        Order.objects.bulk_create(
            (Order(provider=provider, external_id=str(one), status="pending") for one in range(1, count + 1)),
            batch_size=2_000,
        )


def _measure(batches: int, rate: int, what: str) -> Row:
    from django.db import connections

    from providers.calls.rate_limit import SHARE_USED, places_for
    from providers.models import Provider, RequestBudget

    ids = list(Provider.objects.filter(name__startswith="bench latency").order_by("pk").values_list("pk", flat=True))
    Provider.objects.filter(pk__in=ids).update(requests_per_minute=rate)
    RequestBudget.objects.all().delete()
    connections.close_all()
    context = multiprocessing.get_context("spawn")
    ready, calls = context.Barrier(PROCESSES + 1), context.Queue()
    workers = [context.Process(target=_work, args=(ids[place::PROCESSES], ready, calls)) for place in range(PROCESSES)]
    for worker in workers:
        worker.start()
    ready.wait()
    began = time.perf_counter()
    made = sum(calls.get(timeout=600) for _ in workers)
    took = time.perf_counter() - began
    for worker in workers:
        worker.join()
    places = places_for(rate) * PROVIDERS
    floor = max(made * LATENCY / places, (made / PROVIDERS - 1) * 60 / (rate * SHARE_USED))
    return Row(
        "P6",
        f"{made:,} batches, {PROVIDERS} providers at {1000 * LATENCY:.0f} ms, {what}",
        "≤ 1.25 × floor",
        f"{floor:.1f} s ({places} in flight)",
        f"{took:.1f} s, {made * BATCH / took:,.0f} orders a second",
        f"{took / floor:.2f}",
        took <= 1.25 * floor and made == batches,
    )


def _work(ids: list[int], ready: Any, calls: Any) -> None:
    import django

    django.setup()
    from django.conf import settings

    from orders.polling import services as polling_services
    from orders.polling.subjects import ORDERS
    from panelhub.background.fanout import for_each
    from providers.models import Provider

    settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS = True
    providers = list(Provider.objects.filter(pk__in=ids))
    ready.wait()
    done = for_each(providers, lambda provider: polling_services.sync_now(ORDERS, provider))
    made = 0
    for provider, synced in done:
        if isinstance(synced, Exception) or synced.failure:
            raise RuntimeError(f"{provider}: {synced}")
        made += synced.calls
    calls.put(made)
