"""Refills and price changes of what is measured, and the completion to expect."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("orders", "0031_refill_care"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="providerquality",
            name="expected",
            field=models.FloatField(db_default=0.8, default=0.8),
        ),
        migrations.AddField(
            model_name="providerquality",
            name="refills_asked",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="providerquality",
            name="refills_decided",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="providerquality",
            name="refills_honoured",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="servicequality",
            name="expected",
            field=models.FloatField(db_default=0.8, default=0.8),
        ),
        migrations.AddField(
            model_name="servicequality",
            name="price_changes",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="servicequality",
            name="price_spread",
            field=models.FloatField(db_default=0.0, default=0.0, help_text="Highest price above the lowest one, as a share of it."),
        ),
        migrations.AddField(
            model_name="servicequality",
            name="refills_asked",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="servicequality",
            name="refills_decided",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="servicequality",
            name="refills_honoured",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
