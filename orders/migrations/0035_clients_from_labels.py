"""The labels that orders had become clients, and their orders refer to them; in steps that can be run again."""

from django.db import migrations

from orders.clients.backfill import link_labels


def link(apps, schema_editor):
    names = ("Client", "Order", "ProductOrder", "MassOrder", "Schedule", "Chain")
    link_labels(*(apps.get_model("orders", name) for name in names))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0034_clients")]

    operations = [migrations.RunPython(link, migrations.RunPython.noop)]
