from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The name by which a service finds its measurements; nothing changes in the database."""

    dependencies = [("orders", "0014_request_ids"), ("providers", "0007_service_facts")]

    operations = [
        migrations.AlterField(
            "servicequality",
            "service",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="measured", to="providers.service"
            ),
        ),
    ]
