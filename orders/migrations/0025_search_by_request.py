"""The id of a click finds product orders, refills and cancellations: an index each, made beside writers."""

from django.db import migrations, models

from panelhub.db.indexes import AddIndexBesideWriters

INDEXES = {
    "productorder": "product_order_by_request",
    "refill": "refill_by_request",
    "cancellation": "cancellation_by_request",
}


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0024_growth")]

    operations = [
        AddIndexBesideWriters(
            model,
            models.Index(condition=models.Q(("request_id", ""), _negated=True), fields=["request_id"], name=name),
        )
        for model, name in INDEXES.items()
    ]
