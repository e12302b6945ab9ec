"""P5: how much of a request budget four processes use together, and how soon a person's click goes out meanwhile.

Measured where it counts: by when the sandbox received each call, over real HTTP. One account may be called 300 times a
minute; for the other nothing is stated, which means 60.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from typing import Any, Final

from tests.bench.harness import Row

PROCESSES: Final = 4
THREADS: Final = 8
WINDOW: Final = 60.0
SETTLING: Final = 4.0
"""Seconds until all processes are at work; the minute that counts begins after them."""
CLICK_EVERY: Final = 2.5
PANELS: Final = (("servsmm", 300), ("smmplus", 60))
NOTICED: Final = 0.25
"""Seconds of which no one knows whether the machine or the budget took them: this machine runs everything."""


def run(size: int) -> list[Row]:
    """Measure for ``size`` seconds (at least a minute and a bit), on the database that is set up."""
    from django.db import connections

    from providers.calls.rate_limit import ensure_rows, gap_of
    from providers.models import Provider
    from providers.sandbox import Sandbox

    seconds = max(float(size), WINDOW + SETTLING + 4)
    with Sandbox(only=[slug for slug, _rate in PANELS]) as box:
        for slug, _rate in PANELS:
            provider = Provider.objects.create(
                name=f"bench {slug}", dialect=slug, api_url=box.url(slug), api_key=box.key(slug), is_sandbox=True
            )
            ensure_rows(provider)
        rates = {slug: Provider.objects.get(dialect=slug).rate_limit for slug, _rate in PANELS}
        connections.close_all()
        context = multiprocessing.get_context("spawn")
        waits = context.Queue()
        workers = [context.Process(target=_poll, args=(box.address, seconds)) for _ in range(PROCESSES)]
        workers.append(context.Process(target=_click, args=(box.address, seconds, waits)))
        for worker in workers:
            worker.start()
        waited: dict[str, list[float]] = waits.get(timeout=seconds + 120)
        for worker in workers:
            worker.join()
        rows = []
        for slug, rate in PANELS:
            assert rates[slug] == rate, rates
            arrivals = sorted(call.at for call in box.panel(slug).requests)
            rows.extend(_judge(rate, arrivals, waited[slug], gap_of(rate)))
    return rows


def _judge(rate: int, arrivals: list[float], waited: list[float], gap: float) -> list[Row]:
    begin = arrivals[0] + SETTLING
    used = sum(begin <= at < begin + WINDOW for at in arrivals) / rate
    most = max(_within(arrivals, first) for first in arrivals)
    late, longest = sorted(waited)[int(0.95 * len(waited))], max(waited)
    return [
        Row("P5", f"{rate} a minute, {PROCESSES} processes: used in a minute", "≥ 95 %", f"{rate} calls",
            f"{used * rate:.0f} calls", f"{used:.1%}", used >= 0.95),
        Row("P5", f"{rate} a minute: most in any sliding 60 s", f"≤ {rate}", f"{rate} calls", f"{most} calls", "",
            most <= rate),
        Row("P5", f"{rate} a minute: a click goes out while polls wait (95 of 100)", f"≤ 2 slots + {NOTICED} s",
            f"{2 * gap:.2f} s", f"{late:.2f} s, longest {longest:.2f} s", f"{late / gap:.1f} slots",
            late <= 2 * gap + NOTICED),
    ]  # fmt: skip


def _within(arrivals: list[float], first: float) -> int:
    return sum(first <= at < first + WINDOW for at in arrivals)


def _set_up(address: str) -> dict[str, Any]:
    import django

    django.setup()
    from django.conf import settings

    from providers.models import Provider

    settings.PANELHUB_SANDBOX_ORIGIN = address
    return {provider.dialect: provider for provider in Provider.objects.all()}


def _poll(address: str, seconds: float) -> None:
    """Ask without end, with as many threads at each account as could ever be in flight there."""
    providers = _set_up(address)
    ends = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_poll_one, args=(provider, ends))
        for provider in providers.values()
        for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _poll_one(provider: Any, ends: float) -> None:
    from django.db import connection

    from providers.calls.rate_limit import BudgetExhausted, CallPriority
    from providers.calls.services import calling
    from providers.client.errors import ProviderError
    from providers.dialects import Action

    while (left := ends - time.monotonic()) > 0:
        try:
            with calling(provider, Action.multi_status, priority=CallPriority.POLL) as client:
                client.statuses([str(number) for number in range(1, 101)])
        except (ProviderError, BudgetExhausted):
            # No order of that id: a call all the same.
            time.sleep(min(0.01, left))
    connection.close()


def _click(address: str, seconds: float, waits: Any) -> None:
    """Every few seconds one click at each account; how long each waited until it could go out."""
    from providers.dialects import Action

    providers = _set_up(address)
    from providers.calls.rate_limit import CallPriority
    from providers.calls.services import calling

    waited: dict[str, list[float]] = {slug: [] for slug in providers}
    ends = time.monotonic() + seconds - CLICK_EVERY
    time.sleep(SETTLING)
    while time.monotonic() < ends:
        for slug, provider in providers.items():
            began = time.monotonic()
            with calling(provider, Action.balance, priority=CallPriority.CLICK) as client:
                waited[slug].append(time.monotonic() - began)
                client.balance()
        time.sleep(CLICK_EVERY)
    waits.put(waited)
