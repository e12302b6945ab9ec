"""The people of a run: they order, sometimes twice with one form, ask for refills and cancels, and take things back.

What was confirmed to them as accepted is stored, to be held against the database at the end. While the database is
down they see an error and send the same form again, as a browser would.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db import Error, connection
from django.db.models import QuerySet

from orders.aftercare import services as aftercare_services
from orders.models import Order, ProductOrder
from orders.placement.services import OrderInvalid, create_order, withdraw_order
from orders.products.services import create_product_order
from panelhub.background.job_registry import find_job
from providers.models import Product, Provider, Service

if TYPE_CHECKING:
    from providers.sandbox import Sandbox

Made = TypeVar("Made")

# How many orders wait to be sent before people pause: the faults are to meet all of them, not the last ones.
BACKLOG: Final = 300
DOUBLE_CLICKS: Final = 0.05
PRODUCTS: Final = 0.05
# Seconds of the panels' time that go by while it is ordered, and at least between two looks; an order takes 1,400.
COURSE_SECONDS: Final = 6_000.0
STEP_SECONDS: Final = 150.0
ROUNDS_AFTERWARDS: Final = 4
ASKED_AT_ONCE: Final = 6
PATIENCE_SECONDS: Final = 120.0


class Staff:
    """Everyone who orders. `reported` are the marks (link, or buyer input) of what was reported as accepted."""

    def __init__(self, *, person: Any, providers: Sequence[Provider], box: Sandbox, orders: int, seed: int) -> None:
        self.reported: set[str] = set()
        self.did: Counter[str] = Counter()
        self._person = person
        self._providers = list(providers)
        self._box = box
        self._wanted = orders
        self._cycle = min(100, max(5, orders // 40))
        self._backlog = min(BACKLOG, 2 * self._cycle)
        self._step = max(STEP_SECONDS, COURSE_SECONDS * self._cycle / orders)
        self._random = random.Random(seed)
        self._services = {provider.pk: _services_of(provider) for provider in providers}
        self._products = list(Product.objects.filter(provider__in=providers, inventory=None).exclude(require=""))
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="double click")

    def work(self, *, until: float) -> None:
        """Order all that is wanted, with everything that people do beside; stops at `until` on the monotonic clock."""
        with self._pool:
            for number in range(self._wanted):
                if time.monotonic() > until:
                    self.did["orders left out"] = self._wanted - number
                    return
                self._order(number)
                if number % self._cycle == self._cycle - 1:
                    self._look_after()
                    self._wait_for_the_queue(self._backlog, until)

    def see_it_through(self, *, until: float) -> None:
        """Go on asking for refills and cancels, until all that was ordered has been sent."""
        for _ in range(ROUNDS_AFTERWARDS):
            self._look_after()
            self._wait_for_the_queue(0, until)

    def go_on(self, *, until: float, enough: Callable[[], bool]) -> None:
        """Order more, one by one, until it is enough."""
        number = self._wanted
        with ThreadPoolExecutor(max_workers=2) as self._pool:
            while not enough() and time.monotonic() < until:
                self._order(number)
                number += 1
                time.sleep(0.1)
            self._wait_for_the_queue(0, until)

    def _let_time_pass(self) -> None:
        self._box.advance(self._step)
        for slug in ("sync_statuses", "sync_refills"):
            job = find_job(slug)
            assert job is not None
            persist(job.run_now)

    def _order(self, number: int) -> None:
        make, mark = self._form(number)
        times = 2 if self._random.random() < DOUBLE_CLICKS else 1
        made = list(self._pool.map(lambda _: self._send(make), range(times))) if times > 1 else [self._send(make)]
        self.did["double clicks"] += times - 1
        if len({row.pk for row in made}) > 1:
            self.did["forms that made two orders"] += 1
        self.reported.add(mark)
        self.did["ordered"] += 1

    def _send(self, make: Callable[[], Order | ProductOrder]) -> Order | ProductOrder:
        return persist(make, on_error=self._note_error)

    def _note_error(self) -> None:
        self.did["errors people saw"] += 1

    def _form(self, number: int) -> tuple[Callable[[], Order | ProductOrder], str]:
        token = uuid.uuid4()
        if self._products and self._random.random() < PRODUCTS:
            product = self._random.choice(self._products)
            mark, pieces = f"buyer-{number}@example.com", product.min_quantity or 1
            return (
                lambda: create_product_order(
                    user=self._person, product=product, quantity=pieces, require=mark, form_token=token
                )
            ), mark
        service = self._random.choice(self._services[self._random.choice(self._providers).pk])
        least = service.min_quantity or 1
        # Charges that differ let a search tell one lost order from another, as in real life.
        quantity = self._random.randint(least, min(service.max_quantity or least, least + 900))
        mark = f"https://example.com/p/{number}"
        fields = {"link": mark, "quantity": str(quantity)}
        return (lambda: create_order(user=self._person, service=service, fields=fields, form_token=token)), mark

    def _look_after(self) -> None:
        self._let_time_pass()
        mine = Order.objects.filter(provider__in=self._providers)
        open_ = mine.filter(status__in=("pending", "processing", "in_progress"), service__cancel=True)
        done = mine.filter(status="completed", service__refill=True)
        for wish, rows in ((aftercare_services.CANCEL, open_), (aftercare_services.REFILL, done)):
            self.did[f"{wish.slug}s asked for"] += persist(lambda wish=wish, rows=rows: self._ask(wish, rows))  # type: ignore[misc]
        queued = persist(lambda: mine.filter(status="queued").order_by("-id").first())
        if queued is not None and self._random.random() < 0.5:
            self.did["withdrawn"] += persist(lambda: withdraw_order(queued, by=self._person))

    def _ask(self, wish: Any, rows: QuerySet[Order]) -> int:
        ids = list(rows.order_by("-id").values_list("pk", flat=True)[:200])
        chosen = self._random.sample(ids, min(max(ASKED_AT_ONCE, self._cycle // 8), len(ids)))
        return aftercare_services.request_all(wish, Order.objects.all(), by=self._person, ids=chosen).created

    def _wait_for_the_queue(self, most: int, until: float) -> None:
        while time.monotonic() < until and persist(Order.objects.filter(status="queued").count) > most:
            time.sleep(0.2)


def _services_of(provider: Provider) -> list[Service]:
    plain = Service.objects.filter(provider=provider, type="default", is_available=True, min_quantity__lte=1_000)
    kept = list(plain.filter(refill=True)[:10]) + list(plain.filter(cancel=True)[:10])
    return kept or list(plain[:10])


def persist(work: Callable[[], Made], *, on_error: Callable[[], None] = lambda: None) -> Made:
    """Do `work`, again and again while the database is away; OrderInvalid and the like pass through."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except OrderInvalid:
            raise
        except Error:
            if time.monotonic() > deadline:
                raise
            on_error()
            connection.close()
            time.sleep(0.2)
        finally:
            if threading.current_thread() is not threading.main_thread():
                connection.close()
