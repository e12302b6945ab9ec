"""What keeps two million orders quick: an index for each question of the background, and room to write in place."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models

from panelhub.db.ids import new_id
from panelhub.db.indexes import AddIndexBesideWriters

OPEN = ["in_progress", "pending", "processing"]
LIVE = ["held", "in_progress", "pending", "processing", "queued", "sending", "unconfirmed"]
UNFINISHED = [
    *("canceled", "failed", "given_up", "held", "in_progress", "partial", "pending", "processing"),
    *("queued", "refunded", "rejected", "sending", "unconfirmed", "withdrawn"),
]
HAS_ID = models.Q(external_id__isnull=False)
# Written all day, row by row. Free room on a page lets PostgreSQL write a changed row beside the old one, without
# touching an index; dead rows are cleared away before they are a fifth of a large table.
HOT = ("orders_order", "orders_attempt", "orders_massline", "orders_walk", "providers_budgetlane", "providers_callslot")


def set_storage(_apps: Any, schema_editor: Any) -> None:
    """Set fill factor and vacuuming of the tables that are written all day; PostgreSQL alone has them."""
    if schema_editor.connection.vendor == "postgresql":
        for table in HOT:
            schema_editor.execute(
                f"ALTER TABLE {table} SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, "
                "autovacuum_analyze_scale_factor = 0.02)"
            )


def reset_storage(_apps: Any, schema_editor: Any) -> None:
    """Take the settings back."""
    if schema_editor.connection.vendor == "postgresql":
        for table in HOT:
            schema_editor.execute(
                f"ALTER TABLE {table} RESET (fillfactor, autovacuum_vacuum_scale_factor, "
                "autovacuum_analyze_scale_factor)"
            )


class Migration(migrations.Migration):
    # Indexes made beside writers cannot be made in a transaction.
    atomic = False

    dependencies: ClassVar = [
        ("orders", "0023_poll_rounds"),
        ("providers", "0013_service_of_provider"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            "order",
            "ages_at",
            models.DateTimeField(blank=True, editable=False, null=True),
        ),
        # Python makes these ids: the tables stay as they are.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("attempt", "call", models.UUIDField(db_index=True, default=new_id)),
                *(
                    migrations.AlterField(
                        model, "uid", models.UUIDField(default=new_id, editable=False, unique=True)
                    )
                    for model in ("massorder", "order", "productorder")
                ),
            ]
        ),
        migrations.RunPython(set_storage, reset_storage),
        AddIndexBesideWriters(
            "order",
            models.Index(
                fields=["created_by", "status", "-id"],
                condition=models.Q(status__in=LIVE),
                name="order_live_by_person",
            ),
        ),
        AddIndexBesideWriters(
            "order",
            models.Index(
                fields=["provider", "status", "-id"],
                condition=models.Q(status__in=UNFINISHED),
                name="order_unfinished",
            ),
        ),
        AddIndexBesideWriters(
            "order",
            models.Index(
                fields=["provider", "ages_at"],
                condition=HAS_ID & models.Q(tier__gt=0),
                name="order_ageing",
            ),
        ),
        AddIndexBesideWriters(
            "order",
            models.Index(
                fields=["provider"],
                condition=HAS_ID & models.Q(tier=0, status__in=OPEN),
                name="order_forgotten",
            ),
        ),
    ]
