from django.db import migrations

from orders.links.backfill import fill_link_keys


def fill(apps, schema_editor):
    fill_link_keys(apps.get_model("orders", "Order"))


class Migration(migrations.Migration):
    """In small steps of their own, before the index is built: nothing is locked for long, and it can be run again."""

    atomic = False

    dependencies = [
        ("orders", "0016_link_keys"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
