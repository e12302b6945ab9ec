from django.db import migrations, models

from panelhub.db.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    # An index made beside writers cannot be made in a transaction.
    atomic = False

    dependencies = [
        ("orders", "0017_fill_link_keys"),
    ]

    operations = [
        AddIndexBesideWriters("order", models.Index(fields=["target_key", "-id"], name="order_by_target")),
    ]
