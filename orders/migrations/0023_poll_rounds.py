"""Walk is PollRound now; its table stays, for code of the version before goes on using it."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("orders", "0022_keep_rights"),
        ("providers", "0012_request_budget"),
    ]

    operations: ClassVar = [
        migrations.AlterModelTable("walk", "orders_walk"),
        migrations.RenameModel("Walk", "PollRound"),
        migrations.AlterField(
            "pollround",
            "provider",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="poll_rounds",
                to="providers.provider",
            ),
        ),
    ]
