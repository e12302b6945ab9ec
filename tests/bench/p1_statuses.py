"""P1: statuses of many open orders, a hundred ids a call.

Floor: ``json.loads``, plain normalising and one raw set-based UPDATE a batch. Ours is the whole walk: taking legs,
reading the rows, the wire's readers, comparing, writing, history and charges. HTTP and the request budget are left
out on both sides; P5 and P6 measure those.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final
from unittest import mock

from django.db import connection

from tests.bench.answered import answered
from tests.bench.harness import Row, changes_so_far, compare, counting, written_so_far
from tests.bench.memory import peak_growth

BATCH: Final = 100
SPARE: Final = 8_000_000
STATES: Final = {"Pending": "pending", "In progress": "in_progress", "Completed": "completed"}
_COLUMNS: Final = ("status", "charge", "start_count", "remains", "currency")
_KINDS: Final = ("varchar", "numeric", "bigint", "bigint", "varchar")


class Replies:
    """What the panel answers: bodies by the first id of the batch, made before anything is measured."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.batches = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
        self.bodies: dict[str, bytes] = {}
        self.calls = 0

    def prepare(self, number: int, *, word: str = "In progress", same_charge: bool = False) -> None:
        """Every order has other figures for every ``number``, and the same charge as ever with ``same_charge``."""
        self.calls = 0
        shift = 0 if same_charge else number % 997
        self.bodies = {
            batch[0]: json.dumps(
                {
                    one: {
                        "charge": f"{0.27819 + shift / 1000 + place / 100000:.5f}",
                        "start_count": str(3000 + number),
                        "status": word,
                        "remains": str(100_000 - number - place),
                        "currency": "USD",
                    }
                    for place, one in enumerate(batch)
                }
            ).encode()
            for batch in self.batches
        }

    def post(self, route: Any, parameters: dict[str, str], **options: Any) -> Any:
        """In place of the transport."""
        from providers.client.exchange import RawReply

        self.calls += 1
        return RawReply(200, {}, self.bodies[parameters["orders"].partition(",")[0]])


def run(size: int) -> list[Row]:
    """Measure, on the database that is set up."""
    provider, replies = _prepare(size)
    rows = []
    for what, following in (
        ("start counts and remains of all change", _Next(replies, same_charge=True)),
        ("charges of all change too, each kept as a difference", _Next(replies)),
        ("states of all change too, each a line of history", _Next(replies, words=("Pending", "In progress"))),
    ):
        measured = compare(
            lambda number: _floor(provider, replies), lambda number: _sync(provider, replies), before=following
        )
        rows.append(_row(what, "≤ 1.5 × floor, CPU and total", measured, limit=1.5))
    _sync(provider, replies)
    still = compare(lambda number: _floor(provider, replies), lambda number: _sync(provider, replies))
    limit = 1.0 if connection.vendor == "postgresql" else 1.3
    rows.append(_row("none changes", f"≤ {limit} × floor", still, limit=limit))
    rows.extend(_counts(provider, replies, size))
    rows.append(_memory(provider, size))
    return rows


class _Next:
    """Before each run: other figures, and the states in turn."""

    def __init__(self, replies: Replies, *, words: Sequence[str] = ("In progress",), same_charge: bool = False) -> None:
        self._replies = replies
        self._words = words
        self._same_charge = same_charge
        self._number = 0

    def __call__(self) -> None:
        self._number += 1
        word = self._words[self._number % len(self._words)]
        self._replies.prepare(self._number, word=word, same_charge=self._same_charge)


