"""P9: the API for programs, adds and statuses of a hundred ids a call, by two processes at once.

Floor: a view that answers ``{}`` behind the same middleware. Both are called through WSGI, without a socket: a client
on the same two cores would be measured along. Each process has a token and a database connection of its own.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from tests.bench.harness import Row

PROCESSES: Final = 2
IDS: Final = 100
_PROGRAMS: list[tuple[str, str]] = []


@csrf_exempt
@login_not_required
def floor(request: HttpRequest) -> JsonResponse:
    """Return the least that a view can do."""
    return JsonResponse({})


urlpatterns = [path("floor", floor), path("", include("panelhub.urls"))]


def run(size: int) -> list[Row]:
    """Measure ``size`` calls a process, on the database that is set up."""
    from django.conf import settings

    settings.ROOT_URLCONF = __name__
    service = _prepare()
    floor_rate = _rate(size, "/floor", lambda place, number: {"number": str(number)})
    adds = _rate(
        size,
        "/api/v2",
        lambda place, number: {
            "key": _PROGRAMS[place][0],
            "action": "add",
            "service": str(service),
            "link": f"https://example.com/{place}/{number}",
            "quantity": "100",
        },
    )
    statuses = _rate(
        size,
        "/api/v2",
        lambda place, number: {"key": _PROGRAMS[place][0], "action": "status", "orders": _PROGRAMS[place][1]},
    )
    return [
        _row("adds by two processes", "a figure to compare", floor_rate, adds, "a second"),
        _row(
            f"statuses of {IDS} ids by two processes", "a figure to compare", floor_rate, statuses,
            f"calls a second ({statuses * IDS:,.0f} orders)",
        ),
    ]  # fmt: skip


def _row(what: str, goal: str, floor_rate: float, ours: float, unit: str) -> Row:
    return Row(
        "P9",
        what,
        goal,
        floor=f"{floor_rate:,.0f} calls a second",
        ours=f"{ours:,.0f} {unit}",
        ratio=f"{floor_rate / ours:.1f} × floor",
    )


def _prepare() -> int:
    from django.contrib.auth.models import User

    from orders.api.authentication import make_token
    from orders.models import OpenService, Order
    from providers.models import Provider, Service

    provider = Provider.objects.create(
        name="bench api", dialect="smmplus", api_url="https://bench.invalid/api/v2", currency="USD", balance=1_000
    )
    service = Service.objects.create(
        provider=provider, external_id="1", name="Views", rate=Decimal("0.9"), min_quantity=10, max_quantity=10_000
    )
    for place in range(PROCESSES):
        person = User.objects.create_superuser(f"bench-{place}")
        _row, key = make_token(person, "tests.bench", requests_per_minute=2_000_000_000)
        orders = Order.objects.bulk_create(
            Order(
                provider=provider,
                service=service,
                created_by=person,
                external_id=f"{place}-{number}",
                status="in_progress",
                quantity=1_000,
                rate=service.rate,
                charge=service.rate,
                currency="USD",
            )
            for number in range(IDS)
        )
        _PROGRAMS.append((key, ",".join(str(order.pk) for order in orders)))
    return OpenService.objects.create(service=service).pk


def _rate(size: int, address: str, call: Callable[[int, int], dict[str, str]]) -> float:
    """Return calls a second of all processes together, each counted from when all were ready."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    ready, results = context.Barrier(PROCESSES), context.Queue()
    workers = [
        context.Process(target=_work, args=(place, size, address, call, ready, results)) for place in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    seconds = [results.get(timeout=600) for _ in workers]
    for worker in workers:
        worker.join()
    return float(PROCESSES * size / max(seconds))


def _work(
    place: int, size: int, address: str, call: Callable[[int, int], dict[str, str]], ready: Any, results: Any
) -> None:
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    bodies = [urlencode(call(place, number)).encode() for number in range(size)]
    warm = urlencode(call(place, size)).encode()
    _call(application, address, warm)
    ready.wait()
    began = time.perf_counter()
    for body in bodies:
        _call(application, address, body)
    results.put(time.perf_counter() - began)


def _call(application: Any, address: str, body: bytes) -> None:
    """One call; raises ``RuntimeError`` when it is refused, so that no refusal is counted as work."""
    reported: list[str] = []
    reply = application(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": address,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
        },
        lambda status, headers: reported.append(status),
    )
    answer = b"".join(reply)
    reply.close()
    if not reported[0].startswith("200") or "error" in json.loads(answer):
        raise RuntimeError(f"{reported[0]}: {answer[:200]!r}")
