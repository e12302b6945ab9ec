"""When ageing looks at an order next. In a transaction of its own: the indexes that follow are made without one."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("orders", "0023_poll_rounds")]

    operations: ClassVar = [
        migrations.AddField(
            "order",
            "ages_at",
            models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
