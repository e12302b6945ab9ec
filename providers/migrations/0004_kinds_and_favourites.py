from __future__ import annotations

from itertools import groupby
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from providers.models.service_kinds import OTHER, find_kind

AT_ONCE = 5_000


def find_kinds(apps: Any, _schema_editor: Any) -> None:
    """Give every known service its kind: a statement a kind for each few thousand rows."""
    services = apps.get_model("providers", "Service").objects.order_by("pk")
    last = 0
    while rows := list(services.filter(pk__gt=last).values_list("pk", "category", "name")[:AT_ONCE]):
        kinds = sorted((find_kind(category=category, name=name), pk) for pk, category, name in rows)
        for kind, found in groupby(kinds, key=lambda pair: pair[0]):
            if kind != OTHER:
                services.filter(pk__in=[pk for _kind, pk in found]).update(kind=kind)
        last = rows[-1][0]


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0003_services_closed_while_renumbered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="service",
            name="kind",
            field=models.SlugField(db_default="zz", db_index=False, default="zz", max_length=30, verbose_name="kind"),
        ),
        migrations.RunPython(find_kinds, migrations.RunPython.noop, elidable=True),
        migrations.CreateModel(
            name="Favourite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="favourites", to="providers.service"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="favourite",
            constraint=models.UniqueConstraint(fields=("person", "service"), name="favourite_once"),
        ),
    ]
