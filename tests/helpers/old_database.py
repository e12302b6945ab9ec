"""A database as an earlier version left it, filled, and then brought forward. Run as a program of its own.

    python -m tests.helpers.old_database

The database of the settings must be empty. What is found before and after is printed as one JSON object.
"""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any, Final

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from panelhub.management.commands.migrate import SQUASHED

# The version before this one. Nothing older comes forward: see `panelhub/management/commands/migrate.py`.
START: Final = {app: squashed for app, (squashed, _last) in SQUASHED.items()}
KEY: Final = "a-key-that-was-encrypted-then"
STATUSES: Final = ("held", "queued", "unconfirmed", "rejected", "pending", "in_progress", "completed", "refunded")
ROWS: Final = 400


def go_back() -> Any:
    """Make the tables as they were, and return the models of that time."""
    executor = MigrationExecutor(connection)
    others = [node for node in executor.loader.graph.leaf_nodes() if node[0] not in START]
    targets = [*others, *START.items()]
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def fill(apps: Any, *, again: bool = False) -> None:
    """Add rows with the code of that time; ``again`` adds those that the old code goes on adding during an upgrade."""
    now, tag = timezone.now(), "later" if again else "old"
    user = apps.get_model("auth", "User").objects.create(username=tag)
    provider = apps.get_model("providers", "Provider").objects.create(
        name=tag, dialect="standard", api_url="https://panel.example/api/v2", api_key=KEY, balance=Decimal("12.5")
    )
    service_model, order_model = apps.get_model("providers", "Service"), apps.get_model("orders", "Order")
    services = service_model.objects.bulk_create(
        service_model(provider=provider, external_id=str(number), name=f"Instagram Likes {number}", rate=Decimal("0.9"))
        for number in range(ROWS)
    )
    orders = order_model.objects.bulk_create(
        order_model(
            provider=provider,
            service=services[number],
            created_by=user,
            link="https://example.com/p",
            quantity=100,
            status=STATUSES[number % len(STATUSES)],
            external_id=str(number) if number % len(STATUSES) > 3 else None,
            charge=Decimal("0.1"),
        )
        for number in range(ROWS)
    )
    make = {
        ("providers", "ServiceChange"): {"provider": provider, "service": services[0], "kind": "rate"},
        ("providers", "CallRecord"): {"provider": provider, "action": "add", "outcome": "Unknown", "excerpt": "cut"},
        ("providers", "CallCount"): {"provider": provider, "hour": now, "action": "add", "outcome": "ok", "calls": 3},
        ("providers", "BudgetLane"): {"provider": provider, "used": 7},
        ("providers", "BalanceReading"): {"provider": provider, "balance": Decimal("12.5")},
        ("providers", "CatalogueHold"): {"provider": provider, "body_hash": "a", "reason": "halved"},
        ("orders", "Refill"): {"order": orders[6], "status": "pending"},
        ("orders", "Cancellation"): {"order": orders[4], "status": "accepted"},
        ("orders", "Attempt"): {"provider": provider, "action": "add", "order": orders[4], "outcome": "accepted"},
        ("orders", "OrderEvent"): {"order": orders[4], "kind": "created"},
        ("orders", "ProductOrder"): {"provider": provider, "quantity": 1, "created_by": user},
        ("panelhub", "AuditEvent"): {"actor": user, "action": "order.settled", "summary": tag},
        ("panelhub", "JobRun"): {"job": "sync", "started_at": now, "finished_at": now, "expires_at": now},
    }
    for (app, name), fields in make.items():
        apps.get_model(app, name).objects.create(**fields)


def count_rows() -> dict[str, int]:
    """Return how many rows each table of ours holds, by the tables that are there."""
    tables = [name for name in connection.introspection.table_names() if name.split("_")[0] in START]
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(tables):
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
            counts[table] = cursor.fetchone()[0]
    return counts


def look() -> dict[str, Any]:
    """Return what the code of today finds."""
    from django.db.models import Count, Sum

    from orders.models import Order
    from providers.models import CallRecord, Provider, RequestBudget

    provider = Provider.objects.get(name="old")
    return {
        "key": provider.api_key,
        "balance": str(provider.balance),
        "states": dict(
            Order.objects.filter(provider=provider).order_by().values_list("status").annotate(n=Count("pk"))
        ),
        "charged": str(Order.objects.filter(provider=provider).aggregate(sum=Sum("charge"))["sum"]),
        "records": list(CallRecord.objects.filter(provider=provider).values_list("is_paid", "size", "excerpt")),
        "request_budget": list(RequestBudget.objects.filter(provider=provider).values_list("used", "used_now")),
    }


def main() -> None:
    """Back, fill, forward, look."""
    django.setup()
    apps = go_back()
    fill(apps)
    before = count_rows()
    call_command("prepare", verbosity=0, stdout=io.StringIO())
    after = count_rows()
    if connection.vendor == "postgresql":
        # On SQLite nothing goes on meanwhile: the hub is one program, which is stopped for an upgrade.
        fill(apps, again=True)
    print(json.dumps({"before": before, "after": after, "found": look(), "at_the_end": count_rows()}))


if __name__ == "__main__":
    main()
