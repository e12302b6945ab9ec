from __future__ import annotations

from typing import Any

from django.db import migrations


def sort_by_bytes(_apps: Any, schema_editor: Any) -> None:
    """Have PostgreSQL sort platforms as Python does, whatever the database's language: one may hold an underscore."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('ALTER TABLE providers_service ALTER COLUMN platform TYPE varchar(30) COLLATE "C"')


class Migration(migrations.Migration):
    dependencies = [("providers", "0010_read_service_names")]

    operations = [migrations.RunPython(sort_by_bytes, migrations.RunPython.noop)]
