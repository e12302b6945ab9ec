from __future__ import annotations

from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    """What names say of services has its own columns; `0008` fills them."""

    dependencies = [("providers", "0008_unread_limits")]

    operations = [
        migrations.AddField(
            "service", "country", models.CharField("country", max_length=2, blank=True, default="", db_default="")
        ),
        migrations.AddField(
            "service",
            "quality",
            models.CharField(
                "quality",
                max_length=10,
                blank=True,
                default="",
                db_default="",
                choices=[("real", "Real"), ("high", "High quality"), ("mixed", "Mixed"), ("bot", "Bots")],
            ),
        ),
        migrations.AddField(
            "service",
            "gender",
            models.CharField(
                "gender",
                max_length=6,
                blank=True,
                default="",
                db_default="",
                choices=[("female", "Female"), ("male", "Male")],
            ),
        ),
        migrations.AddField("service", "refill_days", models.PositiveIntegerField("refill, days", null=True, blank=True)),
        migrations.AddField(
            "service", "speed_per_day", models.PositiveBigIntegerField("speed, a day", null=True, blank=True)
        ),
        migrations.AddField(
            "service", "start_minutes", models.PositiveIntegerField("start, minutes", null=True, blank=True)
        ),
        migrations.AddField(
            "service", "drop_percent", models.PositiveSmallIntegerField("drop, %", null=True, blank=True)
        ),
        migrations.AddField(
            "service",
            "by_hand",
            models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField())),
        ),
        migrations.AddField(
            "service", "read_version", models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
        ),
    ]
