"""One word for one state, in labels alone; a request is found by the provider's ID."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

from panelhub.db.indexes import AddIndexBesideWriters

HAS_ID = models.Q(external_id__isnull=False)
HUB = [
    ("queued", "Queued"),
    ("sending", "Sending"),
    ("unconfirmed", "Unconfirmed"),
    ("refused", "Rejected"),
    ("withdrawn", "Withdrawn"),
    ("given_up", "Closed as unknown"),
]
REFILL = [
    ("pending", "Pending"),
    ("in_progress", "In progress"),
    ("completed", "Completed"),
    ("rejected", "Rejected"),
    ("error", "Failed"),
]
OUTCOMES = [
    ("", "on its way"),
    ("accepted", "accepted"),
    ("refused", "rejected"),
    ("postponed", "not accepted, will retry"),
    ("not_sent", "never sent"),
    ("unknown", "unknown"),
]


def _status(choices: list[tuple[str, str]]) -> models.CharField[str, str]:
    return models.CharField(choices=choices, default="queued", max_length=20, verbose_name="status")


class Migration(migrations.Migration):
    # Indexes made beside writers cannot be made in a transaction.
    atomic = False

    dependencies: ClassVar = [("orders", "0032_measured_quality")]

    operations: ClassVar = [
        migrations.AlterField(
            "attempt", "outcome", models.CharField(blank=True, choices=OUTCOMES, default="", max_length=12)
        ),
        migrations.AlterField("cancellation", "status", _status([*HUB, ("accepted", "Accepted")])),
        migrations.AlterField("refill", "status", _status([*HUB, *REFILL])),
        *(
            AddIndexBesideWriters(
                model, models.Index(fields=["external_id"], condition=HAS_ID, name=f"{model}_by_id")
            )
            for model in ("cancellation", "refill")
        ),
    ]
