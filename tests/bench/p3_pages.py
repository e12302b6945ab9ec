"""P3: every page that is looked at all day, in a hub with a million orders and 100,000 services.

Floor: a view that answers with a word, behind login and the same middleware, from the same server. Both are requested
over a kept connection. Statements are counted in this process, apart from what is timed.
"""

from __future__ import annotations

import io
import re
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse
from django.utils import timezone

from tests.bench.full_hub import FullHub, fill
from tests.bench.harness import Row
from tests.bench.served import Visitor, served

TIMES: Final = 15
MOST_STATEMENTS: Final = 8
MOST_BYTES: Final = 100_000
TIMES_FLOOR: Final = 4.0
TIMES_PAGE_ONE: Final = 1.3
_COUNTED: Final = re.compile(r"\bCOUNT\(\*\)", re.IGNORECASE)
_HARMLESS: Final = re.compile(r"LIMIT \d+\)|sqlite_master")
"""A count that ends at a cap, and a look at the list of SQLite's tables."""


@login_required
def floor(request: HttpRequest) -> HttpResponse:
    """Show the least that a view behind login can do: it knows who asks."""
    return HttpResponse(request.user.get_username())


urlpatterns = [path("floor", floor), path("", include("panelhub.urls"))]


@dataclass(frozen=True, slots=True)
class Address:
    """A page that is measured; ``shallow`` is the same list's first page, for one at depth.

    Those without a goal are shown to be compared.
    """

    what: str
    url: str
    shallow: str = ""
    has_goal: bool = True


def run(size: int) -> list[Row]:
    """Measure pages over ``size`` orders and a tenth as many services, on the database that is set up."""
    from django.conf import settings

    settings.ROOT_URLCONF = __name__
    hub = fill(orders=size, services=size // 10)
    browser = Browser(hub.person)
    with served() as port:
        visitor = Visitor(port, browser.cookie)
        return [_measure(browser, visitor, address) for address in pages(hub)]


def pages(hub: FullHub) -> Iterable[Address]:
    """Return every tab, filter and sort of the lists, and the other pages."""
    from orders.listing.queries import TABS
    from orders.models import Order
    from providers.catalogue.filters import SORTS

    orders, services = reverse("orders:list"), reverse("providers:services")
    newest = Order.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    deep = newest - hub.orders // 2
    some = Order.objects.filter(status="completed").order_by("-pk").first()
    assert some is not None
    day = timezone.localdate() - timedelta(days=200)
    for tab in TABS:
        yield Address(f"orders, tab {tab.slug or 'all'}", f"{orders}?tab={tab.slug}")
    for what, query in (
        ("state", "status=partial"),
        ("provider", f"provider={hub.providers[1]}"),
        ("person", f"person={hub.person.pk}"),
        ("service", f"service={some.service_id}"),
        ("client", "client=Client+3"),
        ("mass order", f"mass={hub.mass_orders[0]}"),
        ("period", f"since={day}&until={day + timedelta(days=30)}"),
        ("provider and state", f"provider={hub.providers[1]}&status=partial"),
        ("person and tab", f"person={hub.person.pk}&tab=active"),
        ("search by link", "q=https://www.instagram.com/p/77/"),
        ("search by the provider's id", "q=10000077"),
        ("search that finds nothing", "q=nothing-of-the-kind"),
    ):
        yield Address(f"orders, {what}", f"{orders}?{query}")
    yield Address(f"orders, at depth {hub.orders // 2:,}", f"{orders}?after={deep}", shallow=orders)
    yield Address(
        f"orders, done, at depth {hub.orders // 2:,}", f"{orders}?tab=done&after={deep}", shallow=f"{orders}?tab=done"
    )
    for sort in SORTS:
        yield Address(f"services, {sort.slug}", f"{services}?sort={sort.slug}")
    for what, query in (
        ("one provider", f"provider={hub.providers[2]}"),
        ("platform", "platform=youtube"),
        ("search of a word", "q=telegram+members"),
        ("search of one service", "q=7918"),
        ("search of two letters", "q=yo"),
        ("search that finds nothing", "q=nothing-of-the-kind"),
    ):
        yield Address(f"services, {what}", f"{services}?{query}")
    for what, query in (("nothing typed", ""), ("search", "?q=instagram+followers")):
        yield Address(f"choose a service, {what}", f"{reverse('orders:create')}{query}")
    yield Address("API offers", reverse("api:shelf"))
    yield Address("one order", reverse("orders:detail", args=[newest]))
    yield Address("one service", reverse("providers:service", args=[hub.services[3]]))
    yield Address("dashboard, 30 days", f"{reverse('orders:dashboard')}?days=30")
    yield Address("unconfirmed", reverse("orders:unconfirmed"), has_goal=False)
    yield Address("one mass order", reverse("orders:mass_detail", args=[hub.mass_orders[0]]), has_goal=False)
    yield Address("money", reverse("orders:money"), has_goal=False)
    yield Address("providers", reverse("providers:list"), has_goal=False)


class Browser:
    """Someone who is logged in and asks through WSGI."""

    def __init__(self, person: Any) -> None:
        from django.conf import settings
        from django.core.wsgi import get_wsgi_application
        from django.test import Client

        client = Client()
        client.force_login(person, backend="panelhub.security.backends.RoleBackend")
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        self._application = get_wsgi_application()

    def get(self, url: str) -> bytes:
        """Return the page; raises ``RuntimeError`` when it is none."""
        reported: list[str] = []

        def tell(status: str, headers: Any, problem: Any = None, /) -> Any:
            reported.append(status)

        address, _mark, query = url.partition("?")
        reply = self._application(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": address,
                "QUERY_STRING": query,
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "80",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "REMOTE_ADDR": "127.0.0.1",
                "HTTP_COOKIE": self.cookie,
                "wsgi.url_scheme": "http",
                "wsgi.input": io.BytesIO(),
                "wsgi.errors": io.StringIO(),
            },
            tell,
        )
        body = b"".join(reply)
        reply.close()
        if not reported[0].startswith("200"):
            raise RuntimeError(f"{url}: {reported[0]}")
        return body


def _measure(browser: Browser, visitor: Visitor, address: Address) -> Row:
    below = address.shallow or "/floor"
    # What a process looks up once in its life is no part of a page.
    browser.get(address.url)
    with CaptureQueriesContext(connection) as captured:
        body = browser.get(address.url)
    statements = len(captured)
    counts = sum(bool(_COUNTED.search(query["sql"])) and not _HARMLESS.search(query["sql"]) for query in captured)
    floors, ours = [], []
    visitor.time(address.url)
    for _ in range(TIMES):
        floors.append(visitor.time(below))
        ours.append(visitor.time(address.url))
    ratio = statistics.median(own / least for own, least in zip(ours, floors, strict=True))
    limit = TIMES_PAGE_ONE if address.shallow else TIMES_FLOOR
    met = ratio <= limit and statements <= MOST_STATEMENTS and len(body) <= MOST_BYTES and not counts
    return Row(
        "P3",
        address.what,
        f"≤ {limit} ×{' page one' if address.shallow else ''}, ≤ {MOST_STATEMENTS} statements, ≤ 100 KB"
        if address.has_goal
        else "a figure to compare",
        floor=f"{1000 * statistics.median(floors):.1f} ms",
        ours=f"{1000 * statistics.median(ours):.1f} ms, {statements} statements, {len(body) / 1000:.0f} KB"
        + (f", {counts} COUNT(*)" if counts else ""),
        ratio=f"{ratio:.1f}",
        is_met=met if address.has_goal else None,
    )
