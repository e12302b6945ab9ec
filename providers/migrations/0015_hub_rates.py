"""The rate of services in the hub's currency; the indexes of lists by price follow it."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

from panelhub.db.indexes import AddIndexBesideWriters
from providers.models.hub_rates import Price

_MONEY = {"max_digits": 30, "decimal_places": 10}
_PRICE = models.Func(
    models.F("hub_rate"), template="COALESCE(%(expressions)s, 1e19)", output_field=Price()
)
_PRICE_DOWN = models.Func(
    models.F("hub_rate"), template="COALESCE(-(%(expressions)s), 1e19)", output_field=Price()
)
_SHELF = models.Func(
    models.F("platform"), template="COALESCE(NULLIF(%(expressions)s, ''), 'zzzz')", output_field=models.TextField()
)
_OLD = (
    *("service_by_rate", "service_provider_rate", "service_platform_rate"),
    *("service_kind_rate", "service_type_rate", "service_of_provider"),
)
_NEW = (
    models.Index(_PRICE, "id", name="service_price"),
    models.Index(_PRICE_DOWN, "id", name="service_price_down"),
    models.Index(_SHELF, "kind", _PRICE, "id", name="service_shelf_price"),
    models.Index("platform", _PRICE, "id", name="service_platform_price"),
    models.Index("platform", "kind", _PRICE, "id", name="service_kind_price"),
    models.Index("provider", _PRICE, "id", name="service_provider_price"),
    models.Index("provider", "platform", "kind", _PRICE, "id", name="service_provider_kind_price"),
    models.Index("type", _PRICE, "id", name="service_type_price"),
)


class Migration(migrations.Migration):
    # An index made beside writers cannot be made in a transaction.
    atomic = False

    dependencies: ClassVar = [("providers", "0014_plain_words")]

    operations: ClassVar = [
        *(migrations.RemoveIndex("service", name) for name in _OLD),
        migrations.AddField(
            "service",
            "hub_rate",
            models.DecimalField(
                blank=True, editable=False, null=True, verbose_name="rate in the hub’s currency", **_MONEY
            ),
        ),
        *(AddIndexBesideWriters("service", index) for index in _NEW),
        # The indexes above begin with these.
        migrations.AlterField(
            "service", "type", models.SlugField("type", max_length=60, default="default", db_index=False)
        ),
        migrations.AlterField(
            "service",
            "platform",
            models.SlugField("platform", max_length=30, blank=True, default="", db_index=False),
        ),
    ]
