from __future__ import annotations

from typing import Any

from django.db import migrations

from providers.catalogue.facts.rereading import reread_names


def read_names(apps: Any, schema_editor: Any) -> None:
    """Read the names of all known services."""
    reread_names(apps.get_model("providers", "Service"), using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    """Apart from the columns, so that the table is not locked while names are read."""

    atomic = False
    dependencies = [("providers", "0009_service_facts")]

    operations = [migrations.RunPython(read_names, migrations.RunPython.noop, elidable=True)]
