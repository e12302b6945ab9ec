"""P2: a provider's list of services read again: the same, in another order, and with one in a hundred changed.

Floor: ``json.loads``, plain normalising and one SELECT of what is stored. Ours is all of ``sync_services`` but the call
itself: fingerprint, the wire's readers, comparing, the guard, writing and the change feed.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from django.db import connection

from tests.bench.answered import answered
from tests.bench.harness import Row, changes_so_far, compare, counting, written_so_far
from tests.bench.memory import peak_growth

DOOR: Final = "providers.catalogue.fetch.calling"
CHANGED: Final = 100
"""One in so many."""


class Panel:
    """What the panel lists: a body, made before anything is measured."""

    def __init__(self, size: int) -> None:
        self.rows = [
            {
                "service": number,
                "name": f"Instagram Followers [Refill: {number % 90} Days] [Speed: {number % 50}K/Day] {number}",
                "type": "Default",
                "category": f"Instagram Followers · {number % 400}",
                "rate": f"{0.05 + number % 977 / 100:.4f}",
                "min": "10",
                "max": str(1_000 + number % 100_000),
                "refill": number % 3 == 0,
                "cancel": number % 2 == 0,
            }
            for number in range(1, size + 1)
        ]
        self.body = b""
        self.write()

    def write(self) -> None:
        """Put the rows, as they are now, into the body."""
        self.body = json.dumps(self.rows).encode()

    def turn(self) -> None:
        """The same services in another order: another body, and no service that changed."""
        self.rows.append(self.rows.pop(0))
        self.write()

    def change_some(self, every: int = CHANGED) -> None:
        """Another price for one in so many, others each time; far below what counts as a jump."""
        for row in self.rows[::every]:
            row["rate"] = f"{float(str(row['rate'])) + 0.0003:.4f}"
        self.turn()

    def post(self, route: Any, parameters: dict[str, str], **options: Any) -> Any:
        """In place of the transport."""
        from providers.client.exchange import RawReply

        return RawReply(200, {}, self.body)


def run(size: int) -> list[Row]:
    """Measure a tenth of ``size`` and ``size`` services, on the database that is set up."""
    return [row for services in (size // 10, size) for row in _measure(services)]


def _measure(size: int) -> list[Row]:
    provider, panel = _prepare(size)
    lenient = connection.vendor == "sqlite"

    def floor(number: int) -> None:
        _floor(provider, panel)

    def ours(number: int) -> None:
        _sync(provider, panel)

    rows = []
    for what, limit, before in (
        ("the same body", 0.2, None),
        ("the same services in another order", 2.0 if lenient else 1.5, panel.turn),
        ("one in a hundred changed", 2.0, panel.change_some),
    ):
        measured = compare(floor, ours, before=before)
        rows.append(_row(size, what, measured, limit=limit))
    rows.extend(_counts(provider, panel, size))
    rows.extend(_measure_memory(provider, panel, size))
    return rows


def load_for_memory(provider_id: int, body: str) -> Callable[[], Any]:
    """Return the sync that is to be measured, in a process that has done nothing before: its body is in a file."""
    from providers.models import Provider

    provider, panel = Provider.objects.get(pk=provider_id), Panel(0)
    panel.body = Path(body).read_bytes()
    return lambda: _sync(provider, panel)


def _measure_memory(provider: Any, panel: Panel, size: int) -> Iterator[Row]:
    for what, before in (
        ("the same services in another order", panel.turn),
        ("every price changed", lambda: panel.change_some(every=1)),
    ):
        before()
        with NamedTemporaryFile(prefix="panelhub-bench-") as file:
            file.write(panel.body)
            file.flush()
            grown = peak_growth("tests.bench.p2_catalogue:load_for_memory", provider.pk, file.name)
        share = grown / len(panel.body)
        yield Row(
            "P2",
            f"{size:,} services, {what}: memory",
            "≤ 20 × the body",
            f"{len(panel.body) / 1e6:.1f} MB",
            f"{grown / 1e6:.0f} MB",
            f"{share:.1f}",
            share <= 20,
        )


def _prepare(size: int) -> tuple[Any, Panel]:
    from providers.models import Provider

    provider = Provider.objects.create(
        name=f"bench catalogue {Provider.objects.count()}",
        dialect="smmplus",
        api_url="https://bench.invalid/api/v2",
        currency="USD",
    )
    panel = Panel(size)
    _sync(provider, panel)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return provider, panel


def _sync(provider: Any, panel: Panel) -> Any:
    from providers.catalogue.sync import sync_services

    with answered(provider, panel, DOOR):
        return sync_services(provider)


def _floor(provider: Any, panel: Panel) -> list[Any]:
    from providers.catalogue.diff import KNOWN
    from providers.models import Service

    listed = [
        (
            str(row["service"]),
            _plain(row["name"]),
            _plain(row["type"]),
            _plain(row["category"]),
            Decimal(row["rate"]),
            int(row["min"]),
            int(row["max"]),
            bool(row["refill"]),
            bool(row["cancel"]),
        )
        for row in json.loads(panel.body)
    ]
    statement, parameters = (
        Service.objects.filter(provider=provider).order_by().values_list(*KNOWN).query.sql_with_params()
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [listed, cursor.fetchall()]


def _plain(text: str) -> str:
    """Return the least that makes a stranger's text fit to be stored."""
    return html.unescape(text).strip()[:500] if text.isprintable() else ""


def _row(size: int, what: str, measured: Any, *, limit: float) -> Row:
    wall, cpu = measured.ratio("wall"), measured.ratio("cpu")
    return Row(
        "P2",
        f"{size:,} services, {what}",
        f"≤ {limit} × floor",
        floor=f"{measured.median('floors', 'wall'):.2f} s, CPU {measured.median('floors', 'cpu'):.2f} s",
        ours=f"{measured.median('ours', 'wall'):.2f} s, CPU {measured.median('ours', 'cpu'):.2f} s",
        ratio=f"{wall:.2f}, CPU {cpu:.2f}",
        is_met=wall <= limit,
    )


def _counts(provider: Any, panel: Panel, size: int) -> list[Row]:
    panel.turn()
    changes, written = changes_so_far(), written_so_far("providers_service")
    with counting() as counted:
        _sync(provider, panel)
    after = written_so_far("providers_service")
    # On SQLite the one row of the provider itself is among them.
    rows = after[0] - written[0] if written and after else changes_so_far() - changes - 1
    return [
        Row("P2", f"{size:,} services in another order: statements", "≤ 3", "1", str(counted.total), "",
            counted.total <= 3),
        Row("P2", f"{size:,} services in another order: services written", "0 rows", "", f"{rows} rows", "", rows <= 0),
    ]  # fmt: skip
