"""When a held order was let out: on that day it takes of a spending limit."""

from typing import Any

from django.db import migrations, models


class AddIndexBesideWriters(migrations.AddIndex):
    """On PostgreSQL made while others write: the table is read through once, a million orders or more."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        schema_editor.remove_index(model, self.index, concurrently=True)


class Migration(migrations.Migration):
    # An index made beside writers cannot be made in a transaction. The columns before it are empty: no row is written.
    atomic = False

    dependencies = [
        ("orders", "0012_role_memory"),
    ]

    operations = [
        migrations.AddField("order", "let_out_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField("productorder", "let_out_at", models.DateTimeField(blank=True, editable=False, null=True)),
        AddIndexBesideWriters(
            "order",
            models.Index(
                condition=models.Q(("let_out_at__isnull", False)),
                fields=["created_by", "let_out_at"],
                name="order_by_letting_out",
            ),
        ),
    ]