def _prepare(size: int) -> tuple[Any, Replies]:
    from orders.models import Order
    from providers.models import Provider

    provider = Provider.objects.create(
        name="tests.bench", dialect="smmplus", api_url="https://bench.invalid/api/v2", currency="USD"
    )
    ids = [str(1_000_000 + number) for number in range(size)]
    Order.objects.bulk_create(
        (Order(provider=provider, external_id=one, status="in_progress", link="https://example.com/p") for one in ids),
        batch_size=2_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return provider, Replies(ids)


def _floor(provider: Any, replies: Replies) -> None:
    for batch in replies.batches:
        document = json.loads(replies.bodies[batch[0]])
        rows = [
            (
                one,
                STATES[row["status"]],
                Decimal(row["charge"]),
                int(row["start_count"]),
                int(row["remains"]),
                row["currency"],
            )
            for one, row in document.items()
        ]
        _write_raw(provider.pk, rows)


def _write_raw(provider: int, rows: list[tuple[Any, ...]]) -> None:
    sets = ", ".join(f"{name} = v.{name}" for name in _COLUMNS)
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{kind}[]" for kind in ("varchar", *_KINDS))
        source = f"unnest({arrays}) AS v(external_id, {', '.join(_COLUMNS)})"
        values: list[Any] = [list(column) for column in zip(*rows, strict=True)]
    else:
        picked = ", ".join(
            f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(("external_id", *_COLUMNS))
        )
        source = f"(SELECT {picked} FROM json_each(%s)) AS v"
        values = [json.dumps(rows, default=str)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE orders_order AS t SET {sets} FROM {source} "
            "WHERE t.provider_id = %s AND t.external_id = v.external_id",
            [*values, provider],
        )


def _sync(provider: Any, replies: Replies) -> Any:
    from orders.polling import services as polling_services
    from orders.polling.subjects import ORDERS

    with _without_wire(provider, replies):
        return polling_services.sync_now(ORDERS, provider)


@contextmanager
def _without_wire(provider: Any, replies: Replies) -> Iterator[None]:
    """One thread, a client that is answered from memory, no budget."""
    with (
        answered(provider, replies, "orders.polling.batches.calling"),
        mock.patch("orders.polling.poller.Poller._call_help", return_value=[]),
        mock.patch("orders.polling.poller.places_for", return_value=2),
    ):
        yield


def load_for_memory(provider_id: int, size: int, number: int) -> Callable[[], Any]:
    """Return a walk over the first ``size`` orders that changes all of them,
    in a process that has done nothing before.
    """
    from orders.models import Order
    from providers.models import Provider

    orders = Order.objects.filter(provider=provider_id).order_by("pk")
    # The others are none that the provider is polled, for as long as this process lives.
    Order.objects.filter(provider=provider_id).update(status="withdrawn", tier=0)
    asked = Order.objects.filter(pk__in=orders.values("pk")[:size])
    asked.update(status="in_progress", tier=Order.Tier.MOVING)
    provider = Provider.objects.get(pk=provider_id)
    replies = Replies([one or "" for one in orders.values_list("external_id", flat=True)[:size]])
    replies.prepare(number, word="Pending")
    return lambda: _sync(provider, replies)


def _memory(provider: Any, size: int) -> Row:
    few, many = (
        peak_growth("tests.bench.p1_statuses:load_for_memory", provider.pk, orders, number)
        for number, orders in ((100_002, size // 10), (100_003, size))
    )
    return Row(
        "P1",
        f"memory of a sync of {size:,} statuses, all changing",
        f"bounded: ≤ {SPARE / 1e6:.0f} MB more than for {size // 10:,}",
        f"{few / 1e6:.1f} MB",
        f"{many / 1e6:.1f} MB",
        f"{many / few:.2f}",
        many <= few + SPARE,
    )


def _row(what: str, goal: str, measured: Any, *, limit: float) -> Row:
    cpu, wall = measured.ratio("cpu"), measured.ratio("wall")
    return Row(
        "P1",
        what,
        goal,
        floor=f"{measured.median('floors', 'wall'):.2f} s, CPU {measured.median('floors', 'cpu'):.2f} s",
        ours=f"{measured.median('ours', 'wall'):.2f} s, CPU {measured.median('ours', 'cpu'):.2f} s",
        ratio=f"{wall:.2f}, CPU {cpu:.2f}",
        is_met=max(cpu, wall) <= limit,
    )


def _counts(provider: Any, replies: Replies, size: int) -> list[Row]:
    batches = len(replies.batches)
    still_before, wal_before = changes_so_far(), written_so_far("orders_order")
    with counting() as unchanged:
        _sync(provider, replies)
    still_after, wal_after = changes_so_far(), written_so_far("orders_order")
    calls = replies.calls
    replies.prepare(100_001, word="Pending")
    with counting() as changed:
        _sync(provider, replies)
    rows = [
        Row("P1", "HTTP calls", "= ceil(N / 100)", str(batches), str(replies.calls), "", replies.calls == batches),
        Row(
            "P1",
            "statements a batch, all states and charges change",
            "≤ 3",
            "1",
            f"{changed.total / batches:.2f}",
            "",
            changed.total / batches <= 3.6,
        ),
        Row("P1", "statements a batch, none changes", "≤ 3", "1", f"{unchanged.total / batches:.2f}", "", True),
    ]
    if wal_before is not None and wal_after is not None:
        written, wal = wal_after[0] - wal_before[0], (wal_after[1] - wal_before[1]) / size
        ours = f"{written} rows, {wal:.2f} bytes an order"
        rows.append(
            Row(
                "P1",
                "written when none changes",
                "0 rows, ≤ 1 byte of WAL an order",
                "",
                ours,
                "",
                written == 0 and wal <= 1,
            )
        )
    else:
        written = still_after - still_before
        ours = f"{written} rows of bookkeeping"
        rows.append(Row("P1", "written when none changes", "0 rows of orders", "", ours, "", written < batches))
    assert calls is not None
    return rows
