from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The name by which a service finds its measurements; nothing changes in the database."""

    dependencies = [("orders", "0019_balance_checks"), ("providers", "0009_service_facts")]

    operations = [
        migrations.AlterField(
            "servicequality",
            "service",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="measured", to="providers.service"
            ),
        ),
    ]
