"""Services of a provider by platform, kind and rate."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

from panelhub.db.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    # An index made beside writers cannot be made in a transaction.
    atomic = False

    dependencies: ClassVar = [("providers", "0012_request_budget")]

    operations: ClassVar = [
        AddIndexBesideWriters(
            "service",
            models.Index(fields=["provider", "platform", "kind", "rate", "id"], name="service_of_provider"),
        ),
    ]
