from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the one before it: no index is made in a transaction whose rows may still wait for their checks."""

    dependencies = [("providers", "0004_kinds_and_favourites")]

    operations = [
        migrations.AddIndex(
            model_name="service",
            index=models.Index(fields=["platform", "kind", "rate", "id"], name="service_kind_rate"),
        ),
    ]
