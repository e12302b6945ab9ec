"""The id of the click on what it made and on the tries of it. No row is written: the columns have a default."""

from django.db import migrations, models

import panelhub.http.request_id
from panelhub.db.indexes import AddIndexBesideWriters

PAID_CALLS = ("order", "refill", "cancellation", "productorder")


def _column(default):
    return models.CharField(blank=True, db_default="", default=default, editable=False, max_length=64)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0001_squashed_0013")]

    operations = [
        *(migrations.AddField(name, "request_id", _column(panelhub.http.request_id.current_id)) for name in PAID_CALLS),
        migrations.AddField("attempt", "request_id", _column("")),
        AddIndexBesideWriters(
            "order",
            models.Index(
                condition=models.Q(("request_id", ""), _negated=True), fields=["request_id"], name="order_by_request"
            ),
        ),
    ]
