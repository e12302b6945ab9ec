"""Orders are found by their client, newest first and by time; indexes made beside writers."""

from django.db import migrations, models

from panelhub.db.indexes import AddIndexBesideWriters

HAS_CLIENT = models.Q(client__isnull=False)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0035_clients_from_labels")]

    operations = [
        AddIndexBesideWriters(
            "order", models.Index(fields=["client", "-id"], condition=HAS_CLIENT, name="order_of_client")
        ),
        AddIndexBesideWriters(
            "order",
            models.Index(fields=["client", "created_at"], condition=HAS_CLIENT, name="order_of_client_by_time"),
        ),
        AddIndexBesideWriters(
            "productorder",
            models.Index(fields=["client", "created_at"], condition=HAS_CLIENT, name="product_order_of_client"),
        ),
        migrations.RemoveIndex("order", "order_by_client"),
    ]
